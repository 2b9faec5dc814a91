"""What became of a bill run: where each account it selected has come to, and what it invoiced.

Everything here is worked out from the selection, the claims and the invoices each time anew. Nothing is counted along
the way, so that no repeat of a step can count twice.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.identifiers import InvoiceId, LegalEntityId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunId, BillRunSelection, InvoiceClaim
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.issuing import BILLED_STATES, REVERSED_STATES
from shared.domain.invoicing.parking import ParkedAccount
from shared.domain.invoicing.totals import totals
from shared.domain.money import Currency, Money

MOST_NAMED = 20  # of the accounts at one end: a reader needs the first, not all


class BillRunEnd(StrEnum):
    """Where an account of a bill run is; each is at one of them. Only the first four change without a person."""

    NOT_STARTED = "not started"
    UNDER_WAY = "under way"
    AWAITING_APPROVAL = "awaiting approval"
    ISSUED = "issued"  # its posting is under way
    POSTED = "posted"
    NOTHING_TO_BILL = "nothing to bill"
    INVALID = "invalid"
    REJECTED = "rejected"
    POSTING_FAILED = "posting failed"
    VOIDED = "voided"  # or being voided
    FAILED = "failed"
    PARKED = "parked"
    ANOTHER_RUN = "another bill run's"  # running since before, or taken up again since


UNSETTLED = frozenset({BillRunEnd.NOT_STARTED, BillRunEnd.UNDER_WAY, BillRunEnd.AWAITING_APPROVAL, BillRunEnd.ISSUED})
# As long as an account is here, nobody can say what the bill run comes to.
UNKNOWN_YET = frozenset({BillRunEnd.NOT_STARTED, BillRunEnd.UNDER_WAY})
FAILURES = (
    BillRunEnd.NOT_STARTED,
    BillRunEnd.INVALID,
    BillRunEnd.REJECTED,
    BillRunEnd.POSTING_FAILED,
    BillRunEnd.FAILED,
    BillRunEnd.PARKED,
)
_FOR_GOOD = BILLED_STATES | REVERSED_STATES
_NEEDS_ITS_EXECUTION = frozenset({BillRunEnd.UNDER_WAY, BillRunEnd.AWAITING_APPROVAL})
_END_OF_STATE = {
    InvoiceState.DRAFT: BillRunEnd.UNDER_WAY,
    InvoiceState.APPROVED: BillRunEnd.UNDER_WAY,
    InvoiceState.NOTHING_TO_BILL: BillRunEnd.NOTHING_TO_BILL,
    InvoiceState.CONSOLIDATED: BillRunEnd.NOTHING_TO_BILL,  # no account of a bill run: its lead is
    InvoiceState.INVALID: BillRunEnd.INVALID,
    InvoiceState.AWAITING_APPROVAL: BillRunEnd.AWAITING_APPROVAL,
    InvoiceState.REJECTED: BillRunEnd.REJECTED,
    InvoiceState.ISSUED: BillRunEnd.ISSUED,
    InvoiceState.POSTED: BillRunEnd.POSTED,
    InvoiceState.POSTING_FAILED: BillRunEnd.POSTING_FAILED,
    InvoiceState.VOIDING: BillRunEnd.VOIDED,
    InvoiceState.VOIDED: BillRunEnd.VOIDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What is stored about one selected account. `execution_failed` is of the claim's execution."""

    account: BillingAccount
    invoice: Invoice | None
    claim: InvoiceClaim | None
    parked: ParkedAccount | None
    execution_failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAmounts:
    """The invoices of one end and currency. `lines` and `taxes` are added up anew from what the invoices consist of."""

    end: BillRunEnd
    invoices: int
    gross: Money
    lines: Money
    taxes: Money

    @property
    def ties(self) -> bool:
        return self.gross == self.lines + self.taxes


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRunApproval:
    """A person's word that the bill run is right, on what its record said then."""

    approved_by: str
    approved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRunRecord:
    """`selected` and `built` are counted by themselves, not added up from `ends`; `parked_before` were left out."""

    bill_run_id: BillRunId
    recorded_at: datetime
    selected: int
    built: int
    parked_before: int
    waiting_for: tuple[str, ...]
    ends: tuple[tuple[BillRunEnd, int], ...]
    amounts: tuple[EndAmounts, ...]
    failures: tuple[tuple[BillRunEnd, InvoiceId], ...]
    legal_entities: tuple[LegalEntityId, ...]
    approval: BillRunApproval | None = None

    def count(self, *ends: BillRunEnd) -> int:
        return sum(count for end, count in self.ends if end in ends)

    @property
    def is_settled(self) -> bool:
        return not self.count(*UNSETTLED)


