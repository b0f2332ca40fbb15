"""mta.base.tokens: ids and secrets."""
from mta.base.tokens import BASE32, CHANCE, secret_octets, secret_text, short_id


def test_ids_are_short_and_different() -> None:
    """Ten characters without look-alikes, 50 bits."""
    ids = {short_id() for _ in range(1_000)}

    assert len(ids) == 1_000
    assert all(len(one) == 10 and set(one) <= set(BASE32) for one in ids)
    assert not set("ilou") & set(BASE32)


def test_secrets_have_the_wanted_size() -> None:
    """24 octets are 32 characters of URL-safe text."""
    assert len(secret_text()) == 32
    assert len(secret_octets(16)) == 16
    assert 0 <= CHANCE.uniform(0, 1) <= 1
