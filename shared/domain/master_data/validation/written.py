"""Where the subscriptions of a contract come from: their own entries, or those of the amendments that began them."""

from collections.abc import Iterator

from shared.domain.master_data.catalog import Contract, Subscription


def written(contract: Contract) -> Iterator[tuple[str, Subscription]]:
    """Yield every subscription that is in force, with its place in the contract's entry."""
    for position, one in enumerate(contract.subscriptions):
        yield (f"subscriptions[{position}]" if one.came_of is None else f"amendments[{one.came_of}]"), one
