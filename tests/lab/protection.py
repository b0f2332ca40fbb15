"""Who is how well protected in the lab: one Postfix with many faces, and the zones that say what to expect of it.

Each face is an address with a certificate of its own.  A domain's only host is `mx` below
it, at one of those addresses; what its TLSA record or MTA-STS policy says of that host is
right or wrong as its name tells.
"""
from pathlib import Path

from tests.lab.vouched import Authority, Certificate

#: Faces: a certificate of the authority, one that has run out, a self-signed one, no TLS at all, TLS that is
#: too old, one that changes, and a forger's.
SAFE, STALE, OWN, CLEAR, OLD, ROLLS, TRAP = (f"127.0.0.{number}" for number in range(110, 117))
#: What the log calls the forger's.
TRAP_LOG = "postfix/trap"
#: The web server with MTA-STS policies, which must have an address of the public internet (nothing of it leaves the namespace), and a
#: second Pillarbox.
STS, FAR = "11.0.0.11", "127.0.0.120"
ADDRESSES = (SAFE, STALE, OWN, CLEAR, OLD, ROLLS, TRAP, STS, FAR)

NOTHING_FITS = f"3 1 1 {'00' * 32}"
#: Zones whose signatures break: what is changed behind the signer's back, as tests.lab.names has it; "" is all of them, by their dates.
SHAKY = {"shaky-tlsa.test": "\t3 1 1 =>\t3 1 2 ", "shaky-host.test": f"\tA\t{SAFE}=>\tA\t{TRAP}",
         "shaky-mx.test": "\tMX\t10 =>\tMX\t11 ", "shaky-dates.test": ""}
#: Domains with an MTA-STS policy, where their host is, whether its certificate is good for them.
STS_HOSTS = {
    "sts-good.test": SAFE, "sts-elsewhere.test": SAFE, "sts-own.test": OWN, "sts-clear.test": CLEAR, "sts-testing.test": OWN,
    "sts-missing.test": OWN, "sts-bad.test": OWN, "sts-untrusted.test": OWN, "sts-changes.test": SAFE, "sts-kept.test": SAFE}
#: And those whose zones are signed too, with TLSA records.
STS_SIGNED = {"sts-dane.test": OWN, "sts-rescue.test": SAFE}
#: Domains whose hosts the certificates of SAFE and STALE name.
NAMED = (
    "safe.test", "linked.test", "second.test",
    "anchored.test", "mistaken.test", "unusable.test", "bare.test", "stale.test", "staleanchor.test", *SHAKY,
    *STS_HOSTS, *STS_SIGNED)
DOMAINS = (*NAMED, "misnamed.test", "rolls.test", "clear.test", "old.test")


class Protection:
    """The authority and all certificates, and what is in the DNS for them."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        hosts = [f"mx.{name}" for name in NAMED]
        issue = self.authority.issue
        self.safe = issue(hosts)
        self.stale = issue(hosts, -9, -2)
        self.own = issue(["mx.own.test"], own=True)
        self.rolling = [issue(["mx.rolls.test"]) for _ in range(2)]
        web = [f"mta-sts.{name}" for name in (*STS_HOSTS, *STS_SIGNED, "one.test", "two.test") if name != "sts-untrusted.test"]
        self.web = issue(web)
        self.untrusted = issue(["mta-sts.sts-untrusted.test"], own=True)

    def zones(self) -> list[tuple[str, str, bool]]:
        """Name, records, and whether the zone is signed."""
        safe, stale, own = self.safe, self.stale, self.own
        signed = {
            "safe.test": (SAFE, [f"{safe.tlsa()}\nkeys TLSA {safe.tlsa()}"]), "anchored.test": (SAFE, [safe.tlsa(2, 1, 1, place=1)]),
            "misnamed.test": (SAFE, [safe.tlsa(2, 1, 1, place=1)]), "mistaken.test": (SAFE, [NOTHING_FITS]),
            "unusable.test": (OWN, [own.tlsa(1, 1, 1)]), "bare.test": (SAFE, []), "stale.test": (STALE, [stale.tlsa()]),
            "staleanchor.test": (STALE, [stale.tlsa(2, 0, 1, place=1)]), "clear.test": (CLEAR, [safe.tlsa()]),
            "old.test": (OLD, [safe.tlsa()]),
            "rolls.test": (ROLLS, [self.rolling[0].tlsa()]), **{name: (SAFE, [safe.tlsa()]) for name in SHAKY}, "far.test": (FAR, []),
        }
        found = [(name, records(address, tlsa), True) for name, (address, tlsa) in signed.items()]
        # Records by way of an alias, as whoever has many hosts keeps them; and a better host behind one that is not what it should be.
        found.append(("linked.test", f"{records(SAFE, [])}\n_25._tcp.mx CNAME keys.safe.test.", True))
        found.append(("second.test", f"{records(SAFE, [NOTHING_FITS])}\n@ MX 20 mx.safe.test.", True))
        found += [(name, policed(address), False) for name, address in STS_HOSTS.items()]
        for name, tlsa in (("sts-dane.test", own.tlsa()), ("sts-rescue.test", NOTHING_FITS)):
            found.append((name, policed(STS_SIGNED[name], tlsa=[tlsa]), True))
        return found

    def settings(self) -> str:
        """Lines of main.cf for the Postfix."""
        return f"""smtpd_tls_security_level = may
smtpd_tls_chain_files = {chain(self.safe)}
smtpd_tls_received_header = yes
smtpd_tls_loglevel = 1
rolling_chain = {chain(self.rolling[0])}
"""

    def services(self) -> str:
        """Lines of master.cf: the other faces."""
        return f"""{STALE}:25 inet n - n - - smtpd
  -o smtpd_tls_chain_files={chain(self.stale)}
{OWN}:25 inet n - n - - smtpd
  -o smtpd_tls_chain_files={chain(self.own)}
{CLEAR}:25 inet n - n - - smtpd
  -o smtpd_tls_security_level=none -o smtpd_tls_chain_files=
{OLD}:25 inet n - n - - smtpd
  -o smtpd_tls_protocols=<=TLSv1.1
{TRAP}:25 inet n - n - - smtpd
  -o smtpd_tls_security_level=none -o smtpd_tls_chain_files= -o syslog_name={TRAP_LOG}
{ROLLS}:25 inet n - n - - smtpd
  -o smtpd_tls_chain_files=$rolling_chain
"""


def records(address: str, tlsa: list[str]) -> str:
    """The records of a domain whose only host is at address."""
    return "\n".join(["@ MX 10 mx", f"mx A {address}", *(f"_25._tcp.mx TLSA {each}" for each in tlsa)])


def policed(address: str, number: int = 1, *, tlsa: list[str] | None = None) -> str:
    """The same, with a MTA-STS policy of that number."""
    return f'{records(address, tlsa or [])}\nmta-sts A {STS}\n_mta-sts TXT "v=STSv1; id={number};"'


def chain(certificate: Certificate) -> str:
    """The files as Postfix wants them named."""
    return f"{certificate.key},{certificate.file}"
