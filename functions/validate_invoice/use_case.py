"""Check a draft whole. The verdict is stored before anything is reported, so that a repeat reports the same."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile
from zoneinfo import ZoneInfo

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.approval import NO_HISTORY, InvoiceHistory, approval_reasons
from shared.domain.invoicing.billing_calendar import billing_periods, last_billing_periods
from shared.domain.invoicing.buyer import buyer_of, concerned, contract_of
from shared.domain.invoicing.conversion import conversion_rate
from shared.domain.invoicing.invoice import Invoice, InvoiceState, invoice_id
from shared.domain.invoicing.issuing import ISSUED_STATES
from shared.domain.invoicing.states import InvoiceTrigger, moved
from shared.domain.invoicing.validation import exceptions_of, is_critical, validate
from shared.domain.issue import Issue
from shared.domain.master_data.catalog import ApprovalPolicy, Contract, CustomerAccount, LegalEntity
from shared.domain.money import Money
from shared.domain.time_period import month_names
from shared.ports.clock import Clock
from shared.ports.exceptions import ExceptionReporter
from shared.ports.invoices import Invoices, StoredInvoice
from shared.ports.mapping_findings import MappingFindings
from shared.ports.master_data import MasterData
from shared.ports.usage_holds import UsageHolds

_ZONE_OF_NOBODY = ZoneInfo("UTC")


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
    findings: MappingFindings
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
        accounts = self.master_data.accounts(concerned(stored.invoice))
        account = accounts.get(stored.invoice.customer_id)
        # A customer that is gone is held by months of UTC, as the check of the archive then holds it.
        zone = account.customer.time_zone if account else _ZONE_OF_NOBODY
        holds = self._holds(stored.invoice, month_names(stored.invoice.billing_period.period, zone))
        contract, buyer = contract_of(stored.invoice, accounts), buyer_of(stored.invoice, accounts)
        today = entity.day_of(self.clock.now())  # it is dated at its issue, which may be days from now
        rate = conversion_rate(
            stored.invoice.gross.currency, entity, on=today, published=self.master_data.exchange_rates
        )
        issues = validate(
            stored.invoice,
            entity=entity,
            holds=holds,
            unknown=self.findings.known(entity),
            contract=contract,
            buyer=buyer,
            rate=rate,
        )
        reasons = self._reasons_for_approval(stored.invoice, entity, account, contract)
        checked = replace(stored.invoice, issues=(*issues, *reasons))
        judged = moved(checked, _trigger(issues, reasons))
        raised = dict.fromkeys((*stored.raised, *_raised_by(judged, self.clock)))
        judgement = replace(stored, invoice=judged, version=stored.version + 1, raised=tuple(raised))
        self.invoices.save(judgement)
        return judgement

    def _holds(self, invoice: Invoice, months: Sequence[str]) -> tuple[str, ...]:
        """Return why usage is held that is on the invoice: of its customer, and of those whose bills it has."""
        others = dict.fromkeys(one.customer_id for one in invoice.members if one.customer_id != invoice.customer_id)
        return (
            *self.holds.reasons(invoice.customer_id, *months),
            *(f"{reason}, of {other}" for other in others for reason in self.holds.reasons(other, *months)),
        )

    def _reasons_for_approval(
        self, invoice: Invoice, entity: LegalEntity, account: CustomerAccount | None, contract: Contract | None
    ) -> tuple[Issue, ...]:
        policy = entity.approval
        history = NO_HISTORY
        if policy is not None and policy.looks_back and account is not None and contract is not None:
            history = self._history(invoice, policy, account, contract)
        return approval_reasons(invoice, policy, history)

    def _history(
        self, invoice: Invoice, policy: ApprovalPolicy, account: CustomerAccount, contract: Contract
    ) -> InvoiceHistory:
        """Read what was issued for the contract's last periods, and of other periods only whether there is anything."""
        zone, most = account.customer.time_zone, policy.deviation.of_last if policy.deviation else 1
        before = last_billing_periods(contract, invoice.billing_period, zone, most=most)
        of_contract = self._issued([invoice_id(contract.contract_id, period) for period in before])
        if of_contract or not policy.first_invoice:
            return InvoiceHistory(of_contract=of_contract, of_customer=bool(of_contract))
        names = [
            invoice_id(one.contract_id, period)
            for one in account.contracts
            for period in takewhile(lambda p: p.start < invoice.billing_period.end, billing_periods(one, zone))
        ]
        return InvoiceHistory(of_customer=bool(self._issued([name for name in names if name != invoice.invoice_id])))

    def _issued(self, invoice_ids: Sequence[InvoiceId]) -> tuple[Money, ...]:
        found = self.invoices.newest(invoice_ids)
        return tuple(found[one].gross for one in invoice_ids if one in found and found[one].state in ISSUED_STATES)


def _raised_by(invoice: Invoice, clock: Clock) -> list[ExceptionCode]:
    faults = [record.code for record in exceptions_of(invoice, raised_at=clock.now())]
    return [*faults, ExceptionCode.APPROVAL_PENDING] if invoice.state is InvoiceState.AWAITING_APPROVAL else faults


def _trigger(issues: Sequence[Issue], reasons_for_approval: Sequence[Issue]) -> InvoiceTrigger:
    if is_critical(issues):
        return InvoiceTrigger.FAIL_VALIDATION
    if reasons_for_approval:
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
