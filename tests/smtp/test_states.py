"""mta.smtp.states: the table of what may come when."""
import pytest

from mta.smtp.states import HINTS, MOVES, VERBS, OutOfOrder, Phase, Verb, after


def test_every_phase_has_a_row_and_can_reach_the_end() -> None:
    """Nobody is trapped: from each phase QUIT, and so the end, is near."""
    assert set(MOVES) == set(Phase)
    for phase in set(Phase) - {Phase.OVER}:
        assert after(phase, Verb.QUIT) is Phase.OVER


def test_a_message_needs_its_steps() -> None:
    """The only way to DATA leads over EHLO or HELO, MAIL and RCPT."""
    phase = Phase.CONNECTED
    for verb in (Verb.EHLO, Verb.MAIL, Verb.RCPT, Verb.RCPT, Verb.DATA):
        phase = after(phase, verb)
    assert phase is Phase.READY
    assert [phase for phase in Phase if Verb.DATA in MOVES[phase]] == [Phase.RECIPIENTS]
    assert [phase for phase in Phase if Verb.MAIL in MOVES[phase]] == [Phase.READY]


def test_secrets_only_between_messages() -> None:
    """RFC 3207 and RFC 4954: neither handshake nor sign-in within a transaction."""
    for verb in (Verb.STARTTLS, Verb.AUTH):
        assert [phase for phase in Phase if verb in MOVES[phase]] == [Phase.READY]


def test_harmless_verbs_change_nothing() -> None:
    """RFC 5321 §4.1.4: NOOP, VRFY and HELP may come at any time."""
    for phase in set(Phase) - {Phase.OVER}:
        for verb in (Verb.NOOP, Verb.VRFY, Verb.HELP):
            assert after(phase, verb) is phase


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("verb", Verb)
def test_absence_is_the_error(phase: Phase, verb: Verb) -> None:
    """Whatever is not in the table is refused with a text."""
    if verb in MOVES[phase]:
        assert (verb, phase) not in HINTS
    else:
        with pytest.raises(OutOfOrder) as caught:
            after(phase, verb)
        assert str(caught.value)


def test_every_verb_is_found_by_its_name() -> None:
    """Names are what goes over the wire."""
    assert set(VERBS.values()) == set(Verb)
    assert VERBS["STARTTLS"] is Verb.STARTTLS
