"""Replacing an attribute of somebody else's module or class, for as long as a local cloud is up."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:  # noqa: ANN401 - modules and classes alike
    """Set an attribute, and put the original object back at the end. Static methods survive the way back."""
    original = vars(owner)[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)
