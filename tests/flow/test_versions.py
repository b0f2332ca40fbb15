"""mta.flow.versions: two people who change the same thing."""
import pytest

from mta.base.errors import Conflict
from mta.flow import versions

FIELDS = {"description": "a shop", "enabled": True, "quota": 5, "members": ["a", "b"]}


def test_the_same_is_no_conflict() -> None:
    """In whatever order; and who has no version means to overwrite."""
    versions.require(versions.version(FIELDS), dict(reversed(FIELDS.items())), "it")
    versions.require(None, FIELDS, "it")


def test_what_changed_is_said() -> None:
    """Each field that differs, with what it is now; not the others."""
    with pytest.raises(Conflict) as told:
        versions.require(versions.version(FIELDS), {**FIELDS, "description": "x" * 100, "enabled": False}, "the domain")
    said = str(told.value)
    assert said.startswith(f"somebody else changed the domain meanwhile: description is “{'x' * 60}…” now, enabled is off now. Load")
    assert "quota" not in said


@pytest.mark.parametrize("given", ["", "nonsense", ":", "description:", "a:b" * 10_000, "description:00000000,enabled"])
def test_what_is_no_version(given: str) -> None:
    """Is another one."""
    with pytest.raises(Conflict):
        versions.require(given, FIELDS, "it")
