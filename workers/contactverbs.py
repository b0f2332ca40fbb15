"""The verbs about contacts of an account."""
from typing import Final

from workers.verb import Verb, count, take

ACCOUNT: Final = take("account", metavar="ACCOUNT", help="name of an account, or one of its addresses")
ID: Final = take("id", metavar="ID", type=count, help="id of a contact, as `contacts list` shows it")
#: What stands in a contact.
WRITTEN: Final = (
    take("--name", metavar="NAME", help="of the person or firm"),
    take("--address", metavar="ADDRESS", action="append", help="may be given several times"),
    take("--phone", metavar="NUMBER", action="append", help="may be given several times"),
    take("--organisation", metavar="TEXT", help="where the person works"),
    take("--group", metavar="NAME", action="append", help="may be given several times"),
    take("--note", metavar="TEXT", help="whatever you want to remember"))
GROUPS: Final = {"contacts": "People an account writes to."}

VERBS: Final = (
    Verb("contacts list", "contacts:list_contacts", "List the contacts of an account by name.", (ACCOUNT,),
         ("pillarbox contacts list ann",), data=True, columns=("id", "name", "addresses", "groups", "collected")),
    Verb("contacts add", "contacts:add", "Add a contact.", (ACCOUNT, *WRITTEN),
         ("pillarbox contacts add ann --name 'Bob Example' --address bob@example.net --group Friends",), data=True),
    Verb("contacts set", "contacts:set_contact", "Change what is given of a contact; an empty value takes it away.", (
        ACCOUNT, ID, *WRITTEN), ("pillarbox contacts set ann 3 --address bob@example.com",), data=True),
    Verb("contacts remove", "contacts:remove", "Forget a contact.", (ACCOUNT, ID), ("pillarbox contacts remove ann 3",)),
    Verb("contacts find", "contacts:find", "Show whom the webmail suggests to who types that.", (
        ACCOUNT, take("start", metavar="TEXT", help="part of a name, address or group")), ("pillarbox contacts find ann bo",), data=True),
    Verb("contacts export", "contacts:export", "Print all contacts of an account as vCards.", (
        ACCOUNT, take("--version", dest="vcard", choices=("3.0", "4.0"), default="4.0", help="of vCard; older programs want 3.0 (4.0)"),
        take("--written", action="store_true", help="only those that somebody wrote, not those that were remembered")),
        ("pillarbox contacts export ann > ann.vcf", "pillarbox contacts export ann --version 3.0 --written")),
    Verb("contacts import", "contacts:take_in", "Add the vCards of a file to the contacts of an account.", (
        ACCOUNT, take("file", metavar="FILE", help="the file, or - for standard input")), ("pillarbox contacts import ann ann.vcf",),
        data=True, more="A card with the UID of a contact takes its place, so importing a file twice adds nothing."),
)
