"""A charge model can be applied: it suits its charge and its meter, and its tiers ascend."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Charge
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.validation.index import CatalogIndex
from shared.domain.metering.meter import CURRENCY_DIMENSION, Aggregation, Meter
from shared.domain.rating.charge_models import (
    BlockTier,
    ChargeModel,
    Flat,
    Graduated,
    GraduatedBlocks,
    GraduatedPercentage,
    GraduatedProrated,
    MoneyModel,
    Percentage,
    Stairstep,
    StairstepByUnit,
    Volume,
    VolumeBlocks,
)


def unusable_models(draft: CatalogDraft, index: CatalogIndex) -> Iterator[Issue]:
    for plan in draft.plans:
        for position, charge in enumerate(plan.record.charges):
            path = f"{plan.path}.charges[{position}]"
            meter = None if charge.meter is None else index.meters.get(charge.meter)
            for i, price in enumerate(charge.prices):
                yield from unusable_model(f"{path}.prices[{i}]", charge, price.model, meter)
            yield from _money(path, charge, meter)


def unusable_model(path: str, charge: Charge, model: ChargeModel, meter: Meter | None) -> Iterator[Issue]:
    """Name what is wrong with one price of a charge; `meter` is None where there is none, or nobody knows it."""
    yield from _unsuitable(path, charge, model, meter)
    yield from _unsound(path, model)


def _unsuitable(path: str, charge: Charge, model: ChargeModel, meter: Meter | None) -> Iterator[Issue]:
    if isinstance(model, Flat) != (charge.meter is None and not charge.fee.seats):
        message = "a charge without a meter takes a flat price, a charge with one or of seats takes any other"
        yield fault(CatalogFaultCode.MODEL_DOES_NOT_FIT, path, message)
    if charge.meter is None and isinstance(model, MoneyModel | GraduatedProrated | StairstepByUnit):
        message = "seats are a number of units, and this price is of something else"
        yield fault(CatalogFaultCode.MODEL_DOES_NOT_FIT, path, message)
    if meter is None:
        return
    if isinstance(model, Percentage) and meter.aggregation is not Aggregation.TRANSACTIONS:
        message = f"a percentage is of each transaction, and meter {meter.code} does not aggregate transactions"
        yield fault(CatalogFaultCode.MODEL_DOES_NOT_FIT, f"{path}.percentage", message)
    if isinstance(model, GraduatedProrated) and meter.aggregation is not Aggregation.WEIGHTED_SUM:
        message = f"units are prorated by how long they are there, and meter {meter.code} has no weighted_sum"
        yield fault(CatalogFaultCode.MODEL_DOES_NOT_FIT, f"{path}.graduated_prorated", message)
    if isinstance(model, StairstepByUnit) and model.dimension not in meter.dimensions:
        message = f"meter {meter.code} keeps no dimension {model.dimension!r}"
        yield fault(CatalogFaultCode.UNKNOWN_REFERENCE, f"{path}.stairstep_by_unit.dimension", message)


def _money(path: str, charge: Charge, meter: Meter | None) -> Iterator[Issue]:
    """Money that events carry is of one currency, which the ledger must keep to be held against the contract's."""
    if not charge.is_of_money:
        return
    for i, price in enumerate(charge.prices):
        if not isinstance(price.model, MoneyModel):
            message = "the other prices of this charge are shares of money, and this one is of units"
            yield fault(CatalogFaultCode.MODEL_DOES_NOT_FIT, f"{path}.prices[{i}]", message)
    if meter is not None and CURRENCY_DIMENSION not in meter.dimensions:
        message = f"its prices are of money, and meter {meter.code} keeps no dimension {CURRENCY_DIMENSION!r}"
        yield fault(CatalogFaultCode.MODEL_DOES_NOT_FIT, path, message)
    if CURRENCY_DIMENSION in dict(charge.match):
        message = "only money in the contract's currency is taken: leave the currency out"
        yield fault(CatalogFaultCode.INVALID_VALUE, f"{path}.match.{CURRENCY_DIMENSION}", message)


def _unsound(path: str, model: ChargeModel) -> Iterator[Issue]:
    match model:
        case Graduated(tiers):
            yield from _out_of_order(f"{path}.graduated", [tier.up_to for tier in tiers])
        case Volume(tiers):
            yield from _out_of_order(f"{path}.volume", [tier.up_to for tier in tiers])
        case GraduatedProrated(tiers):
            yield from _out_of_order(f"{path}.graduated_prorated", [tier.up_to for tier in tiers])
        case GraduatedPercentage(rates):
            yield from _out_of_order(f"{path}.graduated_percentage", [tier.up_to for tier in rates])
        case Stairstep(steps):
            yield from _out_of_order(f"{path}.stairstep", [step.up_to for step in steps])
        case StairstepByUnit():
            yield from _steps_by_unit(f"{path}.stairstep_by_unit.steps", model)
        case GraduatedBlocks(blocks):
            yield from _unending_blocks(f"{path}.graduated_blocks", blocks)
        case VolumeBlocks(blocks):
            yield from _unending_blocks(f"{path}.volume_blocks", blocks)
        case Percentage(minimum=Decimal() as least, maximum=Decimal() as most) if least > most:
            message = f"a transaction cannot cost at least {least:f} and at most {most:f}"
            yield fault(CatalogFaultCode.INVALID_VALUE, f"{path}.percentage.maximum", message)
        case _:
            pass


def _out_of_order(path: str, limits: Sequence[Decimal | None]) -> Iterator[Issue]:
    limits = list(limits)
    if not limits or limits[-1] is not None:
        message = "the last tier has no up_to: it takes every unit above the tier before"
        yield fault(CatalogFaultCode.TIERS_OUT_OF_ORDER, path, message)
        limits.append(None)
    for position, (lower, upper) in enumerate(pairwise([Decimal(0), *limits[:-1]])):
        if lower is None or upper is None or upper <= lower:
            message = "up_to is above that of the tier before it, and only the last tier goes without"
            yield fault(CatalogFaultCode.TIERS_OUT_OF_ORDER, f"{path}[{position}]", message)


def _steps_by_unit(path: str, model: StairstepByUnit) -> Iterator[Issue]:
    if not model.limits:
        message = "the steps name no kind of unit: all but the last say up to how many of each"
        yield fault(CatalogFaultCode.TIERS_OUT_OF_ORDER, path, message)
    for unit, limits in model.limits.items():
        for issue in _out_of_order(path, limits):
            yield fault(CatalogFaultCode.TIERS_OUT_OF_ORDER, issue.path, f"{unit}: {issue.message}")


def _unending_blocks(path: str, tiers: Sequence[BlockTier]) -> Iterator[Issue]:
    if not tiers or tiers[-1].blocks is not None:
        message = "the last tier has no number of blocks: it takes whatever the others do not hold"
        yield fault(CatalogFaultCode.TIERS_OUT_OF_ORDER, path, message)
    for position, tier in enumerate(tiers[:-1]):
        if tier.blocks is None:
            message = "only the last tier goes without a number of blocks"
            yield fault(CatalogFaultCode.TIERS_OUT_OF_ORDER, f"{path}[{position}]", message)
