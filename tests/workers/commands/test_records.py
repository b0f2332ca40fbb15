"""workers.commands.records: records, keys and messages in files."""
import json
from pathlib import Path

from tests.secure.chains import make
from tests.workers.commands.conftest import Typing

ROOT = make("Root", ca=True)
LEAF = ROOT.signs("mx.example.org")


def test_spf_records(typed: Typing, tmp_path: Path) -> None:
    """Published or about to be; what is wrong is said, and counts as nothing."""
    rows = typed.json("spf parse", "v=spf1 mx ip4:192.0.2.0/24 -all redirect=b.test")
    assert [(row["term"], row["result"], row["asks_dns"]) for row in rows] == [
        ("mx", "pass", True), ("ip4:192.0.2.0/24", "pass", False), ("-all", "fail", False), ("redirect=b.test", "", True)]
    for text, said in (("hello", "begins with v=spf1"), ("v=spf1 mix -all", "no mechanism mix")):
        status, out, err = typed.attempt("spf parse", text)
        assert (status, out) == (1, "")
        assert said in err
    zone = tmp_path / "zone"
    zone.write_text('one.test TXT "v=spf1 -all"\ntwo.test TXT "v=spf1 -all"\ntwo.test TXT "v=spf1 mx"\n'
                    'no.test TXT "x"\nslow.test TIMEOUT\n')
    assert typed.json(f"spf lookup one.test --zone {zone}") == [{"term": "-all", "result": "fail", "asks_dns": False}]
    for name, said in (("two", "has 2 SPF records"), ("no", "has no SPF record"), ("slow", "does not say")):
        status, _, err = typed.attempt(f"spf lookup {name}.test --zone {zone}")
        assert status == 1
        assert said in err


def test_the_record_of_a_dkim_key(typed: Typing, tmp_path: Path) -> None:
    """Of both kinds, with and without a name; the same as when the key was made."""
    for algorithm in ("rsa", "ed25519"):
        file = tmp_path / f"{algorithm}.pem"
        made, = typed.json(f"dkim gen s1 example.org --algorithm {algorithm} --out {file}")
        found, = typed.json(f"dkim record {file} --selector s1 --domain example.org")
        assert (found["name"], found["record"]) == (made["name"], made["record"])
        assert typed(f"dkim record {file}").startswith('"v=DKIM1;')
    file = LEAF.files(tmp_path)[0]
    assert typed.attempt(f"dkim record {file}")[0] == 1
    assert "go together" in typed.attempt(f"dkim record {file} --selector s1")[2]


def test_tlsa_records(typed: Typing, tmp_path: Path) -> None:
    """Of a chain, of the key alone: the same key gives the same record."""
    chain, key = LEAF.files(tmp_path, ROOT)
    rows = typed.json(f"dane makerecord {chain} --host mx.example.org")
    assert [row["value"][:6] for row in rows] == ["3 1 1 ", "3 0 1 ", "2 1 1 "]
    assert {row["name"] for row in rows} == {"_25._tcp.mx.example.org"}
    alone, = typed.json(f"dane makerecord {key}")
    assert (alone["value"], alone["name"]) == (rows[0]["value"], "")
    assert typed(f"dane makerecord {key}").startswith("TLSA 3 1 1 ")
    (tmp_path / "other").write_text("nothing")
    for name, said in (("other", "neither a certificate nor a key"), ("none", "none")):
        status, out, err = typed.attempt(f"dane makerecord {tmp_path / name}")
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert said in err


def test_the_parts_of_a_message(typed: Typing, tmp_path: Path) -> None:
    """Numbered as in IMAP, with what is wrong."""
    file = tmp_path / "letter"
    file.write_text("From: a@b.test\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nhello\n--x\n"
                    "Content-Type: text/html; charset=utf-8\n"
                    "Content-Disposition: attachment; filename=page.html\n\n<p>\n")
    root, text, page = typed.json(f"message parse {file}")
    assert (root["part"], root["kind"], root["defects"]) == ("", "multipart/mixed", "not_closed")
    assert (text["part"], text["kind"]) == ("1", "text/plain")
    assert (page["part"], page["charset"], page["name"], page["disposition"]) == ("2", "utf-8", "page.html", "attachment")
    assert json.loads(typed("message parse - --json", stdin=file.read_text()))[1]["octets"] == text["octets"]
    assert "that is no message" in typed.attempt("message parse -", stdin="")[2]
