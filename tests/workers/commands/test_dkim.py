"""workers.commands.dkim: signatures and keys at the command line."""
from pathlib import Path

from tests.workers.commands.conftest import Typing


def test_a_key_is_made_published_used_and_checked(typed: Typing, letter: Path, tmp_path: Path) -> None:
    """From gen over sign and lookup to verify, with files alone."""
    for algorithm, bits in (("rsa", 2_048), ("ed25519", 256)):
        key, zone, signed = (str(tmp_path / f"{algorithm}.{kind}") for kind in ("pem", "zone", "eml"))
        Path(zone).write_text(typed(f"dkim gen s1 example.net --algorithm {algorithm} --out {key}"))
        assert Path(key).stat().st_mode & 0o777 == 0o600
        Path(signed).write_text(typed(f"dkim sign {letter} --key {key} --selector s1"))

        row, = typed.json(f"dkim lookup s1 example.net --zone {zone}")
        assert (row["kind"], row["bits"], row["status"], row["questions"]) == (algorithm, bits, "pass", 1)
        assert f"Signed by example.net (key s1, {algorithm}-sha256, {bits} bits)." in typed(f"dkim verify {signed} --zone {zone}")
        Path(signed).write_text(Path(signed).read_text().replace("cold", "warm"))
        status, out, _ = typed.attempt(f"dkim verify {signed} --zone {zone}")
        assert (status, "the body was changed" in " ".join(out.split())) == (1, True)


def test_a_key_on_paper(typed: Typing) -> None:
    """Without a file the key is printed before its record; JSON has both."""
    assert typed("dkim gen s1 example.net --algorithm ed25519").startswith("-----BEGIN PRIVATE KEY-----\n")
    row, = typed.json("dkim gen s1 example.net --algorithm ed25519")
    assert (row["name"], row["type"], row["record"][:8]) == ("s1._domainkey.example.net", "TXT", "v=DKIM1;")


def test_the_servers_own_keys(typed: Typing, letter: Path) -> None:
    """Without --key the author's domain signs as it would be sent, if it is ours."""
    typed("domain add example.net")
    row, = typed.json(f"dkim sign {letter}")

    assert row["field"].startswith("DKIM-Signature: v=1; a=rsa-sha256;")
    assert "d=example.net" in row["field"]


def test_keys_that_are_no_good(typed: Typing, tmp_path: Path) -> None:
    """No record, no answer, rubbish and short keys: status 1, and why."""
    zone = tmp_path / "zone"
    zone.write_text('dead._domainkey.a.test. SERVFAIL\nbad._domainkey.a.test. TXT "v=DKIM1; p=*"\ngone._domainkey.a.test. TXT "p="\n')
    for selector, said in (("none", "no such name"), ("dead", "temperror"), ("bad", "not base64"), ("gone", "revoked")):
        status, out, _ = typed.attempt(f"dkim lookup {selector} a.test --zone {zone}")
        assert status == 1
        assert said in out


def test_mistakes_are_one_line(typed: Typing, letter: Path, tmp_path: Path) -> None:
    """With what to do instead; a key is never written over."""
    key = tmp_path / "key.pem"
    typed(f"dkim gen s1 example.net --algorithm ed25519 --out {key}")
    before = key.read_bytes()
    for line, said in ((f"dkim gen s1 example.net --out {key}", "is there already"), (f"dkim sign {letter}", "no key that signs"),
                       (f"dkim sign {letter} --key {key}", "--selector"),
                       (f"dkim sign {letter} --key {letter} --selector s", "letter.eml")):
        status, out, err = typed.attempt(line)
        assert (status, out, err.count("\n")) == (1, "", 1), line
        assert said in err
    assert key.read_bytes() == before
