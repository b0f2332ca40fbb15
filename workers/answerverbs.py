"""Verbs about what an account does by itself and who it is: vacation, forwarding, masked addresses, identities."""
from typing import Final

from workers.verb import DOMAIN, Verb, choice, count, take

ACCOUNT = take("account", metavar="ACCOUNT", help="name of an account, or one of its addresses")
ID = take("id", metavar="ID", type=count, help="the id, as `list` shows it")
MASK = take("mask", metavar="MASK", help="a masked address, or its id as `mask list` shows it")
CHOICES = (
    take("--only-rules", dest="everything", action="store_false", default=None, help="forward only what a rule forwards"),
    take("--everything", dest="everything", action="store_true", default=None, help="forward all mail but junk (usual)"),
    take("--keep", choices=("inbox", "archive"), help="where the copy here goes: where it belongs (usual), or to Archive as read"),
    *choice("--seal", "--no-seal", "with an ARC seal (usual)"),
    *choice("--attach", "--no-attach", "what the other server would refuse goes as an attachment, and does not just stay here"))
AWAY = """\
Mail is answered from the first day to the last, both included, as days begin and end in
the time zone; each sender hears it once in seven days.  No answer goes to lists, programs,
newsletters, junk, forged mail, and mail that does not name the account in To or Cc."""
FORWARD = """\
Nothing goes to an address before the code that was mailed there is given to `forward
confirm`.  A copy stays here.  What comes back (the other server refuses it) is put into
the account's Inbox; whoever wrote the message hears nothing of it."""
MASKS = """\
A masked address belongs to one account and says nothing about whose it is.  Mail to one
that is off is refused; one that is removed is refused for good."""
KEYS = """\
A password manager takes the server's web address and the key, as if the server were
SimpleLogin or addy.io.  The key is shown once, and makes masked addresses, nothing else."""
WRITTEN = (
    take("--name", metavar="NAME", help="the name that others see"),
    take("--address", metavar="ADDRESS", help="an address that the account may write from"),
    take("--reply-to", metavar="ADDRESS", help="where answers go; empty is the same address"),
    take("--signature", metavar="TEXT", help="what stands under a message; - reads it from standard input"))

#: What the groups of these verbs are about.
GROUPS: Final = {
    "vacation": "The answer of an account while its owner is away.", "forward": "Addresses that an account forwards to.",
    "mask": "Masked addresses: one for each site, which say nothing about whose they are.",
    "mask key": "Keys with which password managers make masked addresses.", "mask domain": "Where masked addresses may be made.",
    "identity": "Who an account writes as, and what it chose for its addresses."}

