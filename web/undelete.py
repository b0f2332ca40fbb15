"""Messages that an account removed for good and can have back: thin, what may be is for mta.flow.undelete."""
from mta.base.limits import LIMITS
from mta.flow import undelete
from mta.store import accounts
from mta.store.deleted import LATEST
from web.api.keeping import DeletedMessage, DeletedMessages
from web.call import Call


def deleted(call: Call, before: float | None = None, before_id: int = 0) -> DeletedMessages:
    """What was removed for good, the last first, 100 at a time; go on with `deleted` (null: as it is) and `id` of the last one."""
    after = None if not before_id else (before if before is not None else LATEST, before_id)
    rows, total, size = undelete.page(call.world, call.account, after)
    row = call.world.store.read(lambda db: accounts.get(db, call.account))
    return DeletedMessages(
        [DeletedMessage(one.id, one.deleted, undelete.days_left(call.world, one), one.mailbox, one.received, one.from_text, one.subject,
                        one.size) for one in rows], total, size, row.quota if row else 0, round(LIMITS.deleted_age / 86_400))


def undelete_messages(call: Call, ids: list[int]) -> list[str]:
    """Bring messages back; gives the mailboxes they are in now.  user:notFound if one is gone, user:noRoom if the quota forbids."""
    return undelete.bring_back(call.world, call.account, ids)


def deleted_forget(call: Call, ids: list[int] | None = None) -> int:
    """Remove some (null: all) for good at once; gives how many."""
    if ids is None:
        return undelete.forget_all(call.world, call.account)
    return undelete.forget(call.world, call.account, ids)


FUNCTIONS = (deleted, undelete_messages, deleted_forget)
