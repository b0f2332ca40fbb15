"""web.api.reading: every field is always sent, and explained."""
import msgspec

from web.api import reading


def test_structs() -> None:
    """None has defaults; each says what it is."""
    kinds = [kind for kind in vars(reading).values()
             if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct]
    assert len(kinds) > 8
    for kind in kinds:
        assert all(field.required for field in msgspec.structs.fields(kind)), kind
        assert kind.__doc__
