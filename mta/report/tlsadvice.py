"""What a failure in a report about TLS means, in plain words: what happened, and what to do about it here.

Standards: RFC 8460 §4.3 (result types), with those that drafts had and some senders still use.

Read on: mta.report.advice says the same of deliveries.
"""
from collections.abc import Mapping
from typing import Final

from mta.report.advice import Advice

CERTIFICATE: Final = "`pillarbox tls status` shows the certificate that this server has now, and when it ends."
TLSA: Final = ("`pillarbox dane dialmx` shows the TLSA records that others see and whether they fit the certificate, "
               "`pillarbox dane record` what they should be.")
POLICY: Final = "`pillarbox mtasts lookup` shows the policy as others get it."

MEANINGS: Final[Mapping[str, Advice]] = {
    "starttls-not-supported": Advice(
        "The server did not offer encryption.",
        "This server always does: look for a firewall that interferes with port 25, or another host in the MX records."),
    "certificate-host-mismatch": Advice(
        "The certificate does not bear the name of the mail server.", f"It has to have each name that MX records point to. {CERTIFICATE}"),
    "certificate-expired": Advice("The certificate had run out.", f"Renew it; a renewed one counts after a reload. {CERTIFICATE}"),
    "certificate-not-trusted": Advice(
        "The certificate is not from an authority that the sender trusts.",
        f"Use one of a public authority, with the certificates between it and yours. {CERTIFICATE}"),
    "validation-failure": Advice(
        "The certificate or the connection did not pass the sender's check, for another reason.",
        "The reason and information beside this say more; if only one sender has the trouble, it is likely on its side."),
    "tlsa-invalid": Advice("The TLSA records do not fit the certificate, or cannot be read.", TLSA),
    "dnssec-invalid": Advice(
        "DNSSEC of the domain or the mail server did not hold.",
        "Check the signatures and the DS record of the zone at once: with broken DNSSEC no mail of such senders comes."),
    "dane-required": Advice("The sender insists on DANE, and there are no TLSA records that it could use.", TLSA),
    "sts-policy-fetch-error": Advice(
        "The MTA-STS policy could not be fetched.",
        f"The host mta-sts below the domain must answer by HTTPS with a good certificate. {POLICY}"),
    "sts-policy-invalid": Advice("The MTA-STS policy could not be read.", POLICY),
    "sts-webpki-invalid": Advice(
        "The web server with the MTA-STS policy has a certificate that is not trusted.",
        f"It must be for the host mta-sts below the domain, of a public authority. {POLICY}"),
    # Words of the drafts before RFC 8460.
    "starttls-failed": Advice("Encryption was begun and could not be set up.", "The reason beside this may say more."),
    "webpki-invalid": Advice("The web server with the MTA-STS policy has a certificate that is not trusted.", POLICY),
}
UNKNOWN: Final = Advice("A failure of a kind that no standard names.", "The reason and information beside it are all that is known.")


def advice(result: str) -> Advice:
    """What a result type means; a suffix like "+fallback-to-cached-policy" is passed over."""
    return MEANINGS.get(result.partition("+")[0], UNKNOWN)
