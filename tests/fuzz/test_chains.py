"""Certificates and TLSA records of strangers.

Invariant: whatever is shown and whatever is published, both verdicts are given and nothing
is raised; what was changed in what its issuer signed is never proven by the records of
the original, and nothing is proven by records that are not usable.
"""
from hypothesis import example, given
from hypothesis import strategies as some

from mta.base.names import Domain
from mta.dns.answer import TLSA
from mta.secure import dane, pkix
from mta.secure.pkix import Trust
from tests.fuzz.effort import tries
from tests.secure.chains import NOW, make, shown

TIME = tries(300)
HOST = Domain("mx.b.test")
ROOT = make("Root", ca=True)
BELOW = ROOT.signs("Below", ca=True)
LEAF = BELOW.signs("mx.b.test")
TRUST = Trust([ROOT.certificate])
RECORDS = [made.tlsa(usage, selector, matching) for made, usage in ((LEAF, 3), (BELOW, 2), (ROOT, 2)) for selector in (0, 1)
           for matching in (0, 1, 2)]
#: The last octet that the issuer has signed; around the signature there is one that says nothing.
SIGNED = LEAF.der.index(LEAF.certificate.tbs_certificate_bytes) + len(LEAF.certificate.tbs_certificate_bytes) - 1
RECORD = some.one_of(some.sampled_from(RECORDS), some.builds(
    TLSA, some.integers(0, 255), some.integers(0, 255), some.integers(0, 255), some.one_of(some.binary(max_size=70), some.just(LEAF.der))))


@TIME
@given(some.integers(0, SIGNED), some.integers(1, 255), some.booleans())
@example(0, 1, True)
def test_a_changed_certificate(at: int, bits: int, cut: bool) -> None:
    """No octet of it can be another, and it cannot be cut."""
    der = LEAF.der[:at] if cut else LEAF.der[:at] + bytes([LEAF.der[at] ^ bits]) + LEAF.der[at + 1:]
    chain = [der, BELOW.der]
    assert not pkix.verify(chain, HOST, TRUST, NOW).good
    whole = [record for record in RECORDS if record.selector == 0 or record.usage == 2]
    assert not dane.verify(whole, chain, [HOST], NOW).good


@TIME
@given(some.lists(RECORD, max_size=8), some.lists(some.one_of(some.sampled_from(shown(LEAF, BELOW, ROOT)), some.binary(max_size=200)), max_size=5))
def test_any_records_and_any_chain(records: list[TLSA], chain: list[bytes]) -> None:
    """The invariant; and the good chain is proven by each usable record about it."""
    usable = [record for record in records if not dane.problem(record)]
    verdict = dane.verify(usable, chain, [HOST], NOW)
    assert verdict.good <= any(record in RECORDS or record.data == LEAF.der for record in usable)
    assert verdict.text.isprintable()
    assert pkix.verify(chain, HOST, TRUST, NOW).text.isprintable()
    assert all(dane.verify([record], shown(LEAF, BELOW, ROOT), [HOST], NOW).good for record in usable if record in RECORDS)
