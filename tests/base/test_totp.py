"""Codes of authenticators and recovery codes."""
import pytest

from mta.base import totp

#: The secret of the examples of RFC 6238.
SECRET = b"12345678901234567890"


@pytest.mark.parametrize(("now", "code"), [
    (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (2_000_000_000, "279037"),
    (20_000_000_000, "353130")])
def test_the_examples_of_the_standard(now: int, code: str) -> None:
    """RFC 6238 appendix B, of whose eight digits the last six are the code."""
    assert totp.code_at(SECRET, now // totp.PERIOD) == code


def test_a_clock_may_be_half_a_minute_off() -> None:
    """The codes of the steps beside this one count, those beyond do not."""
    now = 1_000_000.0
    here = int(now // totp.PERIOD)
    found = {skew: totp.matching(SECRET, totp.code_at(SECRET, here + skew), now, 0) for skew in range(-2, 3)}

    assert found == {-2: None, -1: here - 1, 0: here, 1: here + 1, 2: None}


def test_no_code_counts_twice() -> None:
    """Nor does one that is older than the last that was used."""
    now = 1_000_000.0
    here = int(now // totp.PERIOD)

    assert totp.matching(SECRET, totp.code_at(SECRET, here), now, here) is None
    assert totp.matching(SECRET, totp.code_at(SECRET, here - 1), now, here) is None
    assert totp.matching(SECRET, totp.code_at(SECRET, here + 1), now, here) == here + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "\ud800", "٠٠٠٠٠٠", "0" * 10_000])
def test_what_is_no_code(typed: str) -> None:
    """Never counts, and never fails."""
    assert totp.matching(SECRET, typed, 59.0, 0) is None


def test_as_people_type_it() -> None:
    """Authenticators show spaces, and so do pages."""
    assert totp.matching(SECRET, " 287 082 ", 59.0, 0) == 1
    assert totp.secret_text(SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    assert totp.address(SECRET, "ann", "mx example") == "otpauth://totp/mx%20example:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=mx%20example"


def test_recovery_codes() -> None:
    """Each is another; capitals, missing hyphens and look-alikes are the same code."""
    code = totp.new_recovery_code()

    assert code != totp.new_recovery_code()
    assert len(code) == 19
    assert totp.recovery_hash(code.upper().replace("-", " ").replace("0", "O").replace("1", "l")) == totp.recovery_hash(code)
