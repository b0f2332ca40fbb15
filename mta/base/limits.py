"""Every bound has a name and a reason, here and nowhere else.

A reader sees at once what a stranger can make us hold, count or wait for.  Sizes are
octets, times seconds.
"""
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """What a stranger may make us hold, count or wait for."""

    # --- SMTP, our end -------------------------------------------------------------
    # RFC 4954 §4: base64 answers of deployed mechanisms reach 12288 octets;
    # RFC 5321 §4.5.3.1.4 would be content with 512.
    command_line: int = 12_288
    # RFC 5321 §4.5.3.1.6 asks for 998 at least; signed mail with longer lines exists and
    # must keep its signature, so longer ones are stored as they are, up to this.
    stored_line: int = 65_536
    # RFC 5321 §4.5.3.1.6 without the final CRLF: what we send has no longer line.
    sent_line: int = 998
    # RFC 5321 §4.5.3.1.8 demands at least 100.
    recipients: int = 1_000
    # RFC 1870: what EHLO announces; base64 turns 70 MiB of attachments into this.
    message: int = 100 * 1024 * 1024
    # RFC 5321 §6.3 asks for at least 100: more hops than that is a loop.
    received_fields: int = 100
    # RFC 5321 §4.5.3.2.7: five minutes for the next command.
    command_wait: float = 300.0
    # Before the first MAIL a silent peer holds a place for nothing.
    greeting_wait: float = 60.0
    # A whole DATA that takes longer than this is a peer that holds a place on purpose.
    data_wait: float = 1_800.0
    # RFC 5321 §4.5.3.2.5: three minutes between chunks of DATA.
    chunk_wait: float = 180.0
    tls_handshake: float = 30.0
    # Commands that lead nowhere (unknown, refused, NOOP, RSET) before we hang up.
    idle_commands: int = 40
    bad_commands: int = 10
    unknown_recipients: int = 10
    transactions: int = 1_000
    login_failures_per_session: int = 3

    # --- Strangers by network, narrow to wide (/32 /26 /21, /64 /48 /32) --------------
    connections: tuple[int, int, int] = (30, 90, 270)
    connections_per_minute: tuple[int, int, int] = (300, 900, 2_700)
    messages_per_minute: tuple[int, int, int] = (500, 1_500, 4_500)
    login_failures_per_minute: tuple[int, int, int] = (10, 30, 90)
    login_failures_per_day: tuple[int, int, int] = (50, 150, 450)
    # All sessions of one acceptor together: file descriptors and memory.
    sessions: int = 1_000

    # --- Our own users -----------------------------------------------------------------
    messages_per_day: int = 1_000
    first_time_recipients_per_day: int = 200

    # --- Formats -------------------------------------------------------------------------
    header_octets: int = 1024 * 1024
    header_fields: int = 2_000
    mime_depth: int = 50
    mime_parts: int = 1_000
    addresses_in_field: int = 2_000
    references: int = 50
    # Text of one message that is decoded for search.
    indexed_text: int = 512 * 1024
    html_octets: int = 4 * 1024 * 1024

    # --- SMTP, the other end ---------------------------------------------------------------
    # RFC 5321 §4.5.3.2 gives the waits of a patient client.
    connect_wait: float = 30.0
    reply_wait: float = 300.0
    data_reply_wait: float = 600.0
    reply_line: int = 2_048
    reply_lines: int = 200
    hosts_tried: int = 10
    destination_connections: int = 4
    delivery_connections: int = 60
    messages_per_connection: int = 100

    # --- DNS -------------------------------------------------------------------------------
    # RFC 1035 §4.2.1 with EDNS at the size that crosses the internet unfragmented.
    dns_udp_payload: int = 1_232
    dns_cache_entries: int = 20_000
    dns_cache_octets: int = 16 * 1024 * 1024
    dns_ttl: int = 86_400
    # RFC 2308 §5 suggests one to three hours for "there is none".
    dns_negative_ttl: int = 3_600
    dns_wait: float = 10.0
    dns_frame: int = 256 * 1024
    dns_in_flight: int = 1_000

    # --- Web -------------------------------------------------------------------------------
    http_header_wait: float = 10.0
    http_header_octets: int = 16 * 1024
    http_body: int = 110 * 1024 * 1024
    http_connections: int = 1_000
    http_connections_per_ip: int = 300
    http_threads: int = 8
    event_streams: int = 400

    # --- The store -----------------------------------------------------------------------------
    # No write transaction holds the lock longer than this; big work goes in slices.
    write_slice: float = 0.05
    lease: float = 600.0
    trace_rows: int = 500_000
    trace_age: float = 14 * 86_400.0


LIMITS: Final = Limits()
