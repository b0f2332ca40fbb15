"""mta.base.limits: bounds that standards demand."""
import dataclasses

from mta.base.limits import LIMITS, Limits


def test_standards_are_met() -> None:
    """RFC 5321 §4.5.3.1 names the least that a server must take."""
    assert LIMITS.command_line >= 512
    assert LIMITS.stored_line >= 998
    assert LIMITS.recipients >= 100
    assert LIMITS.received_fields >= 100
    assert LIMITS.command_wait >= 300


def test_every_bound_is_positive() -> None:
    """No limit is off by accident, and networks get no less than their members."""
    for field in dataclasses.fields(Limits):
        bound = getattr(LIMITS, field.name)
        widths = bound if isinstance(bound, tuple) else (bound,)
        assert all(width > 0 for width in widths), field.name
        assert list(widths) == sorted(widths), field.name
