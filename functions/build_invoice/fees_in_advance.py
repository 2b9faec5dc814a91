"""Set right what earlier invoices have billed in advance for a billing period, once it is over."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from functions.build_invoice.adjusting import Terms
from shared.domain.invoicing.billing_calendar import adjustable_periods
from shared.domain.invoicing.draft import FIRST_REVISION
from shared.domain.invoicing.fees_in_advance import fees_due, fees_in_advance
from shared.domain.invoicing.invoice import Invoice, invoice_id
from shared.domain.invoicing.issuing import BILLED_STATES
from shared.domain.issue import Issue, Severity
from shared.domain.rating.contract import RatedContract, RatingIssueCode
from shared.domain.subscriptions.fee_terms import Billed
from shared.domain.time_period import BillingPeriod
from shared.ports.invoices import Invoices


@dataclass(frozen=True, slots=True, kw_only=True)
class FeesInAdvance:
    invoices: Invoices

    def set_right(self, terms: Terms, rated: RatedContract, billing_period: BillingPeriod) -> RatedContract:
        """Return the rating with the fees of the billing period as far as the invoice before has not billed them.

        As long as that one is not billed for good nobody knows what it will have billed, and this one waits.
        """
        contract, span = terms.contract, billing_period.period
        earlier = adjustable_periods(contract, billing_period, terms.account.customer.time_zone)
        before = self._invoice(terms, earlier[-1]) if earlier else None
        is_open = bool(earlier) and (before is None or before.state not in BILLED_STATES)
        if is_open and (_bills_in_advance(terms) or any(fees_in_advance(before, span))):
            return replace(rated, issues=(*rated.issues, *_waits_for(terms, earlier[-1])))
        own = tuple(one for one in rated.charges if one.meter is None and one.service_period.start in span)
        others = tuple(one for one in rated.charges if one not in own)
        due = fees_due((*rated.in_advance, *own), before, span, contract.currency)
        return replace(rated, charges=(*due, *others), in_advance=())

    def _invoice(self, terms: Terms, period: BillingPeriod) -> Invoice | None:
        own = invoice_id(terms.contract.contract_id, period)
        return self.invoices.read_many([own], FIRST_REVISION).get(own)


def _bills_in_advance(terms: Terms) -> bool:
    plans = (terms.plans[one.plan_id] for one in terms.contract.subscriptions)
    return any(charge.fee.billed is Billed.IN_ADVANCE for plan in plans for charge in plan.charges)


def _waits_for(terms: Terms, period: BillingPeriod) -> Iterator[Issue]:
    own = invoice_id(terms.contract.contract_id, period)
    message = f"{own} is not billed yet, and what it bills in advance counts here"
    code = RatingIssueCode.EARLIER_PERIOD_NOT_BILLED
    yield Issue(severity=Severity.CRITICAL, code=code, message=message, path=own)
