"""Everything that a producer can get wrong, and what must be said about it."""

import json
from dataclasses import dataclass
from typing import Any

from tests.scenarios.small_month import usage

CALLS = "api_calls"


@dataclass(frozen=True)
class Bad:
    """A line of an events file, the code it must get, part of the reason, and what the exception names it by."""

    what: str
    line: bytes
    code: str
    reason: str
    named: str

    def __str__(self) -> str:
        return self.what


def bad(what: str, code: str, reason: str, **changes: Any) -> Bad:
    """Return an event of acme that is right but for `changes`, found by its id, which is `what`."""
    return Bad(what, json.dumps(usage(what) | changes).encode(), code, reason, named=what)


def measured(quantity: Any) -> dict[str, Any]:
    return {"meter": CALLS, "quantity": quantity}


def raw(what: str, line: bytes | str, code: str, reason: str, named: str = "") -> Bad:
    return Bad(what, line if isinstance(line, bytes) else line.encode(), code, reason, named)


NESTED: dict[str, Any] = {}
for _ in range(20):
    NESTED = {"deeper": NESTED}

REFUSED = (
    raw("not JSON", "usage: 60 calls", "MALFORMED_JSON", "not JSON at character 0"),
    raw("not UTF-8", b'{"specversion": "1.0", "id": "caf\xe9"}', "MALFORMED_JSON", "not UTF-8 at byte"),
    raw(
        "one key twice",
        json.dumps(usage("twice")).replace('"id": "twice"', '"id": "once", "id": "twice"'),
        "MALFORMED_JSON",
        "the key 'id' twice",
    ),
    bad("nan", "INVALID_QUANTITY", "not a plain decimal: 'NaN'", data=measured(float("nan"))),
    raw(
        "1e400",
        json.dumps(usage("huge", data=measured(0))).replace('"quantity": 0', '"quantity": 1e400'),
        "INVALID_QUANTITY",
        "1e15 or more",
        named="huge",
    ),
    raw("a number", "60", "NOT_A_CLOUD_EVENT", "not a JSON object"),
    bad("no-source", "NOT_A_CLOUD_EVENT", "source is missing", source=None),
    bad("no-meter", "CONTRACT_VIOLATION", "data.meter is missing", data={"quantity": 60}),
    bad("wrong-type", "INVALID_QUANTITY", "neither a number nor a decimal string", data=measured([60])),
    bad("misspelt", "CONTRACT_VIOLATION", "unknown field 'quantitiy'", data={"meter": CALLS, "quantitiy": 60}),
    bad("negative", "INVALID_QUANTITY", "negative", data=measured(-60)),
    bad("too-precise", "INVALID_QUANTITY", "18 decimals", data=measured("0.0000000000000000001")),
    bad("no-offset", "CONTRACT_VIOLATION", "time is not an RFC 3339 time", time="2026-03-30T10:00:00"),
    bad("no-such-day", "CONTRACT_VIOLATION", "time does not exist", time="2026-02-30T10:00:00Z"),
    bad(
        "too-old",
        "EVENT_TOO_OLD",
        "it says 2026-01-30T10:00:00",
        time="2026-01-30T10:00:00Z",
        arrivaltime="2026-03-30T10:00:00Z",
    ),
    bad(
        "ahead",
        "EVENT_IN_THE_FUTURE",
        "it says 2026-03-30T16:00:00",
        time="2026-03-30T16:00:00Z",
        arrivaltime="2026-03-30T10:00:00Z",
    ),
    bad("from-the-year-9999", "EVENT_IN_THE_FUTURE", "it says 9999-", time="9999-12-31T23:59:59Z"),
    bad("contract-9", "UNKNOWN_CONTRACT_VERSION", "usage:9", dataschema="urn:usage-contract:usage:9"),
    raw(
        "an event over 64 KiB",
        json.dumps(usage("large", data={"meter": CALLS, "dimensions": {"note": "x" * 70_000}})),
        "PAYLOAD_TOO_LARGE",
        "65536 at most",
    ),
    raw("a line over 1 MiB", json.dumps(usage("giant", note="x" * 1_100_000)), "PAYLOAD_TOO_LARGE", "holds 1 MiB"),
    raw("deeply nested", json.dumps(usage("deep", data=NESTED)), "PAYLOAD_TOO_DEEP", "nests 22 deep"),
    raw("deeper than any parser likes", "[" * 50_000, "PAYLOAD_TOO_DEEP", "nests 49999 deep"),
    raw(
        "a batch with a bad member",
        f"[{json.dumps(usage('in-batch-1', 'initech'))}, {{bad member}}, {json.dumps(usage('in-batch-2', 'initech'))}]",
        "MALFORMED_JSON",
        "Expecting property name",
    ),
    raw(
        "the file is cut in the middle of a line", '{"specversion": "1.0", "id": "cu', "MALFORMED_JSON", "Unterminated"
    ),
)
PARKED = (
    Bad("an unknown customer", json.dumps(usage("x", "vandelay")).encode(), "UNKNOWN_CUSTOMER", "vandelay", "vandelay"),
    Bad(
        "an unknown meter",
        json.dumps(usage("gpu", data={"meter": "gpu_hours"})).encode(),
        "UNKNOWN_METER",
        "gpu_hours",
        "gpu_hours",
    ),
)
CONFLICT = bad("calls-1", "USAGE_CONFLICT", "other content", data=measured(999_999))
EVERY_ONE = (CONFLICT, *PARKED, *REFUSED)  # the cut line comes last
