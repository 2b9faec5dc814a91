"""Check a draft whole. The verdict is stored before anything is reported, so that a repeat reports the same."""

from dataclasses import dataclass, replace
from enum import StrEnum

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.approval import needs_approval
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.states import InvoiceTrigger, moved
from shared.domain.invoicing.validation import exceptions_of, is_critical, validate
from shared.domain.master_data.catalog import LegalEntity
from shared.ports.clock import Clock
from shared.ports.exceptions import ExceptionReporter
from shared.ports.invoices import Invoices, StoredInvoice
from shared.ports.master_data import MasterData
from shared.ports.usage_holds import UsageHolds


class Verdict(StrEnum):
    """What invoice_lifecycle does next."""

    VALID = "valid"
    NEEDS_APPROVAL = "needs_approval"
    INVALID = "invalid"


class InvoiceNotFoundError(LookupError):
    """There is no such invoice, or the published master data does not know its legal entity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceValidator:
    invoices: Invoices
    master_data: MasterData
    holds: UsageHolds
    exceptions: ExceptionReporter
    clock: Clock

    def validate(self, invoice_id: InvoiceId, revision: int) -> Verdict:
        """Return the verdict; an invalid invoice is in the exceptions by then, with every fault named."""
        stored = self.invoices.read(invoice_id, revision)
        if stored is None:
            raise InvoiceNotFoundError(invoice_id)
        if stored.invoice.state is InvoiceState.DRAFT:
            stored = self._judge(stored)
        verdict = _verdict(stored.invoice)
        if verdict is Verdict.INVALID:
            self.exceptions.report(exceptions_of(stored.invoice, raised_at=self.clock.now()))
        return verdict

    def _judge(self, stored: StoredInvoice) -> StoredInvoice:
        self.master_data.version()
        entity = self.master_data.legal_entity(stored.invoice.legal_entity_id)
        if entity is None:
            raise InvoiceNotFoundError(stored.invoice.legal_entity_id)
        holds = self.holds.reasons(stored.invoice.customer_id, stored.invoice.billing_period.name)
        checked = replace(stored.invoice, issues=validate(stored.invoice, entity=entity, holds=holds))
        judged = moved(checked, _trigger(checked, entity))
        raised = dict.fromkeys((*stored.raised, *_raised_by(judged, self.clock)))
        judgement = replace(stored, invoice=judged, version=stored.version + 1, raised=tuple(raised))
        self.invoices.save(judgement)
        return judgement


def _raised_by(invoice: Invoice, clock: Clock) -> list[ExceptionCode]:
    faults = [record.code for record in exceptions_of(invoice, raised_at=clock.now())]
    return [*faults, ExceptionCode.APPROVAL_PENDING] if invoice.state is InvoiceState.AWAITING_APPROVAL else faults


def _trigger(invoice: Invoice, entity: LegalEntity) -> InvoiceTrigger:
    if is_critical(invoice.issues):
        return InvoiceTrigger.FAIL_VALIDATION
    if needs_approval(invoice, entity.approval):
        return InvoiceTrigger.ASK_APPROVAL
    return InvoiceTrigger.NEED_NO_APPROVAL


def _verdict(invoice: Invoice) -> Verdict:
    match invoice.state:
        case InvoiceState.INVALID:
            return Verdict.INVALID
        case InvoiceState.AWAITING_APPROVAL | InvoiceState.REJECTED:
            return Verdict.NEEDS_APPROVAL
        case _:
            return Verdict.VALID
