"""A legal entity's approval policy: which invoices a person looks at before they are issued, and who."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from shared.domain.money import Money

OVERDUE_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """How far an invoice may be from the mean of its contract's invoices before it: `factor` times, up or down.

    The mean is of what was issued for the last `of_last` billing periods; fewer than `at_least` invoices tell nothing.
    """

    factor: Decimal
    of_last: int = 6
    at_least: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPolicy:
    """Invoices for which any of these holds wait for `approver`, who is never the preparer.

    Gross is at least the threshold of its currency (None: the amount is no reason; no threshold for the currency: every
    amount is); it deviates; it is the customer's `first_invoice`; it has a `manual_adjustment`. After `overdue_after`
    `second_approver`, if there is one, may decide too.
    """

    thresholds: tuple[Money, ...] | None
    approver: str
    second_approver: str = ""
    overdue_after: timedelta = OVERDUE_AFTER
    deviation: Deviation | None = None
    first_invoice: bool = False
    manual_adjustment: bool = False

    @property
    def approvers(self) -> tuple[str, ...]:
        return tuple(name for name in (self.approver, self.second_approver) if name)

    @property
    def looks_back(self) -> bool:
        """Whether earlier invoices have to be read to judge one."""
        return self.deviation is not None or self.first_invoice
