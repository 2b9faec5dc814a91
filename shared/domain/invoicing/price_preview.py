"""What a proposed catalogue would make of usage that is known: each contract's invoice by both, without tax.

A billing period is rated and settled by the very code that makes invoices, on its final usage. Fees in advance are
those of the billing period itself. What earlier billing periods leave of commitments and credits is what today's
catalogue makes of them, for both sides: a proposal is not for what is billed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import takewhile

from shared.domain.identifiers import ContractId, CustomerId
from shared.domain.invoicing.billing_calendar import billing_periods, billing_periods_before
from shared.domain.invoicing.invoice import InvoiceLine
from shared.domain.invoicing.settling import NOTHING_CARRIED, SettledBy
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.catalog import Catalog, Contract, CustomerAccount
from shared.domain.master_data.subjects import accounts_of
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.carried import closing_levels
from shared.domain.money import Currency, Money, total
from shared.domain.rating.contract import rate_contract
from shared.domain.rating.settlement import Carried, carried_since
from shared.domain.time_period import BillingPeriod, local_days

_MONTHS_A_YEAR = 12


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
    usage: dict[CustomerId, list[WindowUsage]] = {}
    for window in windows:
        usage.setdefault(window.key.customer_id, []).append(window)
    now, then = _Priced(catalog, usage), _Priced(proposed, usage)
    found = [
        one
        for contract_id in dict.fromkeys((*now.contracts, *then.contracts))
        if (one := _previewed(contract_id, now, then, month)) is not None
    ]
    return tuple(sorted(found, key=_by_size))


def _by_size(one: PreviewedInvoice) -> tuple[str, Decimal, ContractId]:
    return one.after.currency.code, -abs(one.difference.amount), one.contract_id


def _previewed(contract_id: ContractId, now: "_Priced", then: "_Priced", month: date) -> PreviewedInvoice | None:
    sides = [one for one in (then, now) if contract_id in one.contracts]
    contract = sides[0].contracts[contract_id]
    period = sides[0].period(contract, month)
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


def _after(month: date) -> date:
    return date(month.year + month.month // _MONTHS_A_YEAR, month.month % _MONTHS_A_YEAR + 1, 1)


@dataclass(frozen=True, slots=True)
class _Rated:
    lines: tuple[InvoiceLine, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class _Priced:
    """Usage as one catalogue prices it."""

    catalog: Catalog
    usage: Mapping[CustomerId, Sequence[WindowUsage]]

    @cached_property
    def contracts(self) -> Mapping[ContractId, Contract]:
        return {one.contract_id: one for one in self.catalog.contracts}

    @cached_property
    def _accounts(self) -> Mapping[CustomerId, CustomerAccount]:
        return {one.customer.customer_id: one for one in accounts_of(self.catalog)}

    def period(self, contract: Contract, month: date) -> BillingPeriod | None:
        zone = self._accounts[contract.customer_id].customer.time_zone
        begun = takewhile(lambda one: local_days(one.period, zone)[0] < _after(month), billing_periods(contract, zone))
        return next((one for one in begun if month <= local_days(one.period, zone)[1] < _after(month)), None)

    def lines_before(self, contract_id: ContractId, period: BillingPeriod) -> list[tuple[InvoiceLine, ...]]:
        """Return the lines of each earlier billing period that this one may depend on, oldest first."""
        contract = self.contracts[contract_id]
        since = carried_since(contract)
        if since is None:
            return []
        zone = self._accounts[contract.customer_id].customer.time_zone
        before: list[tuple[InvoiceLine, ...]] = []
        for earlier in billing_periods_before(contract, period, zone, since):
            before.append(self.rated(contract_id, earlier, before).lines)
        return before

    def rated(
        self, contract_id: ContractId, period: BillingPeriod, before: Iterable[tuple[InvoiceLine, ...]]
    ) -> _Rated:
        """Rate and settle a billing period, after the lines of those before it; nothing where there is no contract."""
        contract = self.contracts.get(contract_id)
        if contract is None:
            return _Rated()
        account = self._accounts[contract.customer_id]
        windows = self.usage.get(contract.customer_id, ())
        rated = rate_contract(
            account=account,
            contract=contract,
            plans={plan.plan_id: plan for plan in self.catalog.plans},
            billing_period=period.period,
            windows=[one for one in windows if one.key.window_start in period.period],
            opening=closing_levels((), [one for one in windows if one.key.window_start < period.start]),
        )
        products = {product.product_id: product for product in self.catalog.products}
        settled_by = SettledBy(contract=contract, products=products, zone=account.customer.time_zone)
        carried: Carried = NOTHING_CARRIED
        for lines in before:
            carried = settled_by.carry(carried, lines)
        own = replace(rated, charges=(*rated.in_advance, *rated.charges), in_advance=())
        return _Rated(settled_by.lines(own, period.period, carried=carried), rated.issues)
