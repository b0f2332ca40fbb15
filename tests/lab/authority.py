"""A certificate authority of the lab: Pebble, which asks a DNS of its own (pebble-challtestsrv).

Two sets of roots: the one that vouches for Pebble's own API, and the one that vouches for
what it issues, which is new at each start.
"""
import datetime
import json
import ssl
import sys
import urllib.request
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.lab.namespace import Namespace
from tests.lab.waiting import port_open, until

#: RFC 8555 §7.3.4: what the authority's customer was given.
KID, KEY = "kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"


class Authority:
    """Running; every name is at `server` for it unless `lead` says otherwise.  Certificates hold for life seconds.

    bound: only customers that it knows have accounts.
    """

    def __init__(self, space: Namespace, address: str, server: str, life: int = 90 * 86_400, *, bound: bool = True) -> None:
        self._space, self._address, self._bound = space, address, bound
        self.folder = space.folder / "authority"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.ca_file = _certificates(self.folder, address)
        self._manage = f"http://{address}:8055"
        self._names = space.start(
            "pebble-challtestsrv", "-defaultIPv4", server, "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", "",
            "-dns01", f"{address}:8053", "-management", f"{address}:8055", log=self.folder / "names.log")
        until(lambda: port_open(address, 8055), why="pebble-challtestsrv")
        self.start(life)

    def start(self, life: int) -> None:
        """Start; accounts and orders of before are forgotten."""
        (self.folder / "pebble.json").write_text(json.dumps({"pebble": {
            "listenAddress": f"{self._address}:14000", "managementListenAddress": f"{self._address}:15000",
            "certificate": str(self.folder / "api.pem"), "privateKey": str(self.folder / "api.key"), "httpPort": 80, "tlsPort": 443,
            "ocspResponderURL": "", "externalAccountBindingRequired": self._bound, "externalAccountMACKeys": {KID: KEY},
            "certificateValidityPeriod": life}}))
        # One in five requests is refused for its nonce, as it happens with authorities of several data centres.
        self._pebble = self._space.start(
            "env", "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=20", "PEBBLE_AUTHZREUSE=0", "pebble",
            "-config", self.folder / "pebble.json", "-dnsserver", f"{self._address}:8053", log=self.folder / "pebble.log")
        until(lambda: port_open(self._address, 14000) and port_open(self._address, 15000), why="pebble")

    def restart(self, life: int) -> None:
        """Start anew."""
        self._space.end(self._pebble)
        self.start(life)

    def text(self) -> str:
        """What it logged."""
        return (self.folder / "pebble.log").read_text("utf-8", "replace")

    @property
    def directory(self) -> str:
        """Its directory's URL."""
        return f"https://{self._address}:14000/dir"

    @property
    def root(self) -> Path:
        """What vouches for the certificates that it issues, as a file."""
        trusting = ssl.create_default_context(cafile=str(self.ca_file))
        file = self.folder / "root.pem"
        with urllib.request.urlopen(f"https://{self._address}:15000/roots/0", context=trusting, timeout=10) as answer:
            file.write_bytes(answer.read())
        return file

    def lead(self, name: str, address: str = "") -> None:
        """Let name be at address in the eyes of the authority, or (without) where all names are."""
        if address:
            self._tell("add-a", {"host": f"{name}.", "addresses": [address]})
        else:
            self._tell("clear-a", {"host": f"{name}."})

    def hook(self) -> Path:
        """A program that sets records as dns_hook must, and writes down how it was called."""
        file = self.folder / "hook"
        calls = self.folder / "hook.calls"
        calls.touch()
        calls.chmod(0o666)
        file.write_text(HOOK.format(python=sys.executable, calls=calls, manage=self._manage))
        file.chmod(0o755)
        return file

    def _tell(self, what: str, content: dict[str, Any]) -> None:
        with urllib.request.urlopen(f"{self._manage}/{what}", json.dumps(content).encode(), timeout=10):
            pass


HOOK = """#!{python} -I
import json, os, sys, urllib.request
action, name = sys.argv[1:]
with open("{calls}", "a") as calls:
    calls.write(f"{{action}} {{name}} {{sorted(os.environ)}}\\n")
content = {{"host": f"{{name}}."}}
if action == "set":
    content["value"] = os.environ["PILLARBOX_VALUE"]
urllib.request.urlopen("{manage}/" + ("set-txt" if action == "set" else "clear-txt"), json.dumps(content).encode(), timeout=10).close()
"""


def _certificates(folder: Path, address: str) -> Path:
    """A root of the lab, and a certificate by it for the authority's API; the file of the root."""
    import ipaddress

    now = datetime.datetime.now(datetime.UTC)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("the lab's root", "the lab's authority"))
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)

    def begun(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(root_name).public_key(public)
                .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
                .not_valid_after(now + datetime.timedelta(days=20))
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False))

    root = (begun(root_name, root_key.public_key()).add_extension(x509.BasicConstraints(True, None), critical=True)
            .add_extension(usage, critical=True).sign(root_key, hashes.SHA256()))
    own = (begun(name, key.public_key()).add_extension(x509.BasicConstraints(False, None), critical=True)
           .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
           .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False).sign(root_key, hashes.SHA256()))
    (folder / "api.pem").write_bytes(own.public_bytes(serialization.Encoding.PEM))
    (folder / "api.key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()))
    (folder / "ca.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    return folder / "ca.pem"
