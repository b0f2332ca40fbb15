"""What a failed delivery means, in plain words: what happened, and what the sender can do.

For notices to senders and for the queue page.  Replies that are known (mta.report.causes) say
most; then the enhanced status code (RFC 3463, and the IANA registry that grew from it).  The
other server's own words are always shown beside this.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mta.base.errors import Failure
from mta.report import causes
from mta.report.cause import Cause, Side
from mta.report.causes import recognise


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence about what happened, one about what to do."""

    what: str
    todo: str


SPELLING: Final = "Check the spelling of the address, or ask the recipient for the right one in another way."
SMALLER: Final = "Send less at once, or put large files where the recipient can fetch them."
THEIR_SIDE: Final = "This is for the people who run the recipient's mail server to mend; ask the recipient to tell them."
OUR_SIDE: Final = "This is for the administrator of your own mail server to mend; please tell them."
LATER: Final = "Try again later, or reach the recipient in another way."
CONTENT: Final = "Ask the recipient in another way why; a plainer message, without links and attachments, may be let through."

UNKNOWN: Final = "Read the other server's own words; if they do not help, write to postmaster at the recipient's domain."

#: By subject and detail of the enhanced code, whatever its class.
MEANINGS: Final[Mapping[str, Advice]] = {
    "1.0": Advice("The recipient's server does not accept this address.", SPELLING),
    "1.1": Advice("This address does not exist at the recipient's server.", SPELLING),
    "1.2": Advice("The part of the address behind the @ names no place that exists.", SPELLING),
    "1.3": Advice("The recipient's server cannot read this address.", SPELLING),
    "1.6": Advice("The recipient has moved away from this address.", SPELLING),
    "1.7": Advice("The recipient's server does not like your own address.", OUR_SIDE),
    "1.8": Advice("The recipient's server cannot find the domain of your own address.", OUR_SIDE),
    "1.10": Advice("The domain of this address takes no mail at all.", SPELLING),
    "2.1": Advice("This mailbox is switched off.", "Ask the recipient for another address."),
    "2.2": Advice("The recipient's mailbox is full.", "Tell the recipient in another way, and send again later."),
    "2.3": Advice("The message is too large for the recipient's mailbox.", SMALLER),
    "3.1": Advice("The recipient's server has no room.", LATER),
    "3.2": Advice("The recipient's server takes no mail at the moment.", LATER),
    "3.4": Advice("The message is too large for the recipient's server.", SMALLER),
    "4.0": Advice("The recipient's server could not be reached.", LATER),
    "4.1": Advice("The recipient's server does not answer.", LATER),
    "4.2": Advice("The connection to the recipient's server broke.", LATER),
    "4.3": Advice("It could not be found out which server takes mail for this address.", LATER),
    "4.4": Advice("There is no server that takes mail for this address.", SPELLING),
    "4.6": Advice("The message went in a circle between servers.", THEIR_SIDE),
    "4.7": Advice("The message could not be delivered in time.", LATER),
    "5.0": Advice("The recipient's server does not speak the language of mail servers as it should.", THEIR_SIDE),
    "5.3": Advice("The message has more recipients than the recipient's server takes.", "Send it to fewer people at once."),
    "6.3": Advice("The recipient's server cannot take the form in which this message was written.",
                  "Send it as plain text without special characters."),
    "6.7": Advice("The recipient's server cannot handle addresses with letters beyond the English alphabet.",
                  "Use another address of the recipient or of yours, with English letters only."),
    "6.9": Advice("The recipient's server cannot handle messages with such letters in addresses and other header fields.",
                  "Send it with addresses that have English letters only."),
    "7.0": Advice("The recipient's server refuses this message.", CONTENT),
    "7.1": Advice("The recipient's server refuses this message, or mail from here.", CONTENT),
    "7.2": Advice("You may not write to this mailing list.", "Ask the owner of the list."),
    "7.5": Advice("No connection to the recipient's server could be made that is protected as it has to be.", LATER),
    "7.8": Advice("The server that relays our mail did not accept our password.", OUR_SIDE),
    "7.20": Advice("The recipient's server misses a DKIM signature that it accepts.", OUR_SIDE),
    "7.21": Advice("The recipient's server misses a DKIM signature that it accepts.", OUR_SIDE),
    "7.22": Advice("The recipient's server misses a DKIM signature of the sender's domain.", OUR_SIDE),
    "7.23": Advice("The SPF record of your domain does not allow mail from here.", OUR_SIDE),
    "7.24": Advice("The SPF record of your domain could not be checked.", OUR_SIDE),
    "7.25": Advice("The recipient's server found no reverse name for the address of your mail server.", OUR_SIDE),
    "7.26": Advice("The recipient's server could not verify that this message comes from your domain.", OUR_SIDE),
    "7.10": Advice("The message may travel over encrypted connections only, and the recipient's server has none.",
                   "Send without the demand for protected transport, if that is acceptable."),
    "7.27": Advice("The domain of your own address takes no mail, so the recipient's server takes none from it.", OUR_SIDE),
    "7.28": Advice("The recipient's server gets too much mail from here or for this recipient.", LATER),
    "7.30": Advice("The recipient's server does not offer the protected transport that you asked for.",
                   "Send without the demand for protected transport, if that is acceptable."),
}
#: Where no enhanced code tells: by the step at which it happened.
STEPS: Final[Mapping[str, Advice]] = {
    "connect": MEANINGS["4.1"], "DNS": MEANINGS["4.3"], "banner": MEANINGS["3.2"], "EHLO": MEANINGS["3.2"], "HELO": MEANINGS["3.2"],
    "STARTTLS": MEANINGS["7.5"], "AUTH": MEANINGS["7.8"],
    "RCPT": Advice("The recipient's server does not accept this address.", SPELLING),
}
OTHERWISE: Final = Advice("The recipient's server does not accept the message.", CONTENT)


