"""A journal as finance writes it in a file, or every fault in it by file and line."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from operations.catalog.source import SourceFile, UnreadableFileError, read_source
from operations.u2c.commands.faults import words_of
from shared.contracts.journal import JournalEntry

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_ID: Final = "letters, digits, dots, dashes and underscores, 64 at most, a letter or a digit first"
SHAPES: Final = {"id": _ID, "reverses": _ID, "journal_id": _ID, "currency": "three capital letters, as EUR"}


class UnusableJournalError(ValueError):
    """The file holds no journal; its arguments are the faults."""


def read_journal(file: Path) -> Mapping[str, Any]:
    """Return what a YAML or JSON file says of a journal, every amount as it is written.

    Raises UnusableJournalError, or OSError for a file that cannot be read.
    """
    try:
        source = read_source(file)
    except UnreadableFileError as unreadable:
        raise UnusableJournalError(f"{file}:{unreadable.line}: {unreadable}") from unreadable
    if not isinstance(source.tree, dict):
        raise UnusableJournalError(f"{file}:1: it holds no journal: that is keys and values, as id: accrual-2026-10")
    faults = list(_faults(source))
    if faults:
        raise UnusableJournalError(*(f"{file}:{line}: {fault}" for line, fault in sorted(faults)))
    return source.tree


def _faults(source: SourceFile) -> Iterator[tuple[int, str]]:
    for path in source.repeated:
        key = path.removeprefix(".").removesuffix("(again)")
        yield source.lines[path], f"{key}: the key is already there; which of the two counts?"
    try:
        JournalEntry.model_validate(source.tree)
    except ValidationError as invalid:
        faults = invalid.errors()
        for fault in faults:
            if not _follows(fault, faults):
                place = _path(fault["loc"]).removeprefix(".")
                yield _line(source, fault["loc"]), f"{place}: {words_of(fault, shapes=SHAPES)}"


def _follows(fault: "ErrorDetails", faults: "list[ErrorDetails]") -> bool:
    """Whether a list only seems to have too few entries, since one in it is wrong."""
    place = fault["loc"]
    within = any(one["loc"][: len(place)] == place and one["loc"] != place for one in faults)
    return fault["type"] == "too_short" and within


def _line(source: SourceFile, place: tuple[int | str, ...]) -> int:
    """Return the line of a place, or of the nearest thing around it that is there."""
    paths = (_path(place[:length]) for length in range(len(place), -1, -1))
    return next((source.lines[path] for path in paths if path in source.lines), 1)


def _path(place: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
