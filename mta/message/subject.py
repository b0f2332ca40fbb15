"""Subjects without what answering and forwarding put around them (RFC 5256 §2.1).

The base subject tells threads apart where identifiers are missing.
"""
import re

#: RFC 5256 §5 subj-refwd with its blobs, and the same words of other languages' programs
#: (German, Dutch, Scandinavian, French, Italian, Spanish, Polish, Chinese …).
REFWD = re.compile(
    r"(?:re|fwd?|aw|wg|antw|sv|vs|vb|rv|tr|rif|r|i|odp|pd|enc|res|ynt|ilt|回复|回覆|答复|转发|轉寄)"
    r"(?:\s*\[[^\[\]]{0,100}\]|\s*\(\d{1,4}\)|\d{1,4})?\s*[:：]\s*", re.IGNORECASE)
BLOB = re.compile(r"\[[^\[\]]*\]\s*")
TRAILER = "(fwd)"
WRAPPED = "[fwd:"


def base_subject(text: str) -> str:
    """The base subject of a decoded subject: for comparing, in lower case, "" if nothing is left."""
    return _reduced(text)[0].lower()


def shown_subject(text: str) -> str:
    """The base subject with its case kept: what an answer's own "Re: " goes in front of."""
    return _reduced(text)[0]


def is_reply(text: str) -> bool:
    """True if the subject says that the message answers or forwards another."""
    return _reduced(text)[1]


def _reduced(text: str) -> tuple[str, bool]:
    """(base subject, whether something that says "answer" was removed)."""
    # (1) white space of any kind is one space.
    text = " ".join(text.split())
    start, end, answer = 0, len(text), False
    while True:
        # (2) trailers
        while True:
            while end > start and text[end - 1] == " ":
                end -= 1
            if end - start < len(TRAILER) or text[end - len(TRAILER):end].lower() != TRAILER:
                break
            end, answer = end - len(TRAILER), True
        start, some = _without_leaders(text, start, end)
        answer = answer or some
        # (6) [fwd: …] around all of it
        if text[start:start + len(WRAPPED)].lower() != WRAPPED or text[end - 1:end] != "]":
            return text[start:end], answer
        start, end, answer = start + len(WRAPPED), end - 1, True


def _without_leaders(text: str, start: int, end: int) -> tuple[int, bool]:
    """Where the subject begins after (3) "Re:" and the like and (4) [list names], unless nothing would be left."""
    answer = False
    while True:
        while start < end and text[start] == " ":
            start += 1
        if leader := REFWD.match(text, start, end):
            start, answer = leader.end(), True
            continue
        blob = BLOB.match(text, start, end)
        if not blob or blob.end() >= end or text[start:start + len(WRAPPED)].lower() == WRAPPED:
            return start, answer
        start = blob.end()
