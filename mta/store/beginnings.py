"""Beginnings of words (invo*), asked for in a way that FTS5 answers without collecting everything.

search.db has an index of the beginnings with three, five and seven letters (INDEXED); one of
these is as good as a word: its messages come one by one, newest first, until the page is
full.  For a beginning of any other length FTS5 first merges the lists of all words that
begin so, for all messages: a quarter of a second where nearly every one of 500,000 has such
a word.  So it is replaced by what it can stand for, either longer beginnings that are
indexed or whole words; these are looked up in the index's own vocabulary, from jump to jump.
What stands for more than a query may look up is left to FTS5: right, but slower.
"""
from typing import Final

import apsw

from mta.base.limits import LIMITS
from mta.store.connection import Connection, value
from mta.store.query import open_ended, quoted

#: Letters of beginnings that have an index of their own, as in schema.sql.
INDEXED: Final = (3, 5, 7)
#: As in schema.sql: what a word is, and how it is folded.
TOKENIZER: Final = ("unicode61", ("remove_diacritics", "2"))
VOCABULARY: Final = "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'text', 'instance')"
NEXT_WORD: Final = "SELECT term FROM temp.vocabulary WHERE term >= ? AND term < ? LIMIT 1"
#: Behind a text: the least and the greatest that can follow it.
LEAST, GREATEST = "\x01", "\U0010ffff"


class Beginnings:
    """What the beginnings in one query stand for; db must know the vocabulary (learn_vocabulary())."""

    def __init__(self, db: Connection) -> None:
        self._db, self._left = db, LIMITS.search_beginnings
        name, arguments = TOKENIZER
        self._tokenizer = db.fts5_tokenizer(name, list(arguments))

    def __call__(self, text: str) -> list[str]:
        """The strings of FTS5 that together mean text, a word or phrase whose last word may go on."""
        octets = text.encode("utf-8", "replace")
        found = self._tokenizer(octets, apsw.FTS5_TOKENIZE_QUERY, None, include_offsets=False, include_colocated=False)
        words = [str(word) for word in found]
        if not words or len(words[-1]) in INDEXED:
            return [open_ended(text)]
        *before, last = words
        meant = self._look_up(last)
        if meant is None:
            return [open_ended(text)]
        # Without any such word the text as it is finds nothing either.
        return [(open_ended if goes_on else quoted)(" ".join((*before, word))) for word, goes_on in meant] or [quoted(text)]

    def _look_up(self, beginning: str) -> list[tuple[str, bool]] | None:
        """What beginning stands for: words, and longer beginnings that are indexed (True).  None if that is too much."""
        indexed = next((length for length in INDEXED if length > len(beginning)), 0)
        found, at, end = [], beginning, beginning + GREATEST
        while (word := value(self._db, NEXT_WORD, (at, end))) is not None:
            self._left -= 1
            if self._left < 0:
                return None
            goes_on = 0 < indexed <= len(word)
            if goes_on:
                word = word[:indexed]
            found.append((word, goes_on))
            at = word + (GREATEST if goes_on else LEAST)
        return found


def learn_vocabulary(db: Connection) -> None:
    """Let db see the words of its index as a table of its own; before it becomes query_only."""
    db.execute(VOCABULARY)
