"""mta.smtp.channel: what ends a conversation."""
from mta.base.reply import Reply
from mta.smtp.channel import Channel, Gone
from mta.smtp.session import SmtpSession


def test_gone_has_a_reason_and_perhaps_last_words() -> None:
    """The reason is for the log, the words for the peer."""
    assert str(Gone("the client closed the connection")) == "the client closed the connection"
    assert Gone("x").last_words is None
    assert Gone("x", Reply(421, "4.4.2", "y")).last_words == Reply(421, "4.4.2", "y")


def test_a_session_is_a_channel() -> None:
    """The real one has everything that a conversation needs."""
    wanted = {name for name in vars(Channel) if not name.startswith("_")}

    assert wanted <= set(dir(SmtpSession))
