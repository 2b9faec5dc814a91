"""Web server access logs (common or combined format of Apache and Nginx) as usage: requests and egress bytes.

python -m operations.converters.web_access_log access.log.gz --source www.example.com --out events.jsonl
"""

import argparse
import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from operations.converters.command import Arguments, add_arguments, run
from operations.converters.usage_events import (
    NotUsageError,
    OnRefused,
    RefusedLine,
    checked_quantity,
    checked_subject,
    usage_event,
)

REQUESTS = "requests"
EGRESS_BYTES = "egress_bytes"
METERS = {REQUESTS: "count", EGRESS_BYTES: "sum"}
LINE_BYTES_MAX = 64 * 1024
# What follows the size (referer, agent, whatever a site adds) is no usage and may be anything.
LINE = re.compile(
    r"(?P<client>\S+) \S+ [^\[\"]+ \[(?P<time>[^\]]{1,40})\] \"(?:[^\"\\]|\\.)*\" [1-5]\d\d (?P<bytes>\d+|-)(?: .*)?"
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TIME = re.compile(rf"(\d\d)/({'|'.join(MONTHS)})/(\d{{4}}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)", re.ASCII)


def convert(lines: Iterable[bytes], *, source: str, on_refused: OnRefused) -> Iterator[dict[str, object]]:
    """Yield two events for each request, in the order of the lines; blank lines are passed over.

    `source` names the log: two servers' logs need two. An id is the hash of the line and how many equal lines came
    before it, so reading a log again, or a longer version of it, gives the same ids for the same requests.
    """
    seen: Counter[bytes] = Counter()
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip(b"\r\n")
        if not line.strip():
            continue
        digest = hashlib.sha256(line).digest()[:16]
        seen[digest] += 1
        try:
            yield from _events(line, event_id=f"{digest.hex()}-{seen[digest]}", source=source)
        except NotUsageError as error:
            on_refused(RefusedLine(number, str(error)))


def _events(line: bytes, *, event_id: str, source: str) -> tuple[dict[str, object], dict[str, object]]:
    if len(line) > LINE_BYTES_MAX:
        raise NotUsageError(f"the line has more than {LINE_BYTES_MAX} bytes")
    found = LINE.fullmatch(line.decode("latin-1"))  # never fails; what we read of it is ASCII
    if found is None:
        raise NotUsageError("the line is not in the common or combined log format")
    subject = checked_subject(found["client"])
    occurred_at = _instant(found["time"])
    sent = Decimal(0) if found["bytes"] == "-" else checked_quantity(found["bytes"], name="the size")
    requests, egress = (
        usage_event(
            event_id=f"{event_id}/{meter}",
            source=source,
            subject=subject,
            occurred_at=occurred_at,
            meter=meter,
            quantity=quantity,
        )
        for meter, quantity in ((REQUESTS, Decimal(1)), (EGRESS_BYTES, sent))
    )
    return requests, egress


def _instant(text: str) -> datetime:
    """Read a log's time without regard to the locale of this machine."""
    found = TIME.fullmatch(text)
    if found is None:
        raise NotUsageError(f"the time is not like 17/May/2015:10:05:03 +0000: {text!r}")
    day, month, year, time, offset_hours, offset_minutes = found.groups()
    try:
        return datetime.fromisoformat(
            f"{year}-{MONTHS.index(month) + 1:02}-{day}T{time}{offset_hours}:{offset_minutes}"
        )
    except ValueError as error:
        raise NotUsageError(f"the time does not exist: {text!r}") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Convert a file; the exit status is 0, 1 where lines were refused, 2 where nothing could be read."""
    parser = argparse.ArgumentParser(prog="web_access_log", description=__doc__.splitlines()[0])
    add_arguments(parser)
    given = Arguments.of(parser.parse_args(arguments))
    return run(
        given,
        meters=METERS,
        convert=lambda lines, on_refused: convert(lines, source=given.source, on_refused=on_refused),
    )


if __name__ == "__main__":
    sys.exit(main())
