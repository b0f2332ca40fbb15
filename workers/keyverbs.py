"""Verbs about the DKIM keys of our domains."""
from typing import Final

from workers.verb import DOMAIN, Verb, take

STEPS: Final = """\
A key is changed in steps that lose no mail.  The new key is made; publish its record.  The
server asks all name servers of the domain for it, every ten minutes, and signs with it as
soon as all of them have it.  The old record stays until mail that it signed has passed; then
you are told to take it out (`pillarbox health`), and the old key is forgotten."""
COLUMNS: Final = ("selector", "algorithm", "signing", "stage", "todo")

VERBS: Final = (
    Verb("domain key list", "domains:list_keys", "List the DKIM keys of a domain, and what is to be done about them.", (DOMAIN,),
         ("pillarbox domain key list example.org", "pillarbox domain key list example.org --json"), data=True, columns=COLUMNS),
    Verb("domain key change", "domains:change_key", "Change the DKIM key of a domain for a new one, in steps that wait for the DNS.", (
        DOMAIN, take("--algorithm", choices=("rsa", "ed25519"), default="rsa", help="which kind of key (rsa)"),
        take("--selector", metavar="NAME", help="name of the new key; made of the date unless given"),
        take("--look", action="store_true", help="ask the name servers now, and take the next step"),
        take("--give-up", metavar="SELECTOR", help="forget a new key that does not sign yet")),
        ("pillarbox domain key change example.org", "pillarbox domain key change example.org --look"), data=True, columns=COLUMNS,
        more=STEPS),
    Verb("domain key remove", "domains:remove_key", "Forget a DKIM key that no longer signs, with its file.", (
        DOMAIN, take("selector", metavar="SELECTOR", help="name of the key")), ("pillarbox domain key remove example.org 20300101r",),
        data=True, columns=COLUMNS),
)
