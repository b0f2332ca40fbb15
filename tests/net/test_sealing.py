"""mta.net.sealing: a secret and its key are nothing without each other."""
from mta.net import sealing


def test_both_are_needed() -> None:
    """Only the key that sealed it opens it, and only what was sealed."""
    key, sealed = sealing.seal("old pässword")
    other, _ = sealing.seal("x")

    assert sealing.unseal(key, sealed) == "old pässword"
    assert sealing.unseal(other, sealed) is None
    assert sealing.unseal(key, sealed[:-1]) is None
    assert sealing.unseal(b"short", sealed) is None
    assert b"ssword" not in sealed
    assert sealing.seal("x")[1] != sealing.seal("x")[1]
