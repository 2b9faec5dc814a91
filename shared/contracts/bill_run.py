"""The bill run on the wire: its selection and batches as stored, and the messages between its steps."""

import json
import zlib
from collections.abc import Sequence
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from shared.domain.identifiers import TenantId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunId, BillRunSelection, InvoiceClaim
from shared.domain.time_period import BillingPeriod, format_instant

_SELECTION = TypeAdapter(BillRunSelection)
_ACCOUNTS = TypeAdapter(tuple[BillingAccount, ...])
_CLAIM = TypeAdapter(InvoiceClaim)


def pack_accounts(accounts: Sequence[BillingAccount]) -> bytes:
    return zlib.compress(_ACCOUNTS.dump_json(tuple(accounts)))


def unpack_accounts(body: bytes) -> tuple[BillingAccount, ...]:
    return _ACCOUNTS.validate_json(zlib.decompress(body))


def dump_selection(selection: BillRunSelection) -> str:
    return _SELECTION.dump_json(selection).decode()


def read_selection(text: str) -> BillRunSelection:
    return _SELECTION.validate_json(text)


def dump_claim(claim: InvoiceClaim) -> str:
    return _CLAIM.dump_json(claim).decode()


def read_claim(text: str) -> InvoiceClaim:
    return _CLAIM.validate_json(text)


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BillRunStart(_Message):
    """What the schedule passes: the time it was due, which is the bill run's `as_of`."""

    scheduled_time: AwareDatetime


class StartInvoicesStep(_Message):
    """One batch of a bill run. The accounts stay in the table: all of them would not fit into a state's input."""

    bill_run_id: BillRunId
    as_of: AwareDatetime
    batch: str


class FailureMessage(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    Error: str


class StartedInvoices(_Message):
    """Counts of one batch: executions started for the first time, started anew, left running; accounts parked, failed.

    A batch that was given up has an `error` and no counts.
    """

    started: int = 0
    restarted: int = 0
    running: int = 0
    parked: int = 0
    failed: int = 0
    batch: str = ""
    error: str = ""


class BillRunState(BaseModel):
    """The state of a bill run as it reaches its summary; after a failure some of it is missing."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    scheduled_time: AwareDatetime | None = None
    bill_run_id: BillRunId | None = None
    waiting_for: tuple[str, ...] = ()
    invoices: tuple[StartedInvoices, ...] = ()
    failure: FailureMessage | None = None

    @property
    def name(self) -> str:
        """The bill run's id, or before it has one the time it was due."""
        return self.bill_run_id or (self.scheduled_time.isoformat() if self.scheduled_time else "unknown")


class SummarizeStep(_Message):
    execution: str
    run: BillRunState


def selection_reply(selection: BillRunSelection) -> dict[str, Any]:
    """Return what select_billing_accounts answers to the state machine."""
    return {
        "bill_run_id": selection.bill_run_id,
        "as_of": format_instant(selection.as_of),
        "ready": bool(selection.batches or selection.periods),
        "waiting_for": list(selection.waiting_for),
        "periods": [_period(period) for period in selection.periods],
        "batches": list(selection.batches),
    }


def lifecycle_input(account: BillingAccount, selection: BillRunSelection, *, tenant: TenantId) -> str:
    """Return the input of an invoice_lifecycle execution: the same text for the same account and bill run."""
    return json.dumps(
        {
            "tenant": tenant,
            "invoice_id": account.invoice_id,
            "revision": account.revision,
            "customer_id": account.customer_id,
            "contract_id": account.contract_id,
            "billing_period": _period(account.billing_period),
            "bill_run_id": selection.bill_run_id,
            "as_of": format_instant(selection.as_of),
        },
        sort_keys=True,
    )


def _period(period: BillingPeriod) -> dict[str, str]:
    return {"name": period.name, "start": format_instant(period.start), "end": format_instant(period.end)}
