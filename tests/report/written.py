"""Reports to read, made of a few words."""
from typing import Final

METADATA: Final = ("<report_metadata><org_name>Mail &amp; more</org_name><email>dmarc@example.net</email>"
                   "<report_id>1@example.net</report_id>"
                   "<date_range><begin>1893456000</begin><end>1893542399</end></date_range></report_metadata>")
POLICY: Final = "<policy_published><domain>Example.ORG</domain><p>none</p></policy_published>"
ROW: Final = ("<record><row><source_ip>192.0.2.1</source_ip><count>2</count><policy_evaluated><disposition>none</disposition>"
              "<dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.org</header_from></identifiers>"
              "<auth_results><spf><domain>example.org</domain><result>fail</result></spf></auth_results></record>")


def document(*parts: str, root: str = "feedback") -> bytes:
    """A document with those parts; without any, a whole one."""
    return f"<{root}>{''.join(parts or (METADATA, POLICY, ROW))}</{root.partition(' ')[0]}>".encode()
