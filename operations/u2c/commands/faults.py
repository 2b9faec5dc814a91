"""How faults of the input are shown: one a line, never wrapped, so that editors and grep find FILE:LINE."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError
from rich.console import Console

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_WORDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "there is no such key",
    "value_error": "{error}",
    "string_type": "is to be text",
    "string_too_short": "is empty",
    "string_too_long": "is longer than {max_length} characters",
    "too_short": "has {actual_length} entries, and needs {min_length}",
    "too_long": "has more than {max_length} entries",
    "decimal_parsing": "{given!r} is no amount",
    "decimal_type": "{given!r} is no amount",
    "finite_number": "{given!r} is no amount",
    "greater_than": "{given} is not more than {gt}",
    "date": "{given!r} is no date, as 2026-10-31 is one",
}


def show_faults(faults: Iterable[str], console: Console) -> None:
    for fault in faults:
        console.print(fault, style="red", markup=False, highlight=False, soft_wrap=True)


def in_words(invalid: ValidationError, typed: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong with a request, by what was `typed` for each of its fields; that may be nothing at all."""
    for fault in invalid.errors():
        field = next((part for part in reversed(fault["loc"]) if isinstance(part, str)), "")
        option = typed.get(field, field)
        yield f"{option}: {words_of(fault)}" if option else words_of(fault)


def words_of(fault: "ErrorDetails") -> str:
    """Say what pydantic has found, as whoever wrote it reads it."""
    kind = "date" if fault["type"].startswith("date_") else fault["type"]
    return _WORDS.get(kind, "{msg}").format(msg=fault["msg"], given=fault["input"], **fault.get("ctx", {}))
