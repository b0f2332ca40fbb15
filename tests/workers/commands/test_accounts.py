"""workers.commands.accounts: people, their passwords and addresses."""
import pytest

from mta.base.clock import SystemClock
from mta.base.errors import UserError
from mta.store import credentials
from mta.store.database import Store
from tests.workers.commands.conftest import Typing
from workers.commands.accounts import octets


@pytest.fixture
def people(typed: Typing) -> Typing:
    """A domain with two accounts."""
    typed("domain add example.org")
    typed("account add ann --address ann@example.org --quota 1G --full-name", "Ann Example", stdin="a long password\n")
    typed("account add bob --no-password")
    return typed


def test_accounts_are_listed_and_changed(people: Typing) -> None:
    """What is not given stays."""
    people("account set bob --quota 500M --messages-per-day 7 --disabled")

    ann, bob = people.json("account list")
    assert (ann["name"], ann["full_name"], ann["quota"], ann["enabled"]) == ("ann", "Ann Example", 2**30, True)
    assert (bob["quota"], bob["messages_per_day"], bob["enabled"], bob["full_name"]) == (500 * 2**20, 7, False, "")
    assert "Ann Example" in people("account list")
    assert people.attempt("account set bob")[0] == 1


def test_what_an_account_chose(people: Typing) -> None:
    """Shown with its addresses; set one by one, within bounds."""
    [ann] = people.json("account show ann@example.org")
    assert (ann["addresses"], ann["junk_filter"], ann["threshold"], ann["subject_pass"]) == (["ann@example.org"], True, 0.9, False)

    assert (ann["lessons_good"], ann["lessons_junk"]) == (0, 0)

    people("account set ann --no-junk-filter --threshold 0.75 --quota 2G")
    people("account set ann --subject-pass --reject-days 0 --no-slow-first-time")
    [ann] = people.json("account show ann")
    assert (ann["junk_filter"], ann["threshold"], ann["quota"]) == (False, 0.75, 2**31)
    assert (ann["subject_pass"], ann["reject_days"], ann["slow_first_time"]) == (True, 0, False)
    assert people.attempt("account set ann --threshold 1.5")[0] == 1


def test_passwords_come_from_standard_input(people: Typing) -> None:
    """One line; never from the command line, where others can read it."""
    people("password set bob", stdin="another password\n")
    people("password set --admin", stdin="a third password\n")

    assert people.attempt("password set bob", stdin="")[0] == 1
    assert people.attempt("password set", stdin="x\n")[2] == "pillarbox: name an account, or say --admin\n"
    assert people.attempt("password set bob --admin", stdin="x\n")[0] == 1


def test_a_password_that_is_made_up(people: Typing) -> None:
    """It is printed and is the one that counts; each time another."""
    made = people("password set bob --make-up").strip()
    [row] = people.json("password set bob --make-up")
    assert (len(made), row["account"], row["password"] != made) == (16, "bob", True)
    store = Store.open(people.directory / "data", SystemClock())
    try:
        assert store.read(lambda db: credentials.check_password(db, "bob", row["password"])) is not None
        assert store.read(lambda db: credentials.check_password(db, "bob", made)) is None
    finally:
        store.close()


def test_addresses_come_go_and_move(people: Typing) -> None:
    """An address belongs to one account."""
    people("address add bob info@example.org")
    assert people.json("address list") == [
        {"address": "ann@example.org", "account": "ann"}, {"address": "info@example.org", "account": "bob"}]

    people("address set info@example.org ann")
    assert len(people.json("address list ann")) == 2
    assert people.json("address list bob") == []

    people("address remove info@example.org")
    assert len(people.json("address list")) == 1
    assert people.attempt("address add bob ann@example.org")[0] == 1
    assert people.attempt("address add bob bob@example.net")[0] == 1


def test_aliases_come_go_and_change(people: Typing) -> None:
    """To one or many, here or anywhere."""
    people("alias add team@example.org ann@example.org carol@example.net")
    people("alias set team@example.org carol@example.net")

    assert people.json("alias list example.org") == [{"address": "team@example.org", "members": ["carol@example.net"], "sendable": False,
                                                      "post": "everybody"}]
    people("alias set team@example.org --sendable yes")
    assert people.json("alias list") == [{"address": "team@example.org", "members": ["carol@example.net"], "sendable": True,
                                          "post": "everybody"}]
    people("alias set team@example.org ann@example.org --sendable no")
    people("alias add info@example.org ann@example.org --sendable yes")
    assert [(alias["address"], alias["sendable"]) for alias in people.json("alias list")] == [
        ("info@example.org", True), ("team@example.org", False)]
    status, _, err = people.attempt("alias set team@example.org")
    assert (status, "say what to change" in err) == (1, True)
    people("alias remove info@example.org")
    people("alias remove team@example.org")
    assert people.json("alias list") == []


def test_an_account_goes_only_if_it_is_meant(people: Typing) -> None:
    """All its mail goes with it."""
    assert "say --yes" in people.attempt("account remove bob")[2]
    people("account remove bob --yes")

    assert [row["name"] for row in people.json("account list")] == ["ann"]
    assert people.attempt("account remove bob --yes") == (1, "", "pillarbox: there is no account 'bob'\n")


@pytest.mark.parametrize(("text", "size"), [("0", 0), ("12", 12), ("1k", 1024), ("500M", 500 * 2**20), ("2 GB", 2**31), ("1TiB", 2**40)])
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    """Units of 1024."""
    assert octets(text) == size


@pytest.mark.parametrize("text", ["", "many", "-1", "1.5G", "1GG"])
def test_what_is_no_size_is_said(text: str) -> None:
    """With an example."""
    with pytest.raises(UserError, match="write it like 500M"):
        octets(text)
