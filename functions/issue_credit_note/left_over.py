"""Credit what invoices have left over: each that was kept back because its credit was too great, once it is final.

What is to be done is found in the exceptions, which stay open until all is credited: whoever dies in between is
followed by the next run, which works out the rest. A credit is asked for by the same way, under the same approval
policy, as people ask for theirs, under a name made of what it settles.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from functions.issue_credit_note.use_case import CreditContendedError, CreditNoteIssuer
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import CustomerId, InvoiceId
from shared.domain.invoicing.billed_document import BilledDocument
from shared.domain.invoicing.billed_period import BilledPeriod, corrected_periods
from shared.domain.invoicing.billing_calendar import adjusting_periods
from shared.domain.invoicing.credit_note import CreditNoteState, CreditPurpose, CreditRequest, LinesCredit
from shared.domain.invoicing.crediting import CreditRefusedError, left_of
from shared.domain.invoicing.invoice import Invoice, InvoiceState, PeriodAdjustment, invoice_id
from shared.domain.invoicing.issuing import BILLED_STATES, ISSUED_STATES
from shared.domain.invoicing.left_over import Creditable, due_back, left_over_by, next_credit
from shared.domain.invoicing.lowered_later import lowered_later
from shared.domain.invoicing.standing import Standing, as_first_read
from shared.domain.master_data.catalog import CustomerAccount
from shared.ports.exception_store import ExceptionStore
from shared.ports.posting_intents import AccountingPeriodClosedError

REQUESTED_BY = "settlement"
MOST_CREDITS = 20  # of one invoice: more documents than can have billed what it left over


@dataclass(slots=True)
class LeftOverCredited:
    """How many credit notes were issued and wait for an approver, how many exceptions ended, and what was refused.

    What was refused is tried again by the next run.
    """

    issued: int = 0
    waiting: int = 0
    settled: int = 0
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Billed:
    """What an invoice has left over and no other has taken since, and what is billed of these billing periods.

    `documents` are the invoices of the periods, oldest first; `rests_on` is how they stood.
    """

    left_over: Sequence[PeriodAdjustment]
    documents: Sequence[BilledDocument]
    periods: Mapping[InvoiceId, BilledPeriod]
    rests_on: tuple[Standing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOverCreditor:
    issuer: CreditNoteIssuer
    open_exceptions: ExceptionStore

    def credit_all(self, at: datetime) -> LeftOverCredited:
        """Credit whatever is left over; one that cannot be credited now holds up no other."""
        done = LeftOverCredited()
        seen: set[InvoiceId] = set()
        self.issuer.master_data.version()
        for record in self.open_exceptions.open_records(ExceptionCode.ADJUSTMENT_KEPT_BACK):
            leaving = self._leaving(record)
            if leaving is not None and leaving.invoice_id not in seen:
                seen.add(leaving.invoice_id)
                try:
                    self._credit(leaving, at, done)
                except (CreditRefusedError, CreditContendedError) as refusal:
                    done.refused.append(f"{leaving.invoice_id}: {refusal}")
                except AccountingPeriodClosedError as closed:
                    done.refused.append(f"{leaving.invoice_id}: its accounting period ({closed}) takes nothing new")
        return done

    def _leaving(self, record: ExceptionRecord) -> Invoice | None:
        """Return the invoice that has left the period over, if it is final and no other one has taken it since."""
        own = InvoiceId(record.subject)
        return left_over_by(own, self._documents([own], CustomerId(record.detail.get("customer", ""))))

    def _credit(self, leaving: Invoice, at: datetime, done: LeftOverCredited) -> None:
        for _ in range(MOST_CREDITS):
            billed = self._billed(leaving)
            due = due_back(billed.left_over, billed.periods)
            credit = next_credit(due, list(self._creditable(billed.documents)))
            if credit is None:
                if due.is_settled:
                    self._settle(billed.left_over, at)
                    done.settled += len(billed.left_over)
                return
            note = self.issuer.request(_request(*credit, billed, at))
            if note.state is not CreditNoteState.ISSUED:
                done.waiting += note.state is CreditNoteState.AWAITING_APPROVAL
                return
            done.issued += 1

    def _settle(self, left_over: Iterable[PeriodAdjustment], at: datetime) -> None:
        for one in left_over:
            name = exception_id(ExceptionCode.ADJUSTMENT_KEPT_BACK, one.adjusted.invoice_id)
            self.issuer.exceptions.resolve(name, "credited by credit notes that correct its invoices", at)

    def _billed(self, leaving: Invoice) -> "_Billed":
        """Read what is billed of the periods: how it stood first, so that whatever changes while it is read is seen."""
        owns = [one.adjusted.invoice_id for one in leaving.left_over]
        stood = self._documents(owns, leaving.customer_id)
        found = self._documents(owns, leaving.customer_id)
        left_over = [one for one in leaving.left_over if left_over_by(one.adjusted.invoice_id, found) == leaving]
        owns = [one.adjusted.invoice_id for one in left_over]
        documents = [one for one in found if one.invoice.state in BILLED_STATES]
        periods = {one.own.invoice_id: one for one in corrected_periods(documents)}
        rests_on = {standing for own in owns for standing in periods[own].documents}
        names = {one.invoice_id for one in rests_on}
        before = (one.standing for one in stood if one.standing.invoice_id in names)
        return _Billed(left_over, documents, periods, as_first_read((*before, *rests_on)))

    def _creditable(self, documents: Sequence[BilledDocument]) -> Iterator[Creditable]:
        """Yield the issued ones, newest first; for the bill of a member the invoice that it is on."""
        for number, one in reversed(list(enumerate(documents))):
            invoice = self._issued(one.invoice)
            if invoice is not None:
                lowered = lowered_later(invoice, (later.invoice for later in documents[number + 1 :]))
                earlier = [note.credited for note in one.credit_notes]
                yield Creditable(invoice, left_of(invoice, earlier, lowered=lowered))

    def _issued(self, bill: Invoice) -> Invoice | None:
        if bill.state is InvoiceState.CONSOLIDATED and (on := bill.consolidated_on) is not None:
            stored = self.issuer.invoices.read(on.invoice_id, on.revision)
            return stored.invoice if stored is not None else None
        return bill if bill.state in ISSUED_STATES else None

    def _documents(self, owns: Iterable[InvoiceId], customer_id: CustomerId) -> Sequence[BilledDocument]:
        """Return the invoices of billing periods and all that may have adjusted them, oldest first."""
        account = self.issuer.master_data.account(customer_id)
        if account is None:
            return ()
        own_invoices = self.issuer.invoices.newest(list(owns))
        names = {name for one in own_invoices.values() for name in _names(one, account)}
        found = self.issuer.invoices.documents(sorted(names)).values() if names else ()
        return sorted(found, key=lambda one: one.invoice.billing_period.start)


def _names(own: Invoice, account: CustomerAccount) -> Iterator[InvoiceId]:
    for contract in account.contracts:
        if contract.contract_id == own.contract_id:
            yield own.invoice_id
            for period in adjusting_periods(contract, own.billing_period, account.customer.time_zone):
                yield invoice_id(contract.contract_id, period)


def _request(of: Invoice, credit: LinesCredit, billed: _Billed, at: datetime) -> CreditRequest:
    months = ", ".join(billed.periods[one.adjusted.invoice_id].own.billing_period.name for one in billed.left_over)
    settles = [
        [[one.adjusted.invoice_id, one.adjusted.manifest.digest] for one in billed.left_over],
        [[one.invoice_id, one.revision, one.credited, one.adjusted] for one in billed.rests_on],
        [[one.line_id, str(one.amount)] for one in credit.amounts],
    ]
    return CreditRequest(
        request_id=f"settles-{blake2b(json.dumps(settles).encode(), digest_size=16).hexdigest()}",
        invoice_id=of.invoice_id,
        revision=of.revision,
        credit=credit,
        reason=f"usage of {months} came to less than was invoiced",
        requested_by=REQUESTED_BY,
        requested_at=at,
        purpose=CreditPurpose.CORRECTION,
        rests_on=billed.rests_on,
    )
