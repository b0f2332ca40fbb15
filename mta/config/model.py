"""Everything that can be configured: type, default and help on one line each.

A Config is frozen and complete.  It is made by mta.config.parse from a person's TOML
file, or by `local` for `pillarbox localserve`.  The sample file is generated from this
module, so the help texts here are what an operator reads.  In the file a tuple of
settings that have a name is written as tables ([listeners.public]), one without as an
array of tables ([[routes]]).
"""
import dataclasses
from dataclasses import MISSING, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from mta.base.limits import LIMITS, Limits
from mta.base.names import Domain
from mta.config.lines import Way

#: The services a listener can offer, each with a port of its own; also the keys of `Place.sockets`.
SERVICES = ("smtp", "submission", "submissions", "http", "https", "metrics")

#: What the web role has for people who sign in; each can be offered at a listener or not.
PAGES = ("webmail", "account", "admin")

#: Where the sockets are unless the file says otherwise; `sendmail` looks here if it may not read the file.
USUAL_RUN = Path("/run/pillarbox")


def setting(default: Any, text: str, *, least: int | None = None, most: int | None = None, shape: str = "") -> Any:
    """One setting: default (MISSING if it must be given), help, and what the parser checks.

    least and most bound a number; shape names a check of mta.config.parse.SHAPES.
    """
    known = {"help": text, "least": least, "most": most, "shape": shape}
    return field(metadata=known) if default is MISSING else field(default=default, metadata=known)


def port(text: str) -> Any:
    """A port to listen on, off by default."""
    return setting(0, f"{text}; 0 is off.", least=0, most=65_535)


@dataclass(frozen=True, slots=True)
class Listener:
    """Addresses to listen on, and the port of each service there (0: not offered)."""

    name: str = setting("public", "Name of the listener, for the log.")
    ips: tuple[str, ...] = setting(("0.0.0.0", "::"), "IP addresses; 0.0.0.0 and :: mean all of the machine.", shape="ip")
    nat_ips: tuple[str, ...] = setting(
        (), "Public IP addresses under which others reach this listener, where a router translates them (NAT).", shape="ip")
    smtp: int = port("Mail from other servers, usually 25")
    submission: int = port("Mail from your own users, STARTTLS, usually 587")
    submissions: int = port("Mail from your own users, TLS from the start, usually 465")
    http: int = port("Web pages without TLS (redirects to https where that is on), usually 80")
    https: int = port("Web pages with TLS, usually 443")
    metrics: int = port("Counters for Prometheus, not for the public")
    web: tuple[str, ...] = setting(
        PAGES, "What is offered at http and https to who signs in: webmail, account, admin. What is for everybody (settings of mail "
        "programs, policies of domains) is there in any case.", shape="page")


@dataclass(frozen=True, slots=True)
class Tls:
    """The certificate of the host, if you have one, else the authority of [acme] gives one, or the server makes a self-signed one.

    And whose certificates are believed.
    """

    certificate: Path | None = setting(
        None, "PEM file with the certificate and its chain; copied to data/tls at the start and within a minute after it changes.")
    key: Path | None = setting(None, "PEM file with its private key.")
    ca_file: Path | None = setting(
        None, "PEM file with certificate authorities that are trusted for connections to other servers, besides those of the system; "
        "readable by the service user.")


@dataclass(frozen=True, slots=True)
class Acme:
    """Certificates from an authority, asked for and renewed by the server (ACME); by setting directory you accept its terms."""

    directory: str = setting(
        "", "URL of the authority's directory, like https://acme-v02.api.letsencrypt.org/directory; empty: no authority is asked.",
        shape="https")
    contact: str = setting("", "Mail address under which the authority may reach you.", shape="address")
    challenge: Literal["http-01", "tls-alpn-01", "dns-01"] = setting(
        "http-01", "How names are proven to be ours: by a page at port 80, by a TLS handshake at port 443, or by DNS records that "
        "dns_hook sets.")
    names: tuple[str, ...] = setting(
        (), "Further names of this machine for its certificate; hostname, and mta-sts. and autoconfig. of each domain, "
        "are always asked for.", shape="domain")
    eab_kid: str = setting("", "Key identifier, if the authority wants the account bound to one that you have there (EAB).")
    eab_key_file: Path | None = setting(None, "File with the key that goes with eab_kid (base64url), readable by the service user.")
    dns_hook: Path | None = setting(
        None, "Program for dns-01, run by the service user as `PROGRAM set NAME` and `PROGRAM unset NAME`; the text of the TXT record "
        "is in the variable PILLARBOX_VALUE. It returns when all name servers have it.")
    ca_file: Path | None = setting(None, "PEM file with the roots by which the authority itself is known, if it is a private one.")
    renew_left: int = setting(
        33, "Percent of its lifetime that a certificate has left when it is renewed, unless the authority says when.", least=10, most=90)

    def __bool__(self) -> bool:
        """Whether an authority is asked."""
        return bool(self.directory)


