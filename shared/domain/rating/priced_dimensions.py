"""A charge that is priced by dimensions has a line for each combination of their values that was used."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from shared.domain.identifiers import ChargeId, SubscriptionId
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.carried import CarriedLevel
from shared.domain.usage.event import Dimensions


def combination(dimensions: Dimensions, price_by: Iterable[str]) -> Dimensions:
    """Return the values that usage is priced by; one that it does not have is empty."""
    values = dict(dimensions)
    return tuple(sorted((name, values.get(name, "")) for name in price_by))


def combinations_of(
    windows: Iterable[WindowUsage], opening: Iterable[CarriedLevel], price_by: Sequence[str]
) -> list[Dimensions]:
    """Return each combination that usage or a level has, in order."""
    of_usage = (*(one.key.dimensions for one in windows), *(one.dimensions for one in opening))
    return sorted({combination(dimensions, price_by) for dimensions in of_usage})


def line_name(subscription_id: SubscriptionId | None, charge_id: ChargeId | None, priced_by: Dimensions) -> str:
    """Return the name of a charge's line within a billing period, e.g. `s-acme/tokens[model=large,tier=gold]`.

    What may be in no id is written as in a URL, so that no value reads like another, or like a part of the name.
    """
    name = f"{subscription_id}/{charge_id}"
    if not priced_by:
        return name
    pairs = ",".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in priced_by)
    return f"{name}[{pairs}]"


def in_words(priced_by: Dimensions) -> str:
    return ", ".join(f"{name} {value or '(none)'}" for name, value in priced_by)
