"""From the schema that has landed to the one with answers, forwarding, masks and identities."""
from contextlib import closing
from pathlib import Path

import apsw

from mta.store.migrations import m0002_answers

BEFORE = (Path(__file__).parent.parent / "schemas" / "0001.sql").read_text()


def test_rules_stay_as_they_are() -> None:
    """A rule that is there forwards nowhere and answers nothing; the key of return paths is made once."""
    start = BEFORE.index("-- database: pillarbox.db")
    with closing(apsw.Connection(":memory:")) as db:
        db.execute(BEFORE[start:BEFORE.index("-- database: trace.db")])
        db.execute("INSERT INTO account (name, created) VALUES ('ann', 1.0)")
        db.execute("INSERT INTO rule (account_id, position, name, enabled, last, author, sender, recipient, verified, network, list_id, "
                   "headers, lost_mailbox, flags, keywords, accept, forwarder, mailing_list) "
                   "VALUES (1, 1, 'x', 1, 1, 'a', '', '', '', '', '', x'80', '', 0, '', 0, 0, 0)")
        m0002_answers.step(db)

        assert list(db.execute("SELECT name, forward, reply FROM rule")) == [("x", "", "")]
        assert list(db.execute("SELECT length(value) FROM setting WHERE name = 'return_path'")) == [(32,)]
        assert list(db.execute("SELECT count(*) FROM vacation, forward_target, mask, identity, address_setting, mask_key")) == [(0,)]
