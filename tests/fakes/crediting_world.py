"""Billing on fakes whose invoices come to their ERP's ledger, and are credited there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from functions.issue_credit_note.left_over import LeftOverCredited, LeftOverCreditor
from shared.domain.exception_record import ExceptionCode, ExceptionRecord
from shared.domain.identifiers import ExceptionId, ProductId
from shared.domain.invoicing.bill_run import BillingAccount
from shared.domain.invoicing.credit_note import CreditNote, CreditPurpose, CreditRequest, LineAmount, LinesCredit
from shared.domain.invoicing.invoice import Invoice
from shared.domain.master_data.approval_policy import ApprovalPolicy
from shared.domain.master_data.catalog import Charge, Product
from shared.domain.posting.compose import posting_id
from shared.domain.posting.intent import IntentState
from shared.domain.posting.outcome import ErpRef
from shared.domain.rating.adjustments import ContractAdjustment
from shared.domain.rating.charge_models import PerUnit
from shared.domain.resolution import Resolution
from shared.domain.time_period import BillingPeriod, Period, billing_periods_from
from tests.builders.billing import (
    ACME,
    BERLIN,
    OCTOBER,
    SINCE_OCTOBER,
    TENANT,
    calls,
    catalog,
    contract,
    euros,
    nimbus,
    plan,
    price,
    usage_charge,
)
from tests.fakes.credit_note_world import CreditNoteWorld
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter, InMemoryExceptionStore

MONTHS = [month for month, _ in zip(billing_periods_from(OCTOBER.start, BERLIN), range(9), strict=False)]
NOVEMBER, DECEMBER, JANUARY = MONTHS[1:4]
ONE_EURO_A_CALL = usage_charge(price(PerUnit(Decimal(1))))
CALLS = "s-acme/api-calls"
MISSING = ProductId("missing")


class StoredExceptions(InMemoryExceptionReporter):
    """Hands what is reported to the store at once."""

    def __init__(self) -> None:
        super().__init__()
        self.store = InMemoryExceptionStore(TENANT)

    def report(self, records: Sequence[ExceptionRecord]) -> None:
        super().report(records)
        for record in records:
            self.store.open(record)

    def resolve(self, exception_id: ExceptionId, resolution: str, resolved_at: datetime) -> None:
        super().resolve(exception_id, resolution, resolved_at)
        self.store.resolve(
            Resolution(exception_id=exception_id, tenant=TENANT, resolution=resolution, resolved_at=resolved_at)
        )

    def kept_back(self) -> list[str]:
        """Return the periods that are kept back, by their own invoices."""
        return [record.subject for record in self.store.open_records(ExceptionCode.ADJUSTMENT_KEPT_BACK)]


class CreditingWorld(CreditNoteWorld):
    """Acme's contract, billed month after month; every invoice is posted at once."""

    def __init__(self) -> None:
        super().__init__()
        self.exceptions: StoredExceptions = StoredExceptions()

    @property
    def creditor(self) -> LeftOverCreditor:
        return LeftOverCreditor(issuer=self.issuer, open_exceptions=self.exceptions.store)

    def credit_left_over(self) -> LeftOverCredited:
        """Run what credits what invoices have left over, an hour after whatever happened last."""
        self.clock.instant += timedelta(hours=1)
        return self.creditor.credit_all(self.clock.instant)

    def complete(self, state: IntentState = IntentState.POSTED) -> Invoice:
        invoice = super().complete(state)
        intent = self.invoices.intents.read(posting_id(invoice.invoice_id, invoice.revision))
        assert intent is not None
        erp_ref = ErpRef(f"erp-{invoice.number}")
        self.invoices.intents.save(replace(intent, state=state, erp_ref=erp_ref, version=intent.version + 1))
        return invoice

    def select_month(self, month: BillingPeriod) -> None:
        self.account = BillingAccount(
            customer_id=ACME.customer_id, contract_id=contract().contract_id, billing_period=month
        )
        self.usage.sealed = month.end

    def bill(self, month: BillingPeriod) -> Invoice:
        """Run the bill run of the day after the month's last slice was sealed."""
        self.select_month(month)
        self.run((month.end + timedelta(days=2)).replace(hour=6))
        return self.invoice

    def credit(
        self,
        invoice: Invoice,
        amounts: Mapping[str, str],
        purpose: CreditPurpose = CreditPurpose.CORRECTION,
        *,
        request_id: str = "by-hand",
    ) -> CreditNote:
        """Credit amounts of lines by hand."""
        request = CreditRequest(
            request_id=request_id,
            invoice_id=invoice.invoice_id,
            revision=invoice.revision,
            credit=LinesCredit(tuple(LineAmount(name, euros(amount)) for name, amount in amounts.items())),
            reason="calls were counted twice",
            requested_by="dora@nimbus.example",
            requested_at=self.clock.now(),
            purpose=purpose,
        )
        return self.issuer.request(request)


class Months(CreditingWorld):
    """Acme's calls at one euro each, and what else is agreed."""

    def __init__(
        self,
        *agreed: ContractAdjustment,
        charges: tuple[Charge, ...] = (ONE_EURO_A_CALL,),
        active: Period = SINCE_OCTOBER,
    ) -> None:
        super().__init__()
        self._agreed, self._charges = agreed, charges
        self.agree(active)

    def agree(self, active: Period = SINCE_OCTOBER, *, approval: ApprovalPolicy | None = None) -> None:
        source = catalog(
            plans=[plan(*self._charges)],
            contracts=[replace(contract(active=active), adjustments=self._agreed)],
            entity=nimbus(products=("platform", "api", "missing"), approval=approval),
        )
        missing = Product(product_id=MISSING, name="Missing", tax_category="standard")
        self.publish(replace(source, products=(*source.products, missing)))

    def use(self, count: int, month: BillingPeriod = OCTOBER) -> None:
        self.usage.come_late(calls(count, at=month.start + timedelta(days=9, hours=2)))


def amounts(invoice: Invoice) -> dict[str, Decimal]:
    return {line.line_id: line.amount.amount for line in invoice.lines}
