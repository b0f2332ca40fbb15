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


def test_a_domain_has_a_policy(typed: Typing) -> None:
    """Set, shown with the records that belong to it, ended, switched off."""
    typed("domain add example.org")
    said = typed("domain set example.org --mtasts testing --mtasts-max-age 86400 --mtasts-mx", "mx2.example.org *.example.net")
    assert "The policy of example.org is at https://mta-sts.example.org/.well-known/mta-sts.txt" in said
    shown, = typed.json("domain show example.org")
    assert (shown["mtasts"], shown["mtasts_max_age"], shown["mtasts_mx"]) == ("testing", 86_400, ["mx2.example.org", "*.example.net"])
    assert shown["mtasts_policy"][:2] == ["version: STSv1", "mode: testing"]
    alias, record = [one for one in shown["records"] if "mta-sts" in one["name"]]
    assert (alias["type"], record["type"]) == ("CNAME", "TXT")
    assert f"{record['name']} TXT {record['value']}" in said
    assert record["value"] in typed("domain show example.org")
    other = typed("domain set example.org --mtasts none")
    assert record["value"] not in other
    assert "take its _mta-sts record out of the DNS" in typed("domain set example.org --mtasts off")
    assert typed.json("domain show example.org")[0]["mtasts_policy"] == []
    assert typed("domain set example.org --description x") == ""
    status, _, err = typed.attempt("domain set example.org --mtasts-mx a..b")
    assert (status, "no host name" in err) == (1, True)


def test_mistakes_are_one_line(typed: Typing) -> None:
    """With what to do instead."""
    typed("domain add example.org")
    for line, said in (("domain add example.org", "is here already"), ("domain add a..b", "a..b"),
                       ("domain remove example.net", "no domain example.net"), ("domain set example.org --sign x", "no DKIM key"),
                       ("domain set example.org --separator x", "separator"), ("domain set example.org", "nothing to change")):
        status, out, err = typed.attempt(line)
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert said in err


def test_keys_are_changed(typed: Typing) -> None:
    """Begun, listed with what is to be done, given up; mistakes have a line each."""
    typed("domain add example.org")
    rows = typed.json("domain key change example.org --selector next")
    assert [(row["selector"], row["signing"], row["stage"]) for row in rows if row["selector"] == "next"] == [("next", False, "publish")]
    assert "Publish the record of the new DKIM key next" in typed("domain key list example.org")
    assert typed.attempt("domain key change example.org")[0] == 1
    assert typed.attempt("domain key remove example.org next")[0] == 1
    rows = typed.json("domain key change example.org --give-up next")
    assert "next" not in [row["selector"] for row in rows]
    unused = next(row["selector"] for row in rows if not row["signing"])
    assert unused not in [row["selector"] for row in typed.json("domain key remove example.org", unused)]
