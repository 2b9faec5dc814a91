"""The terms of a fee go together, and with its charge."""

from collections.abc import Iterator

from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Charge
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.subscriptions.fee_terms import WHOLE_PERIODS_IN_ARREARS, Billed
from shared.domain.subscriptions.proration import Proration


def unusable_fees(draft: CatalogDraft) -> Iterator[Issue]:
    for plan in draft.plans:
        for position, charge in enumerate(plan.record.charges):
            for message in _contradictions(charge):
                yield fault(CatalogFaultCode.FEE_CONTRADICTS, f"{plan.path}.charges[{position}]", message)


def _contradictions(charge: Charge) -> Iterator[str]:
    fee = charge.fee
    if charge.meter is not None and fee != WHOLE_PERIODS_IN_ARREARS:
        yield "billed, proration, once and seats are of fees; usage is billed in arrears, as much as there was"
    if fee.once and (fee.proration is not Proration.NONE or fee.billed is Billed.IN_ADVANCE):
        yield "a fee that is due once is whole, and billed with the period in which it is due"
    if fee.billed is Billed.IN_ADVANCE and charge.adjustments:
        yield "a fee in advance has no adjustments of its own: let the contract have them"
