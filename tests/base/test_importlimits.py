"""Tests of mta.base.importlimits: all bounds are in one place, and agree with each other."""
from dataclasses import fields, replace

from mta.base.importlimits import ImportLimits
from mta.base.limits import LIMITS


def test_they_are_among_all_others() -> None:
    """Whoever has the limits has these; one of them can be replaced."""
    names = [field.name for field in fields(ImportLimits)]
    assert {name: getattr(LIMITS, name) for name in names} == {name: getattr(ImportLimits(), name) for name in names}
    assert replace(LIMITS, import_batch=3).import_batch == 3


def test_they_agree() -> None:
    """A group is part of what is asked about at once, a line is no longer than what is read of an answer, no wait outlives the answer's."""
    assert 0 < LIMITS.imap_messages <= LIMITS.imap_uids
    assert LIMITS.imap_wait < LIMITS.imap_answer_wait
    assert LIMITS.import_disk_left <= LIMITS.import_upload
    assert LIMITS.imap_literal <= LIMITS.imap_line
