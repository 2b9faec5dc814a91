"""Cut what is to be sent into calls that the service takes."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def bounded_chunks(
    items: Iterable[Item], *, size_of: Callable[[Item], int], most_items: int, most_bytes: int
) -> Iterator[list[Item]]:
    """Yield the items in order in lists of bounded length and size; one that is too big alone comes alone."""
    chunk: list[Item] = []
    chunk_bytes = 0
    for item in items:
        size = size_of(item)
        if chunk and (len(chunk) == most_items or chunk_bytes + size > most_bytes):
            yield chunk
            chunk, chunk_bytes = [], 0
        chunk.append(item)
        chunk_bytes += size
    if chunk:
        yield chunk
