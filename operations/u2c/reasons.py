"""Why something of a run is not where it ends up: an exception that is open, or time that has to pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from operations.u2c.books import Books
from shared.domain.exception_record import ExceptionCode, ExceptionStatus
from shared.domain.identifiers import CustomerId, InvoiceId, MeterCode, PlanId, PostingId
from shared.domain.invoicing.billing_calendar import adjusting_periods, billing_period_at
from shared.domain.invoicing.invoice import Invoice, invoice_id
from shared.domain.invoicing.issuing import BILLED_STATES, ISSUED_STATES, REVERSED_STATES
from shared.domain.invoicing.left_over import read_for_credits
from shared.domain.master_data.catalog import Catalog, CustomerAccount, Plan
from shared.domain.master_data.subjects import accounts_of
from shared.domain.metering.aggregate import WindowKey
from shared.domain.metering.late_usage import late_slot_name
from shared.domain.metering.reading import SlotsRead, UsageManifest
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.names import first_posting
from shared.domain.rating.charging import charging_contracts
from shared.domain.reconciliation.billed_usage import BilledCharge, BilledUsage
from shared.domain.time_period import BillingPeriod

# A day of grace until the last slice is sealed, and a day until the next bill run.
SEALED_AND_BILLED_WITHIN = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """The reasons that the books of a run give."""

    books: Books
    accounts: Mapping[CustomerId, CustomerAccount]
    plans: Mapping[PlanId, Plan]
    told: frozenset[tuple[ExceptionCode, str]]  # the subjects of open exceptions, by code
    named: frozenset[str]  # whatever open exceptions name

    @classmethod
    def of(cls, books: Books, catalog: Catalog) -> "Reasons":
        open_ones = [record for record in books.exceptions if record.status is ExceptionStatus.OPEN]
        return cls(
            books=books,
            accounts={account.customer.customer_id: account for account in accounts_of(catalog)},
            plans={plan.plan_id: plan for plan in catalog.plans},
            told=frozenset((record.code, record.subject) for record in open_ones),
            named=frozenset(name for one in open_ones for name in (one.subject, one.detail.get("invoice_id", ""))),
        )

    def unread(self, usage: BilledUsage) -> Mapping[BilledCharge, str]:
        """Say why late usage of a billed charge is on no invoice."""
        reasons = {
            charge: self._why_late(charge.own_invoice, charge.customer_id, charge.meter, charge.unread)
            for charge in usage.charges
            if charge.unread
        }
        return {charge: reason for charge, reason in reasons.items() if reason}

    def unbilled(self, usage: BilledUsage) -> Mapping[WindowKey, str]:
        """Say why a window is on no issued line; one without a reason stays unexplained, and the run does not tie.

        An invoice that is not issued is a reason only for what its own contract charges, with an open exception.
        """
        reasons = {
            key: self._why_unbilled(key, usage)
            for key in self.books.windows
            if key not in usage.lines_of_window and key.customer_id in self.accounts
        }
        return {key: reason for key, reason in reasons.items() if reason}

    def not_posted(self) -> Mapping[PostingId, str]:
        """Say why an issued document is not in its ERP's ledger: it waits, an open exception, or a person's word.

        The document goes by its first posting, whichever has taken its place since. What is said to wait is on the list
        of what is brought on, and not in the ledger: what nobody would ever send is lost, and what is there has no
        need of a reason.
        """
        named = {subject: code.value for code, subject in self.told}
        on_their_way = {intent.posting_id for intent in self.books.on_their_way}
        in_a_ledger = {document.external_ref for document in self.books.erp_documents}
        reasons: dict[PostingId, str] = {}
        for intent in self.books.intents:
            if intent.state is IntentState.POSTED or intent.replaced_by is not None:
                continue
            if intent.state is IntentState.CANCELLED:
                reasons[first_posting(intent.posting_id)] = f"not posted: {intent.reason}"
                continue
            # Its own, a dead letter's, or that of the refused one in whose place it is to be sent.
            names = (intent.posting_id, f"erp-postings/{intent.posting_id}", intent.replaces or "")
            code = next((named[name] for name in names if name in named), None)
            if intent.is_on_its_way:
                if intent.posting_id in on_their_way and intent.external_ref not in in_a_ledger:
                    reasons[first_posting(intent.posting_id)] = _why_it_waits(intent, code)
            elif code is not None:
                reasons[first_posting(intent.posting_id)] = f"not posted: exception {code}"
        return reasons

    def _why_unbilled(self, key: WindowKey, usage: BilledUsage) -> str:
        account = self.accounts[key.customer_id]
        zone = account.customer.time_zone
        periods = {
            invoice_id(one.contract_id, period): period
            for one in charging_contracts(key, account.contracts, self.plans)
            for period in (billing_period_at(one, key.window_start, zone),)
        }
        names = list(periods)
        for name in names:
            if name in usage.periods:
                unread = self._unread_slots(key, usage, name)
                if unread and (reason := self._why_late(name, key.customer_id, key.meter, unread)):
                    return reason
            elif self._waits(name):
                return self._waiting(name)
        none_yet = not any(name in self.books.invoices for name in names)
        is_to_come = none_yet and all(map(self._is_to_come, periods.values()))
        return "billing period not ended, sealed and billed yet" if is_to_come else ""

    def _unread_slots(self, key: WindowKey, usage: BilledUsage, name: InvoiceId) -> frozenset[SlotsRead]:
        buckets = self.books.late_windows.get(key, ())
        places = frozenset(one.place for bucket in buckets for one in bucket.late)
        return frozenset(place for place in places if not usage.periods[name].has_read(place))

    def _why_late(
        self, own_invoice: InvoiceId, customer_id: CustomerId, meter: MeterCode, unread: frozenset[SlotsRead]
    ) -> str:
        if (ExceptionCode.ADJUSTMENT_KEPT_BACK, own_invoice) in self.told:
            return "late after issue, kept back (exception ADJUSTMENT_KEPT_BACK)"
        own, account = self.books.invoices[own_invoice], self.accounts.get(customer_id)
        contracts = account.contracts if account else ()
        contract = next((one for one in contracts if one.contract_id == own.contract_id), None)
        if account is None or contract is None:
            return ""
        left_over: list[UsageManifest] = []
        for period in adjusting_periods(contract, own.billing_period, account.customer.time_zone):
            following = self.books.invoices.get(name := invoice_id(contract.contract_id, period))
            if following is not None and following.state in BILLED_STATES:
                left_over += read_for_credits(own_invoice, [following])
                continue
            if following is None:
                return "late after issue, on the contract's next invoice" if self._is_to_come(period) else ""
            return f"late after issue, {self._waiting(name)}" if self._waits(name) else ""
        if all(any(manifest.has_read_late(place) for manifest in left_over) for place in unread):
            return "late after issue, credited"
        names = (late_slot_name(customer_id, meter, place) for place in unread)
        told = all((ExceptionCode.LATE_AFTER_ISSUE, name) in self.told for name in names)
        return "late after issue (exception LATE_AFTER_ISSUE)" if told else ""

    def _is_to_come(self, period: BillingPeriod) -> bool:
        return period.end + SEALED_AND_BILLED_WITHIN > self.books.as_of

    def _waits(self, name: InvoiceId) -> bool:
        """Whether an invoice is not issued and an open exception names it, or whether it is to be billed anew.

        That of a member is named by its lead.
        """
        invoice = self._sent(name)
        if invoice is None or invoice.state in ISSUED_STATES:
            return False
        return invoice.state in REVERSED_STATES or invoice.invoice_id in self.named

    def _waiting(self, name: InvoiceId) -> str:
        invoice = self._sent(name)
        assert invoice is not None
        what_next = "a bill run bills it anew" if invoice.state in REVERSED_STATES else "see the exceptions"
        return f"invoice {invoice.state.value}, {what_next}"

    def _sent(self, name: InvoiceId) -> Invoice | None:
        """Return the invoice that a bill is on, or is."""
        bill = self.books.invoices.get(name)
        on = bill.consolidated_on if bill else None
        return self.books.invoices.get(on.invoice_id) if on is not None else bill


def _why_it_waits(intent: PostingIntent, code: str | None) -> str:
    until = "its next open accounting period" if intent.awaits_redating else "the ERP"
    told = f", exception {code}" if code else ""
    return f"not posted yet: waiting for {until} (state {intent.state.in_words}{told})"
