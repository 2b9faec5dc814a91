"""Set right what earlier invoices have billed in advance for a billing period, and tell of fees that changed later."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from functions.build_invoice.adjusting import Terms
from functions.build_invoice.later_invoices import NOTHING_LATER, Later
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.billed_document import BilledDocument
from shared.domain.invoicing.billing_calendar import adjustable_periods, billing_period_after
from shared.domain.invoicing.fees_in_advance import ahead_of, changed_since_billed, fees_billed, fees_due
from shared.domain.invoicing.invoice import Invoice, invoice_id
from shared.domain.invoicing.issuing import BILLED_STATES
from shared.domain.invoicing.standing import Standing
from shared.domain.issue import Issue, Severity
from shared.domain.rating.contract import RatedContract, RatingIssueCode
from shared.domain.subscriptions.fee_terms import Billed
from shared.domain.time_period import BillingPeriod
from shared.ports.invoices import Invoices


@dataclass(frozen=True, slots=True, kw_only=True)
class FeesInAdvance:
    invoices: Invoices

    def set_right(
        self, terms: Terms, rated: RatedContract, billing_period: BillingPeriod, later: Later = NOTHING_LATER
    ) -> tuple[RatedContract, tuple[Standing, ...]]:
        """Return the rating with the fees of the billing period as far as the invoice before has not billed them.

        As long as that one is not billed for good nobody knows what it will have billed, and this one waits. What
        credit notes that correct it have taken back is not billed. So it is with the fees of the next billing period
        and its invoice, if that is one of the `later` ones. The invoices by which a fee is set right are returned as
        they stood.
        """
        contract, span = terms.contract, billing_period.period
        earlier = adjustable_periods(contract, billing_period, terms.account.customer.time_zone)
        documents = self._documents(terms, earlier if _amended_before(terms, billing_period) else earlier[-1:])
        known = {one: document.corrected() for one, document in documents.items()}
        before = known.get(_own(terms, earlier[-1])) if earlier else None
        is_open = bool(earlier) and (before is None or before.state not in BILLED_STATES)
        if is_open and (_bills_in_advance(terms) or any(fees_billed(before, span))):
            return replace(rated, issues=(*rated.issues, *_waits_for(_own(terms, earlier[-1])))), ()
        own = tuple(one for one in rated.charges if one.meter is None and one.service_period.start in span)
        others = tuple(one for one in rated.charges if one not in own)
        final = (*rated.in_advance, *own)
        due = fees_due(final, before, span, contract.currency)
        rests_on = [documents[before.invoice_id].standing] if before and any(one not in final for one in due) else []
        ahead = billing_period_after(contract, billing_period, terms.account.customer.time_zone)
        following = next((one for one in later.billed if one.invoice.billing_period == ahead), None)
        if following is not None:
            advance = tuple(one for one in others if one.meter is None and one.service_period.start in ahead.period)
            others = (
                *ahead_of(following.corrected(), advance, ahead.period, contract.currency),
                *(one for one in others if one not in advance),
            )
            rests_on.append(following.standing)
        changed = _changed(terms, earlier, known) if _amended_before(terms, billing_period) else ()
        set_right = replace(rated, charges=(*due, *others), in_advance=(), issues=(*rated.issues, *changed))
        return set_right, tuple(rests_on)

    def _documents(self, terms: Terms, periods: Sequence[BillingPeriod]) -> Mapping[InvoiceId, BilledDocument]:
        return self.invoices.documents([_own(terms, one) for one in periods])


def _own(terms: Terms, period: BillingPeriod) -> InvoiceId:
    return invoice_id(terms.contract.contract_id, period)


def _bills_in_advance(terms: Terms) -> bool:
    plans = (terms.plans[one.plan_id] for one in terms.contract.subscriptions)
    return any(charge.fee.billed is Billed.IN_ADVANCE for plan in plans for charge in plan.charges)


def _amended_before(terms: Terms, billing_period: BillingPeriod) -> bool:
    return any(one.effective_at < billing_period.start for one in terms.contract.amendments)


def _waits_for(own: InvoiceId) -> Iterator[Issue]:
    message = f"{own} is not billed yet, and what it bills in advance counts here"
    code = RatingIssueCode.EARLIER_PERIOD_NOT_BILLED
    yield Issue(severity=Severity.CRITICAL, code=code, message=message, path=own)


def _changed(terms: Terms, earlier: Sequence[BillingPeriod], known: Mapping[InvoiceId, Invoice]) -> Iterator[Issue]:
    """Tell of fees that an amendment changed after their invoice: nobody credits or charges them unasked."""
    fees = terms.for_fees()
    for period in earlier:
        own = known.get(_own(terms, period))
        if own is None or own.state not in BILLED_STATES:
            continue
        rated = fees.rate((), period.period, opening=())
        final = (*rated.charges, *rated.in_advance)
        for name, was, now in changed_since_billed(final, known.values(), period.period, terms.contract.currency):
            message = f"{period.name}: {was} is billed, and by what is agreed now it comes to {now}"
            code = RatingIssueCode.FEE_CHANGED_SINCE_BILLED
            yield Issue(severity=Severity.WARNING, code=code, message=message, path=name)
