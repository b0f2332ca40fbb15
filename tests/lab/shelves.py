"""What an account's database has, as its webmail should show it, and the first thing in which a page differs."""
import re
from dataclasses import dataclass, field
from typing import Any, Final

from mta.message.flags import Flags
from mta.store.listing import BY_DETAIL, BY_ROW
from tests.lab.server import Pillarbox

ORDERS: Final = {"newest": "received DESC, id DESC", **BY_ROW, **BY_DETAIL}
NO_LABEL: Final = re.compile(r"[$\\]")

Seen = dict[str, Any]


@dataclass
class Shelves:
    """The mailboxes of one account: name by id, counts by name, and messages (id, flags, labels, thread) of each in an order."""

    names: dict[int, str]
    counts: dict[str, list[int]]
    messages: dict[int, list[tuple[int, int, list[str], int]]] = field(default_factory=dict)

    @classmethod
    def look(cls, server: Pillarbox, account: str, order: str) -> "Shelves":
        """As they are now."""
        boxes = server.rows("SELECT mailbox.id, mailbox.name, total, unread FROM mailbox JOIN account ON account.id = account_id "
                            f"WHERE account.name = '{account}'")
        found = cls({ident: name for ident, name, _, _ in boxes}, {name: [total, unread] for _, name, total, unread in boxes},
                    {ident: [] for ident, *_ in boxes})
        for ident, box, flags, keywords, thread in server.rows(
                "SELECT id, mailbox_id, flags, keywords, thread_id FROM message JOIN message_detail ON message_id = id "
                f"WHERE mailbox_id IN ({', '.join(map(str, found.names))}) ORDER BY {ORDERS[order]}"):
            found.messages[box].append((ident, flags, [name for name in keywords.split() if not NO_LABEL.match(name)], thread))
        return found

    def difference(self, seen: Seen, threads: bool) -> str:
        """What is wrong with a page; "" if nothing is."""
        if seen["boxes"] != self.counts:
            return f"counts: {seen['boxes']} instead of {self.counts}"
        kind, what = ([*str(seen["hash"]).lstrip("#").split("/"), "", ""])[:2]
        inbox = next(ident for ident, name in self.names.items() if name == "Inbox")
        if kind == "search":
            return self._found(seen)
        box = int(what) if kind == "box" and int(what) in self.names else inbox
        if seen["heading"] != self.names[box].rpartition("/")[2] and seen["heading"] != self.names[box]:
            return f"heading {seen['heading']} instead of {self.names[box]}"
        return self._conversations(seen, box) if threads else self._list(seen, box)

    def _found(self, seen: Seen) -> str:
        known = {message[0]: message for messages in self.messages.values() for message in messages}
        for row in seen["rows"]:
            if row["id"] not in known:
                return f"{row} was found and is gone"
            if wrong := _row(row, known[row["id"]]):
                return wrong
        return ""

    def _list(self, seen: Seen, box: int) -> str:
        messages = self.messages[box]
        if seen["empty"] != (not messages) or (messages and seen["length"] != len(messages)):
            places = {message[0]: self.names[place] for place, found in self.messages.items() for message in found}
            shown = {row["id"]: places.get(row["id"]) for row in seen["rows"]}
            return (f"{self.names[box]} has {len(messages)} rows, shown are {seen['length']}, empty: {seen['empty']}, {seen['hash']}, "
                    f"{shown}")
        for row in seen["rows"]:
            if not row["id"]:
                return f"row {row['at']} is not read yet"
            if row["at"] >= len(messages) or messages[row["at"]][0] != row["id"]:
                return f"row {row['at']} of {self.names[box]} is {row['id']} instead of {messages[row['at']:row['at'] + 1]}"
            if wrong := _row(row, messages[row["at"]]):
                return wrong
        return ""

    def _conversations(self, seen: Seen, box: int) -> str:
        threads: dict[int, list[tuple[int, int, list[str], int]]] = {}
        for message in self.messages[box]:
            threads.setdefault(message[3], []).append(message)
        wanted, rows = list(threads.values()), seen["rows"]
        if seen["empty"] != (not wanted):
            return f"{self.names[box]} has {len(wanted)} conversations, empty: {seen['empty']}"
        heads = [row for row in rows if not row["inner"]]
        if not heads:
            return ""
        first = next((at for at, thread in enumerate(wanted) if thread[0][0] == heads[0]["id"]), -1)
        if first < 0 or (rows[0]["at"] == 0 and first != 0):
            return f"{heads[0]} is no conversation of {self.names[box]} at {first}"
        for head, thread in zip(heads, wanted[first:], strict=False):
            unread = [message for message in thread if not message[1] & Flags.SEEN]
            if head["id"] != thread[0][0] or head["total"] != len(thread):
                return f"{head} instead of {thread}"
            if not head["open"] and head["unread"] != bool(unread):
                return f"{head} is wrong, unread are {unread}"
            if head["open"] and (wrong := self._inner(rows[rows.index(head) + 1:], thread[1:])):
                return wrong
        return ""

    def _inner(self, rows: list[Seen], messages: list[tuple[int, int, list[str], int]]) -> str:
        for row, message in zip(rows, messages, strict=False):
            if row["id"] != message[0]:
                return f"{row} instead of {message} within a conversation"
            if wrong := _row(row, message):
                return wrong
        return ""


def _row(row: Seen, message: tuple[int, int, list[str], int]) -> str:
    _, flags, labels, _ = message
    wanted = (not flags & Flags.SEEN, bool(flags & Flags.FLAGGED), labels)
    return "" if (row["unread"], row["flagged"], row["labels"]) == wanted else f"{row} instead of {message}"
