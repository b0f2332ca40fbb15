"""workers.commands.domains: domains from the command line."""
from tests.workers.commands.conftest import Typing


def test_a_domain_comes_and_goes(typed: Typing) -> None:
    """Added, listed, shown with its DNS records, removed."""
    typed("domain add Bücher.example --description", "my books")

    row, = typed.json("domain list")
    assert (row["domain"], row["description"], row["enabled"]) == ("bücher.example", "my books", True)
    shown, = typed.json("domain show bücher.example")
    assert [key["signing"] for key in shown["dkim"]] == [True, False]
    assert shown["dkim"][0]["record_name"].endswith("._domainkey.xn--bcher-kva.example")
    assert shown["dkim"][0]["record"].startswith("v=DKIM1")
    assert "v=DKIM1" in typed("domain show bücher.example")
    typed("domain remove bücher.example")
    assert typed.json("domain list") == []
    assert typed("domain list") == "(none)\n"


def test_a_domain_is_changed(typed: Typing) -> None:
    """Catch-all, separator, signing keys, and switched off; what is not given stays."""
    typed("domain add example.org")
    typed("account add ann --no-password")
    selectors = [key["selector"] for key in typed.json("domain show example.org")[0]["dkim"]]

    typed("domain set example.org --catchall ann --separator - --disabled --case-sensitive --sign", selectors[1])
    row, = typed.json("domain list")
    assert (row["catchall"], row["separator"], row["enabled"], row["case_sensitive"]) == ("ann", "-", False, True)
    assert sorted(row["signing"]) == sorted(selectors)

    typed("domain set example.org --enabled --catchall", "", "--no-sign", selectors[0])
    row, = typed.json("domain list")
    assert (row["catchall"], row["separator"], row["enabled"], row["signing"]) == (None, "-", True, [selectors[1]])


def test_mistakes_are_one_line(typed: Typing) -> None:
    """With what to do instead."""
    typed("domain add example.org")
    for line, said in (("domain add example.org", "is here already"), ("domain add a..b", "a..b"),
                       ("domain remove example.net", "no domain example.net"), ("domain set example.org --sign x", "no DKIM key"),
                       ("domain set example.org --separator x", "separator"), ("domain set example.org", "nothing to change")):
        status, out, err = typed.attempt(line)
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert said in err
