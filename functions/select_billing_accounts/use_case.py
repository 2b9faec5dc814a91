"""Select what a bill run invoices. The first selection of a bill run is stored and counts for every repeat."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from shared.domain.identifiers import CatalogVersion
from shared.domain.invoicing.bill_run import (
    BillingAccount,
    BillRunSelection,
    bill_run_id,
    ended_billing_periods,
    is_due,
)
from shared.domain.invoicing.draft import FIRST_REVISION
from shared.domain.master_data.catalog import CustomerAccount
from shared.domain.time_period import format_instant
from shared.ports.bill_runs import BillRuns
from shared.ports.customer_usage import CustomerUsage
from shared.ports.invoices import Invoices
from shared.ports.master_data import MasterData

ACCOUNTS_A_BATCH = 40  # a start is one call or two: far within the time-out of start_invoices
MOST_PERIODS_WAITED_FOR = 12  # shown to a reader, who needs the beginning


def select_billing_accounts(
    as_of: datetime, *, master_data: MasterData, usage: CustomerUsage, invoices: Invoices, bill_runs: BillRuns
) -> BillRunSelection:
    """Return the bill run's selection: every sealed billing period that ended by `as_of` (UTC) and is due."""
    stored = bill_runs.selection(bill_run_id(as_of))
    if stored is not None:
        return stored
    version = master_data.version()
    if version is None:
        return _save(as_of, bill_runs, waiting_for=["a published catalogue"])
    sealed_through = usage.sealed_through()
    ended = [one for customer in _accounts(master_data) for one in ended_billing_periods(customer, as_of=as_of)]
    sealed = [one for one in ended if _is_sealed(one, sealed_through)]
    unsealed = sorted({one.billing_period.name for one in ended if not _is_sealed(one, sealed_through)})
    reached = format_instant(sealed_through) if sealed_through else "never"
    return _save(
        as_of,
        bill_runs,
        waiting_for=[f"usage of {name}: sealed through {reached}" for name in unsealed[:MOST_PERIODS_WAITED_FOR]],
        due=_due(sealed, version, invoices),
    )


def _accounts(master_data: MasterData) -> Iterator[CustomerAccount]:
    for customer_id in sorted(master_data.customer_ids()):
        account = master_data.account(customer_id)
        if account is not None:
            yield account


def _is_sealed(account: BillingAccount, sealed_through: datetime | None) -> bool:
    return sealed_through is not None and account.billing_period.end <= sealed_through


def _due(accounts: Sequence[BillingAccount], version: CatalogVersion, invoices: Invoices) -> list[BillingAccount]:
    known = invoices.read_many([account.invoice_id for account in accounts], FIRST_REVISION)
    return [account for account in accounts if is_due(known.get(account.invoice_id), catalog_version=version)]


def _save(
    as_of: datetime, bill_runs: BillRuns, *, waiting_for: Sequence[str], due: Sequence[BillingAccount] = ()
) -> BillRunSelection:
    run = bill_run_id(as_of)
    batches = [
        bill_runs.add_batch(run, due[start : start + ACCOUNTS_A_BATCH])
        for start in range(0, len(due), ACCOUNTS_A_BATCH)
    ]
    periods = {account.billing_period for account in due}
    return bill_runs.save_selection(
        BillRunSelection(
            bill_run_id=run,
            as_of=as_of,
            waiting_for=tuple(waiting_for),
            periods=tuple(sorted(periods, key=lambda period: (period.start, period.end))),
            batches=tuple(batches),
        )
    )
