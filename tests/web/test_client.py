"""web/client: the TypeScript is sound, and web/static was made from it."""
import os
import shutil
from pathlib import Path

import pytest

from tests.clientpackages import CLIENT, install, run

STATIC = CLIENT.parent / "static"

pytestmark = [
    pytest.mark.xdist_group("client"),
    pytest.mark.skipif(
        not shutil.which("npm") and not os.environ.get("CI"), reason="npm is not installed, so the pages' sources cannot be built here")]


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """What the build needs, as package-lock.json names it."""
    install()


def test_types_fit() -> None:
    """The pages use the server's functions as their types say."""
    run("npx", "--no-install", "tsc", "--noEmit")


def test_the_committed_pages_are_fresh(tmp_path: Path) -> None:
    """Building again gives what is committed, octet for octet."""
    run("node", "build.mjs", str(tmp_path))
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert built == {path.name: path.read_bytes() for path in STATIC.iterdir()}, "run `npm run build` in web/client"


def test_the_pure_parts() -> None:
    """What needs no page is tested with node's own test runner."""
    run("node", "test.mjs")
