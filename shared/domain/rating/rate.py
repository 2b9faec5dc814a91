"""Rate usage by a charge model: exact, unrounded, and with every step of the arithmetic kept."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar, assert_never

from shared.domain.money import exact_sum
from shared.domain.rating.charge_models import (
    ChargeModel,
    Dynamic,
    Flat,
    Graduated,
    GraduatedBlocks,
    GraduatedPercentage,
    GraduatedProrated,
    Package,
    Percentage,
    PerUnit,
    PreRated,
    Stairstep,
    StairstepByUnit,
    Volume,
    VolumeBlocks,
)
from shared.domain.rating.charge_models.dynamic import rate_dynamic
from shared.domain.rating.charge_models.flat import rate_flat
from shared.domain.rating.charge_models.graduated import rate_graduated
from shared.domain.rating.charge_models.graduated_blocks import rate_graduated_blocks
from shared.domain.rating.charge_models.graduated_percentage import rate_graduated_percentage
from shared.domain.rating.charge_models.graduated_prorated import rate_graduated_prorated
from shared.domain.rating.charge_models.package import rate_package
from shared.domain.rating.charge_models.per_unit import rate_per_unit
from shared.domain.rating.charge_models.percentage import rate_percentage
from shared.domain.rating.charge_models.pre_rated import rate_pre_rated
from shared.domain.rating.charge_models.stairstep import rate_stairstep
from shared.domain.rating.charge_models.stairstep_by_unit import rate_stairstep_by_unit
from shared.domain.rating.charge_models.volume import rate_volume
from shared.domain.rating.charge_models.volume_blocks import rate_volume_blocks
from shared.domain.rating.rated_charge import RatedPart
from shared.domain.rating.usage import ChargedUsage, LevelChanges, Transactions, UnitQuantities, quantity_of_usage

_Form = TypeVar("_Form", Transactions, LevelChanges, UnitQuantities)


class UsageDoesNotFitError(TypeError):
    """The model needs to know more of the usage than it was given, e.g. each transaction and not their sum."""


def rate(*, usage: ChargedUsage, model: ChargeModel) -> tuple[RatedPart, ...]:
    """Return the parts that the price is made of; what they take sums to the whole quantity.

    Raises QuantityBeyondTiersError when no tier takes all of it, UsageDoesNotFitError for usage in the wrong form.
    """
    return tuple(_parts(usage, quantity_of_usage(usage), model))


def amount_of(*, usage: ChargedUsage, model: ChargeModel) -> Decimal:
    """Return the exact sum of the parts, for whoever compares amounts and shows none of the steps.

    Raises what rate() raises.
    """
    if isinstance(model, Graduated) and isinstance(usage, Decimal) and (usage or model.first_flat_without_usage):
        return model.ladder.amount(usage)
    return exact_sum(part.amount for part in rate(usage=usage, model=model))


def _parts(  # noqa: C901, PLR0911, PLR0912 - one for each model
    usage: ChargedUsage, quantity: Decimal, model: ChargeModel
) -> Iterable[RatedPart]:
    match model:
        case Flat():
            return rate_flat(model, quantity)
        case PerUnit():
            return rate_per_unit(model, quantity)
        case Graduated():
            return rate_graduated(model, quantity)
        case Volume():
            return rate_volume(model, quantity)
        case Package():
            return rate_package(model, quantity)
        case Stairstep():
            return rate_stairstep(model, quantity)
        case StairstepByUnit():
            return rate_stairstep_by_unit(model, _in_form(UnitQuantities, usage, model))
        case GraduatedBlocks():
            return rate_graduated_blocks(model, quantity)
        case VolumeBlocks():
            return rate_volume_blocks(model, quantity)
        case GraduatedProrated():
            return rate_graduated_prorated(model, _in_form(LevelChanges, usage, model))
        case Percentage():
            return rate_percentage(model, _in_form(Transactions, usage, model))
        case GraduatedPercentage():
            return rate_graduated_percentage(model, quantity)
        case Dynamic():
            return rate_dynamic(model, quantity)
        case PreRated():
            return rate_pre_rated(quantity)
        case _ as never:
            assert_never(never)


def _in_form(form: type[_Form], usage: ChargedUsage, model: ChargeModel) -> _Form:
    if not isinstance(usage, form):
        raise UsageDoesNotFitError(f"{type(model).__name__} rates {form.__name__}, not {type(usage).__name__}")
    return usage
