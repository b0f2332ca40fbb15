"""What EHLO announces (RFC 5321 §4.1.1.1)."""
from mta.base.limits import Limits


def offers(*, max_size: int, start_tls: bool, mechanisms: tuple[str, ...], limits: Limits, requiretls: bool = False) -> list[str]:
    """The keywords, one a line; mechanisms is empty where AUTH is not possible now, requiretls true only under TLS."""
    lines = [
        "PIPELINING",                   # RFC 2920
        f"SIZE {max_size}",             # RFC 1870
        "8BITMIME",                     # RFC 6152
        "SMTPUTF8",                     # RFC 6531
        "ENHANCEDSTATUSCODES",          # RFC 2034
    ]
    if start_tls:
        lines.append("STARTTLS")        # RFC 3207
    if mechanisms:
        lines.append("AUTH " + " ".join(mechanisms))    # RFC 4954
    if requiretls:
        lines.append("REQUIRETLS")      # RFC 8689
    lines.append(f"LIMITS MAILMAX={limits.transactions} RCPTMAX={limits.recipients}")   # RFC 9422
    return lines
