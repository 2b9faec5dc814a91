"""Cut a record into events before any of it is parsed, so that limits come first and a bad event stands alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A string (possessive, so that no input makes it backtrack), a quote that never closes, or a structural character.
_TOKENS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{},]', re.DOTALL)
_OPENING, _CLOSING = b"[{", b"]}"
_BLANKS = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Member:
    """The text of one event and how deep it nests. `complete` is False where the record ends inside it."""

    text: bytes
    depth: int
    complete: bool = True


def members_of(data: bytes) -> Iterator[Member]:
    """Yield the events of a record: itself, or the members of its array in their order.

    In a broken array the members before the break are still found; what follows the break is one member, not complete.
    """
    if data.lstrip(_BLANKS)[:1] == b"[":
        yield from _members_of_array(data)
    else:
        yield Member(data, _depth_of(data))


def _members_of_array(data: bytes) -> Iterator[Member]:
    depth = deepest = 0
    start = first = data.index(b"[") + 1
    for token in _TOKENS.finditer(data):
        character = token.group()
        if character in _OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif character in _CLOSING:
            depth -= 1
            if depth == 0:
                yield from _last_member(data, start, token.start(), deepest, alone=start == first)
                return
        elif character == b",":
            if depth == 1:
                yield Member(data[start : token.start()], deepest - 1)
                start, deepest = token.end(), 1
        elif character == b'"':
            break
    yield Member(data[start:], deepest - 1, complete=False)


def _last_member(data: bytes, start: int, end: int, deepest: int, *, alone: bool) -> Iterator[Member]:
    text = data[start:end]
    if text.strip(_BLANKS) or not alone:
        yield Member(text, deepest - 1)
    if data[end + 1 :].strip(_BLANKS):
        yield Member(data[end:], 1, complete=False)


def _depth_of(data: bytes) -> int:
    """Return the nesting of one event, counted the cheap way while it cannot be deep."""
    openings = data.count(b"{") + data.count(b"[")
    if openings <= _CHEAP_OPENINGS:
        return openings
    depth = deepest = 0
    for token in _TOKENS.finditer(data):
        character = token.group()
        if character in _OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif character in _CLOSING:
            depth -= 1
    return deepest


_CHEAP_OPENINGS = 16
