"""What a proposed catalogue would make of usage that is known: each contract's invoice by both, without tax.

A billing period is rated and settled by the very code that makes invoices, on its final usage. Fees in advance are
those of the billing period itself. What earlier billing periods leave of commitments and credits is what today's
catalogue makes of them, for both sides: a proposal is not for what is billed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.domain.identifiers import ContractId, CustomerId
from shared.domain.invoicing.invoice import InvoiceLine
from shared.domain.invoicing.priced_usage import PricedUsage, by_customer
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.catalog import Catalog
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.money import Currency, Money, total


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """A line by both catalogues, with another amount: None, and no price in words, where there is no such line."""

    name: str
    charge: str  # what it is of, whichever subscription has it
    before: Money | None
    after: Money | None
    price_before: str
    price_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedInvoice:
    """A contract's billing period by both catalogues. `waits` says what would keep the proposed one from an invoice."""

    customer_id: CustomerId
    contract_id: ContractId
    period: str
    before: Money
    after: Money
    lines: tuple[LineChange, ...]
    waits: tuple[Issue, ...]

    @property
    def difference(self) -> Money:
        return self.after - self.before

    @property
    def changes(self) -> bool:
        return bool(self.lines or self.waits)


def preview(
    catalog: Catalog, proposed: Catalog, windows: Iterable[WindowUsage], month: date
) -> tuple[PreviewedInvoice, ...]:
    """Return every contract's invoice, those that change most first. `month` is the first day of the month to rate.

    A contract has the billing period whose last day is in the month, if there is one.
    """
    usage = by_customer(windows)
    now, then = PricedUsage(catalog, usage), PricedUsage(proposed, usage)
    found = [
        one
        for contract_id in dict.fromkeys((*now.contracts, *then.contracts))
        if (one := _previewed(contract_id, now, then, month)) is not None
    ]
    return tuple(sorted(found, key=_by_size))


def _by_size(one: PreviewedInvoice) -> tuple[str, Decimal, ContractId]:
    return one.after.currency.code, -abs(one.difference.amount), one.contract_id


def _previewed(contract_id: ContractId, now: PricedUsage, then: PricedUsage, month: date) -> PreviewedInvoice | None:
    sides = [one for one in (then, now) if contract_id in one.contracts]
    contract = sides[0].contracts[contract_id]
    period = sides[0].period_ending_in(contract, month)
    if period is None:
        return None
    before_it = sides[-1].lines_before(contract_id, period)
    before = now.rated(contract_id, period, before_it)
    after = then.rated(contract_id, period, before_it)
    return PreviewedInvoice(
        customer_id=contract.customer_id,
        contract_id=contract_id,
        period=period.name,
        before=_net(before.lines, contract.currency),
        after=_net(after.lines, contract.currency),
        lines=tuple(_changes(before.lines, after.lines)),
        waits=tuple(issue for issue in after.issues if issue.severity is Severity.CRITICAL),
    )


def _net(lines: Iterable[InvoiceLine], currency: Currency) -> Money:
    return total((line.amount for line in lines), currency)


def _changes(before: Sequence[InvoiceLine], after: Sequence[InvoiceLine]) -> Iterator[LineChange]:
    was, now = ({line.line_id: line for line in lines} for lines in (before, after))
    for name in dict.fromkeys((*was, *now)):
        one, other = was.get(name), now.get(name)
        if one is None or other is None or one.amount != other.amount:
            either = other or one
            assert either is not None, "it is the name of one of them"
            yield LineChange(
                name=name,
                charge=either.applied.adjustment_id if either.applied else str(either.charge_id),
                before=one.amount if one else None,
                after=other.amount if other else None,
                price_before=one.price if one else "",
                price_after=other.price if other else "",
            )