VERBS: Final = (
    Verb("vacation show", "vacation:show", "Show what an account answers while its owner is away.", (ACCOUNT,),
         ("pillarbox vacation show ann",), data=True, more=AWAY),
    Verb("vacation set", "vacation:set_vacation", "Answer mail of an account by itself, or not.", (
        ACCOUNT, *choice("--on", "--off", "answer mail"),
        take("--first-day", metavar="DAY", help="like 2030-01-31; empty is at once"),
        take("--last-day", metavar="DAY", help="that day as well; empty is until it is switched off"),
        take("--zone", metavar="ZONE", help="where the days begin and end, like Europe/Berlin (UTC)"),
        take("--subject", metavar="TEXT", help="empty is that of the message, with Auto: in front"),
        take("--text", metavar="TEXT", help="what the answer says; - reads it from standard input")),
        ("pillarbox vacation set ann --on --text 'I am away until the 14th.' --last-day 2030-02-14 --zone Europe/Berlin",
         "pillarbox vacation set ann --off"), data=True, more=AWAY),
    Verb("vacation preview", "vacation:preview", "Print the answer that somebody would get.", (ACCOUNT,),
         ("pillarbox vacation preview ann",)),
    Verb("vacation try", "vacation:try_vacation", "Show which of the newest messages would have had an answer, and why others not.", (
        ACCOUNT, take("--last", metavar="N", type=count, default=100, help="look at the N newest messages (100, the most)")),
        ("pillarbox vacation try ann",), data=True, columns=("id", "received", "from", "subject", "answer")),

    Verb("forward list", "forwarding:list_targets", "List the addresses that an account forwards to.", (ACCOUNT,),
         ("pillarbox forward list ann",), data=True, more=FORWARD,
         columns=("id", "address", "confirmed", "forwards", "keep", "forwarded", "kept", "kept_why")),
    Verb("forward add", "forwarding:add", "Mail a code to an address, which lets mail be forwarded there.", (
        ACCOUNT, take("address", metavar="ADDRESS", help="an address, like me@example.net"), *CHOICES),
        ("pillarbox forward add ann me@example.net", "pillarbox forward add ann me@example.net --keep archive --attach"),
        data=True, columns=("id", "address", "confirmed", "forwards", "keep"), more=FORWARD),
    Verb("forward code", "forwarding:code", "Mail another code to an address.", (ACCOUNT, ID), ("pillarbox forward code ann 3",)),
    Verb("forward confirm", "forwarding:confirm", "Let forwarding begin with the code that was mailed.", (
        ACCOUNT, ID, take("code", metavar="CODE", help="as it stands in the message")), ("pillarbox forward confirm ann 3 abcd-efgh",),
        data=True, columns=("id", "address", "confirmed", "forwards", "keep")),
    Verb("forward set", "forwarding:set_target", "Change how mail is forwarded to an address.", (ACCOUNT, ID, *CHOICES),
         ("pillarbox forward set ann 3 --only-rules", "pillarbox forward set ann 3 --attach"), data=True,
         columns=("id", "address", "confirmed", "forwards", "keep")),
    Verb("forward remove", "forwarding:remove", "Forward to an address no longer.", (ACCOUNT, ID), ("pillarbox forward remove ann 3",)),

    Verb("mask list", "masks:list_masks", "List the masked addresses of an account, and who writes to them.", (ACCOUNT,),
         ("pillarbox mask list ann",), data=True, more=MASKS,
         columns=("id", "address", "on", "site", "messages", "sent", "last_at", "strangers", "note")),
    Verb("mask add", "masks:add", "Make a masked address.", (
        ACCOUNT, take("site", metavar="SITE", nargs="?", default="", help="whom it is for, like shop.example"),
        take("--note", metavar="TEXT", default="", help="a note for yourself"),
        take("--domain", metavar="DOMAIN", default="", help="at which domain, one of those of the account's addresses"),
        take("--local", metavar="NAME", default="", help="what stands before the @; usually made up")),
        ("pillarbox mask add ann shop.example",), data=True, more=MASKS),
    Verb("mask set", "masks:set_mask", "Switch a masked address on or off, or note something about it.", (
        ACCOUNT, MASK, *choice("--on", "--off", "take mail for it"), take("--site", metavar="SITE", help="whom it is for"),
        take("--note", metavar="TEXT", help="a note for yourself")),
        ("pillarbox mask set ann 7 --off", "pillarbox mask set ann 7 --note 'sold to spammers'"), data=True),
    Verb("mask remove", "masks:remove", "Refuse mail to a masked address for good.", (ACCOUNT, MASK), ("pillarbox mask remove ann 7",)),
    Verb("mask senders", "masks:senders", "List who has written to a masked address.", (ACCOUNT, MASK), ("pillarbox mask senders ann 7",),
         data=True),
    Verb("mask key list", "masks:list_keys", "List the keys with which password managers make masked addresses.", (ACCOUNT,),
         ("pillarbox mask key list ann",), data=True),
    Verb("mask key add", "masks:add_key", "Make a key for a password manager, and print it.", (
        ACCOUNT, take("label", metavar="TEXT", help="what the key is for")), ("pillarbox mask key add ann 'Bitwarden on the laptop'",),
        data=True, more=KEYS),
    Verb("mask key remove", "masks:remove_key", "Let a key open nothing any more.", (ACCOUNT, ID), ("pillarbox mask key remove ann 2",)),
    Verb("mask domain list", "masks:list_domains", "List at which domains masked addresses can be made.", (),
         ("pillarbox mask domain list",), data=True),
    Verb("mask domain set", "masks:set_domain", "Let masked addresses be made at a domain, or not.", (
        DOMAIN, *choice("--allowed", "--forbidden", "let them be made")), ("pillarbox mask domain set example.org --forbidden",)),
    Verb("mask limit", "masks:limit", "Say how many masked addresses an account may have.", (
        ACCOUNT, take("most", metavar="N", type=int, nargs="?", help="so many; without it as many as everybody")),
        ("pillarbox mask limit ann 20", "pillarbox mask limit ann")),

    Verb("identity list", "identities:list_identities", "List who an account writes as, the usual one first.", (ACCOUNT,),
         ("pillarbox identity list ann",), data=True),
    Verb("identity add", "identities:add", "Add a name and an address to write as.", (ACCOUNT, *WRITTEN),
         ("pillarbox identity add ann --name 'Ann Example' --address ann@example.org --signature 'Ann'",), data=True),
    Verb("identity set", "identities:set_identity", "Change what is given of an identity.", (
        ACCOUNT, ID, *WRITTEN, take("--usual", action="store_true", help="write as this one unless another is chosen")),
        ("pillarbox identity set ann 2 --usual", "printf 'Ann\\nHarbour 1\\n' | pillarbox identity set ann 2 --signature -"), data=True),
    Verb("identity remove", "identities:remove", "Forget an identity; its address stays.", (ACCOUNT, ID),
         ("pillarbox identity remove ann 2",)),
    Verb("identity addresses", "identities:list_addresses", "List the addresses of an account with what was chosen for each.", (ACCOUNT,),
         ("pillarbox identity addresses ann",), data=True),
    Verb("identity address", "identities:set_address", "Choose name and mailbox for an address of an account.", (
        ACCOUNT, take("address", metavar="ADDRESS", help="one of the account's addresses"),
        take("--name", metavar="NAME", help="the name that others see; empty is the account's"),
        take("--mailbox", metavar="MAILBOX", help="where its mail goes unless a rule says otherwise; empty is the Inbox")),
        ("pillarbox identity address ann sales@example.org --name 'Example Sales' --mailbox Sales",), data=True),
)