@dataclass(frozen=True, slots=True)
class Acceptor:
    """The processes that talk to mail clients and servers."""

    copies: int = setting(0, "How many; 0 means one per processor core.", least=0, most=64)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The processes that take mail to other servers; they wait more than they work."""

    copies: int = setting(1, "How many.", least=1, most=16)


@dataclass(frozen=True, slots=True)
class Dns:
    """Where names are looked up."""

    upstreams: tuple[str, ...] = setting(
        (), "DNS servers, IP or IP:port ([IPv6]:port); none means those of /etc/resolv.conf.", shape="endpoint")
    trusted: tuple[str, ...] = setting(
        (), "DNS servers whose word on DNSSEC is trusted besides those on this machine: the path to them must be safe.", shape="ip")


@dataclass(frozen=True, slots=True)
class Smtp:
    """What others may make this server do.  Networks around an IP get 3 and 9 times its share."""

    max_message: int = setting(LIMITS.message, "Largest message, octets.", least=65_536, most=2 * 1024**3)
    max_recipients: int = setting(LIMITS.recipients, "Most recipients of one message.", least=100, most=100_000)
    requiretls: bool = setting(True, "Offer REQUIRETLS under TLS: a sender may ask that a message goes on over verified connections only.")
    connections_per_ip: int = setting(LIMITS.connections[0], "Most open connections from one IP.", least=1, most=100_000)
    connections_per_minute: int = setting(
        LIMITS.connections_per_minute[0], "Most new connections a minute from one IP.", least=1, most=10_000_000)
    messages_per_minute: int = setting(LIMITS.messages_per_minute[0], "Most messages a minute from one IP.", least=1, most=10_000_000)
    messages_per_day: int = setting(LIMITS.messages_per_day, "Most messages one account sends in 24 hours.", least=1, most=10_000_000)
    first_time_recipients_per_day: int = setting(
        LIMITS.first_time_recipients_per_day, "Most recipients in 24 hours that an account never wrote to before.",
        least=1, most=10_000_000)
    freeze_recipients_per_hour: int = setting(
        50, "An account that writes to so many people within an hour, most of them new to it, and to four times as many as in its busiest "
        "hour of a month, is stopped from sending until the administrator lets it go; 0: never.", least=0, most=10_000_000)


@dataclass(frozen=True, slots=True)
class Judge:
    """How mail from strangers is judged (docs/judgement.md)."""

    dnsbl: tuple[str, ...] = setting(
        (), "DNS block lists to ask about the addresses that mail comes from; none is asked unless it is named here. "
        "Most have terms of use, and many do not answer when asked through a public resolver.", shape="domain")
    arc_sealers: tuple[str, ...] = setting(
        (), "Domains of forwarders and mailing lists that are believed when they say (ARC) that a sender was proven before "
        "they changed the message.", shape="domain")


@dataclass(frozen=True, slots=True)
class Clients:
    """What mail programs are told by themselves: autoconfig, autodiscover, SRV records, profiles for Apple's programs."""

    imap: bool = setting(
        False, "Tell them to read mail by IMAP at port 993. Leave it off as long as this server does not speak IMAP: they are then told "
        "how to send, and DNS records say that there is nothing to read from.")


