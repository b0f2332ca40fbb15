"""What parsedmarc finds in reports: run as a program, so that what it does when it is imported stays out of the tests.

Arguments are files; printed is one JSON object, by file: kind, and what can be compared.
"""
import json
import sys
import warnings

warnings.simplefilter("ignore")

import parsedmarc  # noqa: E402    # after the filter


def counted(path: str) -> list[object]:
    """Kind and numbers of the report in a file; the kind "refused" if parsedmarc takes it for none."""
    try:
        parsed = parsedmarc.parse_report_file(path, offline=True)
    except parsedmarc.ParserError:
        return ["refused"]
    report = parsed["report"]
    if parsed["report_type"] == "aggregate":
        rows = [[row["source"]["ip_address"], row["count"], row["policy_evaluated"]["disposition"], row["policy_evaluated"]["dkim"],
                 row["policy_evaluated"]["spf"], row["identifiers"]["header_from"]] for row in report["records"]]
        return ["aggregate", report["policy_published"]["domain"], rows]
    if parsed["report_type"] == "smtp_tls":
        return ["tls", [[policy["policy_type"], policy["policy_domain"], policy["successful_session_count"], policy["failed_session_count"],
                         [[one["result_type"], one["failed_session_count"]] for one in policy.get("failure_details") or []]]
                        for policy in report["policies"]]]
    return ["failure", report["reported_domain"], report["source"]["ip_address"], report["parsed_sample"]["subject"] or ""]


if __name__ == "__main__":
    print(json.dumps({path: counted(path) for path in sys.argv[1:]}))
