"""What a recount needs beside the archive, as rows for its tables."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time
from functools import lru_cache

from shared.adapters.duckdb.recount_sql import SUM_DECIMALS
from shared.adapters.duckdb.staging import Value, micros, split
from shared.domain.archive.partition import A_DAY
from shared.domain.master_data.subjects import SubjectAccounts
from shared.domain.metering.aggregate import WindowKey, WindowUsage
from shared.domain.metering.meter import Meter
from shared.domain.time_period import Period
from shared.domain.usage.conflicts import Version
from shared.domain.usage.event import Dimensions
from shared.domain.usage.fingerprint import fingerprint, measurement_fingerprint
from shared.domain.usage.measurement import Measurement, MetersByEvent, measure
from shared.domain.usage.recount import Counted, counted_by_ledger


def by_day(span: Period) -> Iterator[Period]:
    """Cut a span into its days (UTC): a ledger is read a day at a time, so that a month needs the memory of one."""
    assert span.end is not None
    start = span.start
    while start < span.end:
        end = min(datetime.combine(start.date() + A_DAY, time(), UTC), span.end)
        yield Period(start, end)
        start = end


def meter_rows(meters: MetersByEvent) -> Iterator[tuple[Value, ...]]:
    for event, members in meters.items():
        for meter in members:
            yield event, meter.code, meter.aggregation, int(is_plain(meter)), json.dumps(meter.dimensions)


def payer_rows(subjects: Mapping[str, SubjectAccounts]) -> Iterator[tuple[Value, ...]]:
    for subject, accounts in subjects.items():
        for holder in accounts.holders:
            end = holder.valid.end
            yield subject, holder.billed_to, micros(holder.valid.start), None if end is None else micros(end)


def is_plain(meter: Meter) -> bool:
    """Say whether a meter counts the event itself, as it is: no expression, no identity of its own."""
    return meter.code == meter.event and meter.filter is None and meter.quantity is None


def worked_out_rows(versions: Iterable[Version], meters: MetersByEvent) -> Iterator[tuple[Value, ...]]:
    """Work out what meters that are not plain make of events."""
    for version in versions:
        event = version.event
        whole = fingerprint(event)
        taking = [meter for meter in meters[event.meter] if not is_plain(meter)]
        for measured in measure(event, whole, taking):
            own = measurement_fingerprint(event, whole, measured.meter.code)
            units, parts = split(measured.quantity, decimals=18) if isinstance(measured, Measurement) else (None, None)
            yield whole, own, measured.meter.code, units, parts


def ledger_rows(windows: Iterable[WindowUsage]) -> Iterator[tuple[Value, ...]]:
    for usage in windows:
        yield window_row(usage.key, counted_by_ledger(usage))


def window_row(key: WindowKey, counted: Counted) -> tuple[Value, ...]:
    units, parts = split(counted.quantity, decimals=SUM_DECIMALS)
    start = _micros(key.window_start)
    return key.customer_id, key.meter, start, _text(key.dimensions), counted.events, units, parts


@lru_cache(maxsize=4_096)
def _text(dimensions: Dimensions) -> str | None:
    return json.dumps(dict(dimensions), ensure_ascii=False) if dimensions else None


_micros = lru_cache(maxsize=4_096)(micros)  # a month has 2,976 windows, of many customers each
