"""Counts the usage of a billing period from a copy of the archive alone, and may hold it against a ledger."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from operations.u2c.archive_folder import ArchiveFolder
from shared.adapters.duckdb import recount_sql as sql
from shared.adapters.duckdb.database import database
from shared.adapters.duckdb.delivery_files import ParquetDeliveryFiles
from shared.adapters.duckdb.local_files import LocalFiles
from shared.adapters.duckdb.recount import read_difference
from shared.adapters.duckdb.recount_rows import window_row
from shared.adapters.duckdb.staging import Value, joined, micros
from shared.adapters.duckdb.workspace import Workspace
from shared.contracts.usage_event.registry import ContractReader
from shared.domain.archive.delivery import judge_with
from shared.domain.archive.partition import Damage
from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.subjects import SubjectAccounts, subject_accounts
from shared.domain.metering.aggregate import WindowKey
from shared.domain.metering.exact_quantity import as_quantity
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.time_period import BillingPeriod, Period, billing_period_containing, local_midnight, parse_instant
from shared.domain.usage.admission import AcceptanceHorizon
from shared.domain.usage.measurement import meters_by_event
from shared.domain.usage.recount import Counted, Difference

HORIZON = AcceptanceHorizon.of(days=35, future_seconds=300)  # as every deployment has it
_MEMORY_MB = 2_000
_THREADS = 2


class UnusableLedgerError(ValueError):
    """A line is not what a run writes; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterTotal:
    """What a meter comes to for a customer in its billing period, by the period's own events alone."""

    customer_id: CustomerId
    meter: Meter
    events: int
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedArchive:
    """`differences` are None when nothing was there to compare with."""

    totals: Sequence[MeterTotal]
    conflicts: int
    damages: Sequence[Damage]
    differences: Sequence[Difference] | None


def count_archive(
    archive: Path, catalog: Catalog, month: date, ledger: Iterable[tuple[WindowKey, Counted]] | None
) -> CountedArchive:
    """Count a calendar month, of each customer in its own zone; there is at least one. `ledger` is compared with it.

    Raises UnusableArchiveError.
    """
    periods = {
        customer.customer_id: billing_period_containing(local_midnight(month, customer.time_zone), customer.time_zone)
        for customer in catalog.customers
    }
    span = Period(min(one.start for one in periods.values()), max(one.end for one in periods.values()))
    arrived = Period(
        span.start - HORIZON.past - HORIZON.future, max(one.end for one in periods.values()) + HORIZON.past
    )
    with TemporaryDirectory() as name, database(Path(name), memory_mb=_MEMORY_MB, threads=_THREADS) as connection:
        local = LocalFiles(
            ArchiveFolder(archive, catalog.tenant),
            ParquetDeliveryFiles(memory_mb=_MEMORY_MB),
            judge_with(ContractReader(catalog.usage_contracts), HORIZON),
            Path(name),
        )
        workspace = Workspace(connection, Path(name))
        workspace.take_in_archive(local.of(arrived), arrived=arrived, span=span)
        subjects = _within(periods, subject_accounts(catalog))
        workspace.measure(
            meters_by_event(catalog.meters), lambda names: {n: subjects[n] for n in names if n in subjects}
        )
        _count(workspace, catalog, periods)
        return CountedArchive(
            totals=tuple(_totals(workspace, catalog, periods)),
            conflicts=len({row[0] for row in workspace.rows(sql.CONFLICTS)}),
            damages=tuple(dict.fromkeys(local.damages)),
            differences=None if ledger is None else tuple(_differences(workspace, periods, ledger)),
        )


def ledger_of_a_run(lineage: Path) -> Iterator[tuple[WindowKey, Counted]]:
    """Read what a run's ledger said of each window from its lineage. Raises UnusableLedgerError."""
    with lineage.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                record = json.loads(line)
                if record["kind"] == "window":
                    yield _counted_window(record)
            except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
                raise UnusableLedgerError(f"{lineage}:{number}: it is not a run's lineage") from error


def _counted_window(record: Mapping[str, Any]) -> tuple[WindowKey, Counted]:
    key = WindowKey(
        CustomerId(record["customer"]),
        MeterCode(record["meter"]),
        parse_instant(record["start"]),
        tuple(sorted(record["dimensions"].items())),
    )
    return key, Counted(record["events"], Decimal(record["recount"]))


def _within(
    periods: Mapping[CustomerId, BillingPeriod], subjects: Mapping[str, SubjectAccounts]
) -> Mapping[str, SubjectAccounts]:
    """Let every customer be billed for its own billing period only."""
    found = {}
    for subject, accounts in subjects.items():
        shortened = [
            replace(holder, valid=valid)
            for holder in accounts.holders
            if (valid := holder.valid.intersection(periods[holder.billed_to].period)) is not None
        ]
        found[subject] = replace(accounts, holders=tuple(shortened))
    return found


def _count(workspace: Workspace, catalog: Catalog, periods: Mapping[CustomerId, BillingPeriod]) -> None:
    workspace.stage(sql.CHARGED, sql.CHARGED_STAGED, _charged(catalog))
    workspace.stage(sql.PERIODS, sql.PERIODS_STAGED, ((c, micros(p.start), micros(p.end)) for c, p in periods.items()))
    for statement in (
        sql.IDS_OF_THE_ARCHIVE,
        sql.HELD,
        sql.COUNTED,
        sql.recounted("recounted", "counted"),
        sql.OF_PERIODS,
        sql.recounted("totals", "of_periods"),
    ):
        workspace.execute(statement)


def _charged(catalog: Catalog) -> Iterator[tuple[Value, ...]]:
    plans = {plan.plan_id: plan for plan in catalog.plans}
    for contract in catalog.contracts:
        for subscription in contract.subscriptions:
            active = contract.active.intersection(subscription.active)
            for charge in plans[subscription.plan_id].charges_in(contract.currency):
                if active is not None and charge.meter is not None:
                    end = None if active.end is None else micros(active.end)
                    match = json.dumps(dict(charge.match), ensure_ascii=False) if charge.match else None
                    yield contract.customer_id, charge.meter, micros(active.start), end, match


def _totals(
    workspace: Workspace, catalog: Catalog, periods: Mapping[CustomerId, BillingPeriod]
) -> Iterator[MeterTotal]:
    meters = {meter.code: meter for meter in catalog.meters}
    for (customer, code), rows in groupby(workspace.rows(sql.TOTALS), key=lambda row: (row[0], row[1])):
        events, total = 0, Fraction(0)
        for _, _, counted, units, parts in rows:
            events += counted
            total += Fraction(joined(units, parts, decimals=sql.SUM_DECIMALS))
        period = periods[customer]
        match meters[code].aggregation:
            case Aggregation.AVERAGE:
                total /= events
            case Aggregation.WEIGHTED_SUM:
                total /= Fraction((period.end - period.start).total_seconds())
            case _:
                pass
        yield MeterTotal(customer_id=customer, meter=meters[code], events=events, quantity=as_quantity(total))


def _differences(
    workspace: Workspace, periods: Mapping[CustomerId, BillingPeriod], ledger: Iterable[tuple[WindowKey, Counted]]
) -> Iterator[Difference]:
    asked = (
        window_row(key, counted)
        for key, counted in ledger
        if key.customer_id in periods and key.window_start in periods[key.customer_id].period
    )
    workspace.stage(sql.LEDGER, sql.LEDGER_STAGED, asked)
    return map(read_difference, workspace.rows(sql.DIFFERENCES))