def advice(failure: Failure) -> Advice:
    """What failure means for the sender."""
    cause = recognise(failure)
    if cause is not None:
        return Advice(cause.what, cause.todo)
    _, _, meaning = failure.enhanced.partition(".")
    subject, _, _ = meaning.partition(".")
    # A code that was invented after this table still tells its subject (RFC 3463 §3).
    return MEANINGS.get(meaning) or STEPS.get(failure.during) or MEANINGS.get(f"{subject}.0") or OTHERWISE


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a reply means for the administrator: name and title of the cause, both "" if it is none of the known ones.

    what and todo are for the sender as in Advice; step is what the administrator does next,
    link a form or page for it; side says who can mend it.
    """

    name: str
    title: str
    side: Side
    what: str
    todo: str
    step: str
    link: str


def explain(failure: Failure) -> Explanation:
    """What failure means for the administrator."""
    cause = recognise(failure)
    if cause is not None:
        return _of(cause)
    said = advice(failure)
    return Explanation("", "", "there", said.what, said.todo, UNKNOWN, "")


def of_cause(name: str) -> Explanation:
    """The explanation of a cause by its name; of one that is not known (any more), that it is not."""
    cause = causes.called(name)
    return _of(cause) if cause else Explanation(name, "Another reason", "there", OTHERWISE.what, OTHERWISE.todo, UNKNOWN, "")


def _of(cause: Cause) -> Explanation:
    return Explanation(cause.name, cause.title, cause.side, cause.what, cause.todo, cause.step, cause.link)


def answer(failure: Failure) -> str:
    """What was said or seen, with the host, as one line: the fact beside the advice."""
    said = " ".join(filter(None, (str(failure.code or ""), failure.enhanced, failure.text)))
    if not failure.code:
        return f"{failure.host}: {failure.text}" if failure.host and failure.host not in failure.text else failure.text
    return f"{failure.host or 'the server'} answered: {said}"
