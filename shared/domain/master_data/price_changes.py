"""What differs between the prices of two catalogues, in words, and which contracts it concerns."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from shared.domain.identifiers import ContractId
from shared.domain.master_data.catalog import Catalog, Contract, Plan, Price
from shared.domain.master_data.customer import SINCE_ALWAYS
from shared.domain.rating.priced_dimensions import in_words

_Place: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """One price by both catalogues; "" where one of them has none. `contracts` are those that have it, by either."""

    place: str  # whose price it is: a plan's charge, or that of a contract
    terms: str  # currency and what else tells it from the other prices there
    before: str
    after: str
    contracts: tuple[ContractId, ...]


def price_changes(before: Catalog, after: Catalog) -> tuple[PriceChange, ...]:
    """Return every price that only one of them has, or that they have in different words; plans first."""
    was, now = dict(_prices(before)), dict(_prices(after))
    changes = []
    for place in sorted({*was, *now}):
        one, other = was.get(place), now.get(place)
        texts = tuple("" if side is None else _in_words(side[0]) for side in (one, other))
        if texts[0] != texts[1]:
            concerned = {contract for side in (one, other) if side is not None for contract in side[1]}
            changes.append(
                PriceChange(
                    place=place[1], terms=place[2], before=texts[0], after=texts[1], contracts=tuple(sorted(concerned))
                )
            )
    return tuple(changes)


def _prices(catalog: Catalog) -> Iterator[tuple[_Place, tuple[Price, tuple[ContractId, ...]]]]:
    for plan in catalog.plans:
        for charge in plan.charges:
            for price in charge.prices:
                place = ("1", f"{plan.plan_id}/{charge.charge_id}", _terms(price))
                yield place, (price, tuple(_with_plan(plan, price, catalog.contracts)))
    for contract in catalog.contracts:
        for agreed in contract.prices:
            of = f"{agreed.subscription_id}/{agreed.charge_id}" if agreed.subscription_id else agreed.charge_id
            yield ("2", f"{contract.contract_id}: {of}", _terms(agreed.price)), (agreed.price, (contract.contract_id,))


def _with_plan(plan: Plan, price: Price, contracts: Iterable[Contract]) -> Iterator[ContractId]:
    for one in contracts:
        if one.currency == price.currency and any(taken.plan_id == plan.plan_id for taken in one.subscriptions):
            yield one.contract_id


def _terms(price: Price) -> str:
    """Say what tells a price from others of its charge."""
    since = "" if price.valid.start == SINCE_ALWAYS else f"from {_day(price.valid.start)}"
    parts = (price.currency.code, in_words(price.match), str(price.phase or ""), since)
    return ", ".join(part for part in parts if part)


def _in_words(price: Price) -> str:
    return f"{price} until {_day(price.valid.end)}" if price.valid.end else str(price)


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC".removesuffix(" 00:00 UTC")
