"""web.api.account: every field is always sent."""
import msgspec

from web.api import account, admin, admin_masks, away, forwarding, identities, masks, programs, rules, webmail


def test_no_struct_has_defaults() -> None:
    """Both sides send all fields, so a page need not guess (web.api)."""
    for module in (account, admin, admin_masks, away, forwarding, identities, masks, programs, rules, webmail):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct:
                assert all(field.required for field in msgspec.structs.fields(kind)), kind
                assert kind.__doc__, kind
