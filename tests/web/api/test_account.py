"""web.api.account: a field that may be left out is empty then."""
import msgspec

from web.api import account, admin, admin_masks, away, forwarding, identities, masks, programs, rules, webmail


def test_what_may_be_left_out_is_empty() -> None:
    """Answers have all fields; a program may leave out only what then is nothing: no version to compare, no HTML (web.api)."""
    for module in (account, admin, admin_masks, away, forwarding, identities, masks, programs, rules, webmail):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct:
                assert all(field.required or field.default in ("", False) for field in msgspec.structs.fields(kind)), kind
                assert kind.__doc__, kind
