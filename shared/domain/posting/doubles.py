"""Which of several documents with one key of ours count."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Carrier = TypeVar("Carrier")


def without_reversed(
    found: Sequence[Carrier], *, is_posted: Callable[[Carrier], bool], is_reversed: Callable[[Carrier], bool]
) -> Sequence[Carrier]:
    """Return what counts of all that carries one key: what was reversed does not, beside one that stands.

    One stands that is in the ledger and was not reversed; a draft stands nowhere. Where none does, all count: what was
    reversed by itself was posted all the same.
    """
    standing = [one for one in found if not is_reversed(one)]
    return standing if any(map(is_posted, standing)) else found