def end_of(facts: AccountFacts, *, bill_run_id: BillRunId) -> BillRunEnd:
    """Return where an account of the bill run is."""
    own = _own(facts, bill_run_id)
    if own is not None and own.state in _FOR_GOOD:
        return _END_OF_STATE[own.state]
    if facts.parked is not None and facts.parked.bill_run_id == bill_run_id and facts.parked.released_at is None:
        return BillRunEnd.PARKED
    if facts.claim is None:
        return BillRunEnd.NOT_STARTED
    if facts.claim.bill_run_id != bill_run_id:
        return BillRunEnd.ANOTHER_RUN
    end = _END_OF_STATE[own.state] if own is not None else BillRunEnd.UNDER_WAY
    return BillRunEnd.FAILED if facts.execution_failed and end in _NEEDS_ITS_EXECUTION else end


def record_of(
    selection: BillRunSelection,
    accounts: Iterable[AccountFacts],
    *,
    recorded_at: datetime,
    approval: BillRunApproval | None,
) -> BillRunRecord:
    """Work the record out of what is stored. An account that is selected twice counts once."""
    ends: Counter[BillRunEnd] = Counter()
    sums: dict[tuple[BillRunEnd, Currency], EndAmounts] = {}
    named: dict[BillRunEnd, list[InvoiceId]] = {end: [] for end in FAILURES}
    selected: set[InvoiceId] = set()
    entities: set[LegalEntityId] = set()
    built = 0
    for facts in accounts:
        name = facts.account.invoice_id
        selected.add(name)
        end = end_of(facts, bill_run_id=selection.bill_run_id)
        ends[end] += 1
        if len(named.get(end, ())) < MOST_NAMED and end in named:
            named[end].append(name)
        own = _own(facts, selection.bill_run_id)
        if own is not None:
            built += 1
            entities.add(own.legal_entity_id)
            key = end, own.gross.currency
            sums[key] = _with(sums.get(key), end, own)
    return BillRunRecord(
        bill_run_id=selection.bill_run_id,
        recorded_at=recorded_at,
        selected=len(selected),
        built=built,
        parked_before=selection.parked,
        waiting_for=selection.waiting_for,
        ends=tuple((end, ends[end]) for end in BillRunEnd if ends[end]),
        amounts=tuple(sums[key] for key in sorted(sums, key=lambda one: (list(BillRunEnd).index(one[0]), one[1].code))),
        failures=tuple((end, name) for end, names in named.items() for name in names),
        legal_entities=tuple(sorted(entities)),
        approval=approval,
    )


def faults_of(record: BillRunRecord) -> tuple[str, ...]:
    """Name what does not tie; with one of these a bill run cannot be approved."""
    faults = []
    ended = sum(count for _, count in record.ends)
    if record.selected != ended:
        faults.append(f"{record.selected} accounts are selected and {ended} are at an end")
    invoices = sum(one.invoices for one in record.amounts)
    if record.built != invoices:
        faults.append(f"{record.built} invoices are built and {invoices} are added up")
    faults += [
        f"{one.end}: the invoices come to {one.gross}, their lines to {one.lines} and their taxes to {one.taxes}"
        for one in record.amounts
        if not one.ties
    ]
    return tuple(faults)


def _own(facts: AccountFacts, bill_run_id: BillRunId) -> Invoice | None:
    """Return the invoice if this bill run has drafted it last."""
    invoice = facts.invoice
    return invoice if invoice is not None and invoice.prepared_by == bill_run_id else None


def _with(before: EndAmounts | None, end: BillRunEnd, invoice: Invoice) -> EndAmounts:
    anew = totals(invoice.lines, invoice.taxes, invoice.gross.currency)
    if before is None:
        return EndAmounts(end=end, invoices=1, gross=invoice.gross, lines=anew.net, taxes=anew.tax)
    return EndAmounts(
        end=end,
        invoices=before.invoices + 1,
        gross=before.gross + invoice.gross,
        lines=before.lines + anew.net,
        taxes=before.taxes + anew.tax,
    )
