"""What aggregate_usage is measured against: the least that any handler must do."""

import json
from binascii import a2b_base64
from collections import defaultdict
from hashlib import blake2b

import msgspec

from benchmarks.turns import Handler


class _LeanUsage(msgspec.Struct):
    id: str
    source: str
    customer: str
    occurred_at: str
    meter: str
    quantity: str


def floor() -> Handler:
    """Decode what is needed, know repeats by hash, group and sum; store nothing."""
    decode = msgspec.json.Decoder(_LeanUsage).decode
    seen: set[bytes] = set()

    def handler(envelope: bytes) -> None:
        sums: dict[tuple[str, str, str], int] = defaultdict(int)
        for record in json.loads(envelope)["Records"]:
            usage = decode(a2b_base64(record["kinesis"]["data"]))
            identity = blake2b(f"{usage.source}\0{usage.id}".encode(), digest_size=16).digest()
            if identity not in seen:
                seen.add(identity)
                sums[usage.customer, usage.meter, usage.occurred_at[:13]] += int(usage.quantity)

    return handler
