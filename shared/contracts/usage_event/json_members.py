"""Cut a record into events before any of it is parsed, so that limits come first and a bad event stands alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# What lies between structural characters, strings included; all of it possessive, so that no input makes it backtrack.
# What follows is a structural character, a quote that never closes, or the end.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_NO_COMMA = re.compile(rb'(?:[^"\[\]{},]++|' + _STRING + rb")*+", re.DOTALL)
_NO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+", re.DOTALL)
_OPENING, _CLOSING = b"[{", b"]}"
_COMMA = ord(",")
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
    start = first = data.index(b"[") + 1
    depth = deepest = 1
    position = start
    # A comma parts members only between them: inside one, all commas are passed over at once.
    while (at := _skip(_NO_COMMA if depth == 1 else _NO_BRACKET, data, position)) < len(data):
        character, position = data[at], at + 1
        if character in _OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif character in _CLOSING:
            depth -= 1
            if depth == 0:
                yield from _last_member(data, start, at, deepest, alone=start == first)
                return
        elif character == _COMMA:
            yield Member(data[start:at], deepest - 1)
            start, deepest = position, 1
        else:
            break
    yield Member(data[start:], deepest - 1, complete=False)


def _skip(passed_over: re.Pattern[bytes], data: bytes, position: int) -> int:
    found = passed_over.match(data, position)
    assert found is not None, "nothing at all matches too"
    return found.end()


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
    depth = deepest = position = 0
    while (at := _skip(_NO_BRACKET, data, position)) < len(data):
        position = at + 1
        if data[at] in _OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif data[at] in _CLOSING:
            depth -= 1
    return deepest


_CHEAP_OPENINGS = 16
