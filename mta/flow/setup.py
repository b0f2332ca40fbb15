"""The first steps: the demo world of `pillarbox localserve`, and what a new server still lacks.

Both may be asked at every start: demo() changes nothing that is there, lacking() only reads.
"""
from mta.base.names import Address, Domain
from mta.flow import clients, deposit, people
from mta.flow.world import World
from mta.message import compose
from mta.message.address import Mailbox
from mta.message.identifiers import new_message_id
from mta.store import accounts, credentials, domains
from mta.store.connection import Connection

#: The account that localserve makes, at which domain, and its and the administrator's password.
DEMO, DOMAIN, PASSWORD = "demo", "localhost", "pillarbox"
BY = "localserve"
WELCOME = """\
This mailbox is yours, on this machine alone: whatever is sent from here comes back here.

Try it:

* Write a message to anybody, and it arrives in this Inbox.
* Send one from a terminal:
  swaks --server {server} --to demo@localhost
* Look at the administration, under /admin/: every step of a message is told there.

When you want a server for your own domain, README.md says how to get there.
"""


def demo(world: World) -> list[str]:
    """Make domain, account and passwords of localserve where they are missing; says what was done.  Blocks."""
    done = []
    domain, account, admin = world.store.read(_present)
    if not domain:
        people.add_domain(world, DOMAIN, "where localserve tries things out", by=BY)
        done.append(f"made the domain {DOMAIN}")
    if not account:
        people.add_account(world, DEMO, PASSWORD, "Demo", address=f"{DEMO}@{DOMAIN}", by=BY)
        people.set_catchall(world, DOMAIN, DEMO, by=BY)
        _welcome(world)
        done.append(f"made the account {DEMO}")
    if not admin:
        people.set_admin_password(world, PASSWORD, by=BY)
        done.append("set the administrator's password")
    return done


def lacking(world: World) -> list[str]:
    """What has to be done before this server can do its work, each in a sentence with its remedy."""
    def question(db: Connection) -> list[str]:
        found = []
        served = domains.all(db)
        if not served:
            found.append("No domain is served yet, so no mail comes: `pillarbox domain add example.org`.")
        for row in served:
            if row.enabled and not any(key.signing for key in row.dkim):
                found.append(f"Mail from {row.domain} is not signed (DKIM): switch a key on.")
        postmaster = world.config.postmaster
        keeper = accounts.by_login(db, postmaster)
        if keeper is not None and not accounts.addresses(db, keeper.id):
            found.append(f"Mail from this machine's own programs, as cron, is refused: the account {keeper.name} has no address to send it "
                         f"from; `pillarbox address add {keeper.name} postmaster@example.org`.")
        if keeper is None:
            found.append(f"Mail to postmaster is refused: there is no account {postmaster!r} as the setting postmaster says; "
                         f"`pillarbox account add {postmaster}`.")
        if world.config.clients.imap:
            found.append("Mail programs are told to read by IMAP, which this version does not speak: set imap of [clients] to false.")
        if not credentials.has_admin(db):
            found.append("Nobody can sign in to the administration: `pillarbox password set --admin`.")
        return found

    return world.store.read(question)


def advised(world: World) -> list[str]:
    """What an older configuration lacks beside one that `pillarbox quickstart` makes today, each in a sentence with its remedy."""
    config = world.config
    if config.local:
        return []
    found = []
    if not config.acme and not config.tls.certificate:
        found.append("Nobody vouches for the certificate: set directory and contact of [acme], or a certificate of your own in [tls].")
    elif config.acme and not config.acme.contact:
        found.append("The authority that gives certificates cannot reach you: set contact of [acme].")
    for listener in config.listeners:
        if "admin" in listener.web and (listener.http or listener.https) and clients.is_public(config, listener):
            found.append(f"Everybody may try to sign in to the administration: take \"admin\" out of web of [listeners.{listener.name}], "
                         "and give http to a listener on 127.0.0.1 (docs/operations.md).")
    if not any("admin" in listener.web and (listener.http or listener.https) for listener in config.listeners):
        found.append("No listener offers the administration: give http to one on 127.0.0.1 (docs/operations.md).")
    for row in world.store.read(domains.all):
        if row.enabled and row.mtasts_mode == "off":
            found.append(f"Other servers are not told to use TLS for {row.domain}: `pillarbox domain set {row.domain} --mtasts testing`.")
    return found


def _present(db: Connection) -> tuple[bool, bool, bool]:
    there = domains.get(db, Domain.parse(DOMAIN)), accounts.by_name(db, DEMO)
    return there[0] is not None, there[1] is not None, credentials.has_admin(db)


def _welcome(world: World) -> None:
    here, there = Domain.parse(DOMAIN), world.config.listeners[0]
    ip = f"[{there.ips[0]}]" if ":" in there.ips[0] else there.ips[0]
    letter = compose.Letter(
        from_=[Mailbox("Pillarbox", Address("postmaster", here))], to=[Mailbox("Demo", Address(DEMO, here))],
        subject="Welcome to Pillarbox",
        text=WELCOME.format(server=f"{ip}:{there.smtp}"), date=world.clock.timestamp(), message_id=new_message_id(here), flowed=True)
    deposit.file_in(world, people.get_account(world, DEMO).id, compose.compose(letter), reason="It was put here by localserve.")