@dataclass(frozen=True, slots=True)
class Queue:
    """Mail that waits for another server, in seconds (RFC 5321 §4.5.4.1)."""

    first_wait: int = setting(450, "Wait before the second attempt; then it doubles up to 16 hours.", least=1, most=86_400)
    give_up_after: int = setting(432_000, "Age at which the sender is told that we failed.", least=60, most=30 * 86_400)
    delay_notice_after: int = setting(14_400, "Age at which the sender is told that we are still trying.", least=30, most=30 * 86_400)


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports to the owners of other domains, if they ask for it (docs/operations.md), and theirs to us (docs/reports.md)."""

    dmarc: bool = setting(True, "Tell domains once a day what mail came in their name, and whether it was theirs (DMARC).")
    tls: bool = setting(True, "Tell domains once a day how connections to their mail servers were protected (TLSRPT).")
    keep_days: int = setting(400, "How long reports of others are kept, and the mail that brought them, in days.", least=7, most=3_650)


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of everything once a day, tried each week by restoring it aside (docs/operations.md)."""

    to: Path | None = setting(
        None, "Directory for backups, best on another disk; belongs to the service user. Without it the server makes none by itself.")
    hour: int = setting(2, "Hour of the day (UTC) at which it is made.", least=0, most=23)
    keep_daily: int = setting(7, "Days of which the newest backup is kept.", least=1, most=3_650)
    keep_weekly: int = setting(8, "Weeks of which the newest backup is kept.", least=0, most=520)
    recipient: str = setting(
        "", "Encrypt backups so that only the key of `pillarbox backup key` opens them: what it printed, pbx1-...; empty: no.",
        shape="recipient")


