"""mta.report.mailing: names of files and subjects."""
import pytest

from mta.base.names import Domain
from mta.report.mailing import file_name, subject

SUBMITTER, OWNER = Domain("mail.receiver.example"), Domain.parse("Bücher.example")


def test_file_names() -> None:
    """The example of RFC 9990 §3.5.2; international names as A-labels; one more part if need be."""
    assert file_name(SUBMITTER, Domain("example.com"), 1013662812, 1013749130, "xml.gz") == (
        "mail.receiver.example!example.com!1013662812!1013749130.xml.gz")
    assert file_name(SUBMITTER, OWNER, 1, 2, "json.gz", "a1") == "mail.receiver.example!xn--bcher-kva.example!1!2!a1.json.gz"


@pytest.mark.parametrize("unique", ["a.b", "a!b", "a/b", "é", " ", "a\n"])
def test_no_file_names(unique: str) -> None:
    """What could not be told from the rest of the name is not taken."""
    with pytest.raises(ValueError, match="letters and digits"):
        file_name(SUBMITTER, OWNER, 1, 2, "xml", unique)


def test_subjects() -> None:
    """The words of RFC 9990 §3.5.2 and RFC 8460 §5.3, in their order and case."""
    assert subject(OWNER, SUBMITTER, "2030.abc@receiver.example") == (
        "Report Domain: xn--bcher-kva.example Submitter: mail.receiver.example Report-ID: <2030.abc@receiver.example>")
    assert subject(OWNER, SUBMITTER, "abc").endswith("Report-ID: <abc>")


@pytest.mark.parametrize("report_id", ["", "a b", "a@b@c", "<a>", ".a", "a..b", "a@", "a\r\nX: y", "ä"])
def test_no_ids(report_id: str) -> None:
    """What is no Report-ID (RFC 9990 §3.5.1) would break the subject, or the header."""
    with pytest.raises(ValueError, match="Report-ID"):
        subject(OWNER, SUBMITTER, report_id)
