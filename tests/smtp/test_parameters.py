"""mta.smtp.parameters: what may follow a path."""
import pytest

from mta.base.names import Address
from mta.smtp.parameters import MailParameters, Refused, mail_parameters, recipient_parameters


@pytest.mark.parametrize(("words", "wanted"), [
    ("", MailParameters()),
    ("SIZE=0", MailParameters(size=0)),
    ("size=00000000000000000012 body=8bitmime smtputf8", MailParameters(12, "8BITMIME", True)),
    ("BODY=7BIT", MailParameters()),
    ("AUTH=<>", MailParameters()),
    ("AUTH=bob+40a.example", MailParameters(auth=Address.parse("bob@a.example"))),
    ("AUTH=bob@a.example", MailParameters(auth=Address.parse("bob@a.example"))),
    ("AUTH=+22+22+40a.example", MailParameters()),
])
def test_wishes(words: str, wanted: MailParameters) -> None:
    """Parameters in any case and order."""
    assert mail_parameters(words.split()) == wanted


def test_requiretls() -> None:
    """A word without a value, once (RFC 8689 §2); who does not offer it does not know it either."""
    assert mail_parameters(["requireTLS", "SIZE=1"], requiretls=True) == MailParameters(1, requiretls=True)
    assert not mail_parameters(["SIZE=1"], requiretls=True).requiretls
    for words, code in ((["REQUIRETLS="], 501), (["REQUIRETLS=yes"], 501), (["REQUIRETLS", "requiretls"], 501)):
        with pytest.raises(Refused) as caught:
            mail_parameters(words, requiretls=True)
        assert (caught.value.reply.code, caught.value.reply.enhanced) == (code, "5.5.4")
        with pytest.raises(Refused) as caught:
            mail_parameters(words)
        assert (caught.value.reply.code, caught.value.reply.enhanced) == (555, "5.5.4")


@pytest.mark.parametrize(("words", "code"), [
    ("SIZE", 501), ("SIZE=", 501), ("SIZE=-1", 501), ("SIZE=1x", 501), ("SIZE=" + "9" * 21, 501), ("SIZE=1 SIZE=1", 501), ("SIZE=²", 501),
    ("BODY", 501), ("BODY=", 501), ("BODY=BINARYMIME", 501), ("BODY=7BIT body=7BIT", 501),
    ("SMTPUTF8=", 501), ("SMTPUTF8 SMTPUTF8", 501), ("AUTH", 501), ("AUTH=", 501), ("AUTH=a+4", 501), ("AUTH=a=b", 501), ("AUTH=bob", 501),
    ("AUTH=+ff", 501), ("REQUIRETLS", 555), ("RET=HDRS", 555), ("=", 555), ("X" * 5_000, 555),
])
def test_refusals(words: str, code: int) -> None:
    """RFC 5321 §4.1.1.11: 555 for what we do not know, 501 for what is wrong with what we know."""
    with pytest.raises(Refused) as caught:
        mail_parameters(words.split())

    assert (caught.value.reply.code, caught.value.reply.enhanced) == (code, "5.5.4")
    assert len(caught.value.reply.text) < 200


def test_recipients_take_none() -> None:
    """Nothing that RCPT could bring is offered."""
    recipient_parameters([])
    with pytest.raises(Refused):
        recipient_parameters(["NOTIFY=NEVER"])