@dataclass(frozen=True, slots=True)
class Transport:
    """Another server that takes our outgoing mail, for those whose port 25 is blocked."""

    name: str = setting(MISSING, "What routes call it.")
    host: str = setting(MISSING, "Host name or IP address.", shape="host")
    port: int = setting(587, "Port.", least=1, most=65_535)
    tls: Literal["starttls", "implicit", "opportunistic", "none"] = setting(
        "starttls", "starttls and implicit insist on a verified certificate; opportunistic takes what it gets.")
    username: str = setting("", "Name to sign in with; empty for none.")
    password_file: Path | None = setting(None, "File with the password, readable by the service user.")
    dkim: Literal["none", "rsa", "all"] = setting("all", "Which DKIM signatures are put on mail that takes this way.")
    #: Of a transport that the administrator made (mta.flow.ways); those of the file have a password_file.
    password: str = field(default="", repr=False, metadata={"internal": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Mail that takes a transport instead of the direct way; the first route that fits wins, those of the admin page before these."""

    sender_domain: Domain | None = setting(None, "Only mail from this domain.")
    recipient_domain: Domain | None = setting(None, "Only mail to this domain.")
    account: str = setting("", "Only mail that this account sends.")
    attempts: int = setting(0, "Only mail that failed this often before.", least=0, most=100)
    transport: str = setting(MISSING, "Name of a transport, \"direct\", or \"fail\": the mail is given up and its sender told.")


@dataclass(frozen=True, slots=True)
class LocalUser:
    """A user of this machine who may send with /usr/sbin/sendmail as another account than that of the same name."""

    user: str = setting(MISSING, "Login name on this machine, as in www-data.")
    account: str = setting(MISSING, "Account it sends as.")


def usual_listeners() -> tuple[Listener, ...]:
    """What a server listens on if its file does not say."""
    return (
        Listener("public", ("0.0.0.0", "::"), smtp=25, submission=587, submissions=465, http=80, https=443),
        Listener("inside", ("127.0.0.1",), metrics=9_180),
    )


@dataclass(frozen=True, slots=True)
class Config:
    """One server."""

    hostname: Domain = setting(MISSING, "The full name of this machine, as other servers see it; its A, AAAA and PTR records agree on it.")
    data: Path = setting(Path("/var/lib/pillarbox"), "Directory with all mail, databases and keys; belongs to the service user.")
    run: Path = setting(USUAL_RUN, "Directory for the sockets of the running server.")
    user: str = setting("pillarbox", "The service user, which needs no password and no shell; empty: stay who starts the server.")
    postmaster: str = setting("postmaster", "The account that gets mail to postmaster at this host and at every domain.")
    log_level: Literal["debug", "info", "notice", "error"] = setting("info", "What is logged: this and everything graver.")
    local: bool = field(default=False, metadata={"internal": True})
    file: Path | None = field(default=None, compare=False, metadata={"internal": True})
    #: The line of the file that each setting stands in; what is not here is a default.
    #: Pairs, since it travels as JSON at a reload.
    origins: tuple[tuple[Way, int], ...] = field(default=(), compare=False, repr=False, metadata={"internal": True})
    listeners: tuple[Listener, ...] = field(default_factory=usual_listeners, metadata={"help": ""})
    tls: Tls = field(default=Tls(), metadata={"help": ""})
    acme: Acme = field(default=Acme(), metadata={"help": ""})
    acceptor: Acceptor = field(default=Acceptor(), metadata={"help": ""})
    delivery: Delivery = field(default=Delivery(), metadata={"help": ""})
    dns: Dns = field(default=Dns(), metadata={"help": ""})
    smtp: Smtp = field(default=Smtp(), metadata={"help": ""})
    judge: Judge = field(default=Judge(), metadata={"help": ""})
    clients: Clients = field(default=Clients(), metadata={"help": ""})
    queue: Queue = field(default=Queue(), metadata={"help": ""})
    reports: Reports = field(default=Reports(), metadata={"help": ""})
    backup: Backup = field(default=Backup(), metadata={"help": ""})
    transports: tuple[Transport, ...] = field(default=(), metadata={"help": ""})
    routes: tuple[Route, ...] = field(default=(), metadata={"help": ""})
    local_users: tuple[LocalUser, ...] = field(default=(), metadata={"help": ""})

    @property
    def limits(self) -> Limits:
        """The limits of mta.base.limits with what this configuration changes."""
        return _limits(self.smtp)

    @property
    def certificate(self) -> Path:
        """Where the roles find the host's certificate chain (PEM): a copy of the operator's, or one of our own making."""
        return self.data / "tls" / ("host.pem" if self.tls.certificate else "self-signed.pem")

    @property
    def certificate_key(self) -> Path:
        """Where the roles find its private key (PEM)."""
        return self.data / "tls" / ("host.key" if self.tls.certificate else "self-signed.key")

    @property
    def control_socket(self) -> Path:
        """Where the supervisor answers questions and takes commands."""
        return self.run / "control.sock"

    @property
    def resolver_socket(self) -> Path:
        """Where the resolver role answers the others."""
        return self.run / "resolver.sock"

    @property
    def counters(self) -> Path:
        """The directory in which all processes count what the metrics page shows."""
        return self.run / "counters"

    @property
    def sendmail_socket(self) -> Path:
        """Where `pillarbox sendmail` hands in mail."""
        return self.run / "sendmail.sock"


@lru_cache(maxsize=2)    # asked for before the fork, it is shared by all processes
def _limits(smtp: Smtp) -> Limits:
    return dataclasses.replace(
        LIMITS, message=smtp.max_message, recipients=smtp.max_recipients,
        connections=_wider(smtp.connections_per_ip), connections_per_minute=_wider(smtp.connections_per_minute),
        messages_per_minute=_wider(smtp.messages_per_minute), messages_per_day=smtp.messages_per_day,
        first_time_recipients_per_day=smtp.first_time_recipients_per_day)


def _wider(narrow: int) -> tuple[int, int, int]:
    return narrow, 3 * narrow, 9 * narrow


def local(directory: Path, ip: str = "127.0.0.1", port_offset: int = 1_000) -> Config:
    """The built-in configuration of `pillarbox localserve`: loopback, high ports, nobody's mail but ours.

    A connection is never refused for its rate: on loopback all strangers share one IP.
    """
    plenty = 1_000_000
    return Config(
        hostname=Domain.parse("localhost"), data=directory / "data", run=directory / "run", user="", postmaster="demo", local=True,
        listeners=(Listener(
            "local", (ip,), smtp=port_offset + 25, submission=port_offset + 587, submissions=port_offset + 465,
            http=port_offset + 80, https=port_offset + 443, metrics=port_offset + 8_180),),
        reports=Reports(dmarc=False, tls=False), backup=Backup(to=directory / "backups", keep_daily=2, keep_weekly=0),
        smtp=Smtp(connections_per_ip=500, connections_per_minute=plenty, messages_per_minute=plenty,
                  messages_per_day=plenty, first_time_recipients_per_day=plenty))
