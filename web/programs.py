"""Functions about the settings of mail programs, of the account's pages and the administrator's; mta.flow.clients knows them."""
import io

from mta.base.limits import LIMITS
from mta.flow import appleprofile, clients, people, profilelinks
from mta.flow.clients import Settings
from mta.store import accounts
from web.api.programs import ProfileLink, ProgramService, ProgramSettings
from web.call import Call
from web.rpc import SignedOutError


def programs(call: Call) -> ProgramSettings:
    """What to type into a mail program for this account."""
    row = call.world.store.read(lambda db: accounts.get(db, call.account))
    if row is None:
        raise SignedOutError("The account is not there any more.")
    return _shown(call, clients.for_account(call.world, row))


def profile_link(call: Call, address: str) -> ProfileLink:
    """A link to the profile for one of one's addresses, for one use; user:notFound says why there is none."""
    url = profilelinks.make(call.world, call.account, address)
    return ProfileLink(url, qr_code(url), int(LIMITS.profile_link_age))


def account_programs(call: Call, name: str) -> ProgramSettings:
    """What the owner of an account types into a mail program."""
    return _shown(call, clients.for_account(call.world, people.get_account(call.world, name)))


def domain_programs(call: Call, name: str) -> ProgramSettings:
    """What everybody at a domain types into a mail program."""
    people.domain(call.world, name)
    return _shown(call, clients.for_domain(call.world))


def qr_code(text: str) -> str:
    """Text as a QR code, in SVG: dark on light in any colour scheme, since not every reader takes the inverse."""
    import segno  # and the megabyte that it needs, where somebody wants a code

    out = io.BytesIO()
    segno.make(text, micro=False, error="m").save(out, kind="svg", scale=4, border=4, dark="#000", light="#fff", xmldecl=False)
    return out.getvalue().decode()


def _shown(call: Call, settings: Settings) -> ProgramSettings:
    config = call.world.config
    reason = appleprofile.lacking(config)
    return ProgramSettings(
        [str(address) for address in settings.addresses],
        [ProgramService(one.protocol, one.host.unicode, one.port, one.tls) for one in settings.services],
        settings.webmail, settings.imap, reason, "" if reason else appleprofile.signer(config, call.world.clock))
