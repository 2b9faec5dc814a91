"""Judged deliveries as Parquet (port DeliveryFiles), and as they are read from it again."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.adapters.duckdb.database import database
from shared.adapters.duckdb.staging import Value, instant, joined, micros, quoted, split, staged, write_rows
from shared.domain.archive.delivery import JudgedDelivery
from shared.domain.identifiers import MeterCode
from shared.domain.time_period import format_instant
from shared.domain.usage.conflicts import Version
from shared.domain.usage.correction import UsageVoid
from shared.domain.usage.event import Delivery, UsageEvent
from shared.domain.usage.fingerprint import CONTENT_BYTES, fingerprint, identity_hash
from shared.domain.usage.heartbeat import Heartbeat
from shared.domain.usage.rejection import Rejected
from shared.domain.usage.telemetry import Telemetry

QUANTITY_DECIMALS = 18
# Every other verdict is the code of a refusal. Of what is voided, identity, subject and time are those of the original;
# an amending event has two rows, one of them accepted. What a heartbeat claims stands in the place of dimensions.
ACCEPTED, TELEMETRY, VOIDED, HEARTBEAT = "accepted", "telemetry", "voided", "heartbeat"
_NO_CONTENT = "00" * CONTENT_BYTES
_STAGED = (
    "shard VARCHAR, sequence VARCHAR, place INTEGER, arrived_at BIGINT, verdict VARCHAR, contract VARCHAR, "
    "source VARCHAR, event_id VARCHAR, fingerprint VARCHAR, subject VARCHAR, occurred_at BIGINT, "
    "meter VARCHAR, units BIGINT, parts BIGINT, unique_key VARCHAR, dimensions VARCHAR"
)
# What docs/guides/archive-and-recount.md describes. Instants are UTC; `parts` are of 10^-18.
_TO_PARQUET = """
    COPY (
        SELECT * REPLACE (
            make_timestamp(arrived_at) AS arrived_at,
            make_timestamp(occurred_at) AS occurred_at,
            fingerprint::UUID AS fingerprint,
            dimensions::JSON AS dimensions
        )
        FROM {staged}
    ) TO {path} (FORMAT parquet, COMPRESSION zstd)
"""
VERSION_COLUMNS = (
    "shard, sequence, place, epoch_us(arrived_at), contract, source, event_id, subject, epoch_us(occurred_at), meter, "
    "units, parts, unique_key, dimensions"
)


class ParquetDeliveryFiles:
    """Writes a file in two steps, both in the folder of the result: rows as text, then Parquet of them."""

    def __init__(self, *, memory_mb: int) -> None:
        self._memory_mb = memory_mb

    def write(self, deliveries: Iterable[JudgedDelivery], path: Path) -> int:
        rows = path.with_suffix(".rows")
        try:
            count = write_rows(rows, _rows(deliveries))
            with database(path.parent, memory_mb=self._memory_mb, threads=1) as connection:
                connection.execute(_TO_PARQUET.format(staged=staged(rows, _STAGED), path=quoted(path)))
        finally:
            rows.unlink(missing_ok=True)
        return count


def read_version(row: Sequence[Any]) -> Version:
    """Read a row of VERSION_COLUMNS of an accepted delivery."""
    (
        shard,
        sequence,
        place,
        arrived_at,
        contract,
        source,
        event_id,
        subject,
        occurred_at,
        meter,
        units,
        parts,
        key,
        named,
    ) = row
    return Version(
        delivery=Delivery(shard, sequence, place),
        arrived_at=instant(arrived_at),
        event=UsageEvent(
            source=source,
            event_id=event_id,
            subject=subject,
            occurred_at=instant(occurred_at),
            meter=MeterCode(meter),
            quantity=joined(units, parts, decimals=QUANTITY_DECIMALS),
            unique_key=key,
            dimensions=tuple(sorted(json.loads(named).items())),
            contract=contract,
        ),
    )


def _rows(deliveries: Iterable[JudgedDelivery]) -> Iterator[Iterator[Value]]:
    for judged in deliveries:
        yield _row(judged)
        if isinstance(judged.verdict, UsageEvent) and judged.verdict.amends is not None:
            yield _row(replace(judged, verdict=judged.verdict.amends))


def _row(judged: JudgedDelivery) -> Iterator[Value]:
    delivery, verdict = judged.delivery, judged.verdict
    yield from (delivery.shard_id, delivery.sequence_number, delivery.index, micros(judged.arrived_at))
    match verdict:
        case Rejected():
            yield from (verdict.code.value, verdict.contract, verdict.source, verdict.event_id)
            yield from (None, None, _micros_if_known(verdict.occurred_at), *[None] * 5)
        case Telemetry():
            yield from (TELEMETRY, verdict.contract, verdict.source, verdict.event_id)
            yield from (None, None, _micros_if_known(verdict.occurred_at), *[None] * 5)
        case Heartbeat():
            yield from (HEARTBEAT, "", verdict.source, verdict.event_id, *[None] * 7, _claim(verdict))
        case UsageVoid(original=original):
            yield from (VOIDED, "", verdict.source, verdict.event_id)
            # The identity alone, which is all that the original is named by.
            yield identity_hash(original.source, original.event_id).hex() + _NO_CONTENT
            yield from (original.subject, micros(original.occurred_at), *[None] * 5)
        case UsageEvent():
            units, parts = split(verdict.quantity, decimals=QUANTITY_DECIMALS)
            yield from (
                ACCEPTED,
                verdict.contract,
                verdict.source,
                verdict.event_id,
                fingerprint(verdict),
                verdict.subject,
                micros(verdict.occurred_at),
                verdict.meter,
                units,
                parts,
                verdict.unique_key,
                json.dumps(dict(verdict.dimensions), ensure_ascii=False),
            )


def _claim(heartbeat: Heartbeat) -> str:
    claimed = heartbeat.claimed
    assert claimed.end is not None
    said = {
        "sender": heartbeat.sender,
        "sent_from": format_instant(claimed.start),
        "sent_until": format_instant(claimed.end),
        "events": str(heartbeat.events),
    }
    return json.dumps(said, ensure_ascii=False)


def _micros_if_known(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)
