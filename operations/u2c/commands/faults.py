"""How faults of the input are shown: one a line, never wrapped, so that editors and grep find FILE:LINE."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError
from rich.console import Console

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

NO_SHAPES: Final[Mapping[str, str]] = MappingProxyType({})
_WORDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "there is no such key",
    "value_error": "{error}",
    "string_type": "is to be text",
    "string_too_short": "is empty",
    "string_too_long": "is longer than {max_length} characters",
    "too_short": "has {actual_length} of the {min_length} entries that it needs",
    "too_long": "has more than {max_length} entries",
    "decimal_parsing": "{given!r} is no amount",
    "decimal_type": "{given!r} is no amount",
    "decimal_max_digits": "has more than {max_digits} digits",
    "finite_number": "{given!r} is no amount",
    "greater_than": "{given} is not more than {gt}",
    "model_type": "is to be keys and values",
    "dict_type": "is to be keys and values",
    "tuple_type": "is to be a list, each entry starting with a dash",
    "greater_than_equal": "{given} is less than {ge}",
    "date": "{given!r} is no date, as 2026-10-31 is one",
}


def show_faults(faults: Iterable[str], console: Console) -> None:
    for fault in faults:
        console.print(fault, style="red", markup=False, highlight=False, soft_wrap=True)


def in_words(
    invalid: ValidationError, typed: Mapping[str, str], *, shapes: Mapping[str, str] = NO_SHAPES
) -> Iterator[str]:
    """Say what is wrong with a request, by what was `typed` for each of its fields; that may be nothing at all.

    `shapes` are those of fields that are not any text.
    """
    for fault in invalid.errors():
        field = next((part for part in reversed(fault["loc"]) if isinstance(part, str)), "")
        option, words = typed.get(field, field), words_of(fault, shapes=shapes)
        yield f"{option}: {words}" if option else words


def words_of(fault: "ErrorDetails", *, shapes: Mapping[str, str] = NO_SHAPES) -> str:
    """Say what pydantic has found, as whoever wrote it reads it."""
    shape = shapes.get(str(fault["loc"][-1])) if fault["type"] == "string_pattern_mismatch" else None
    if shape is not None:
        return f"{fault['input']!r} is not {shape}"
    kind = "date" if fault["type"].startswith("date_") else fault["type"]
    return _WORDS.get(kind, "{msg}").format(msg=fault["msg"], given=fault["input"], **fault.get("ctx", {}))


def unreadable(error: OSError) -> str:
    """Say why a file cannot be read."""
    match error:
        case FileNotFoundError():
            return f"{error.filename}: there is no such file"
        case IsADirectoryError():
            return f"{error.filename}: it is a folder, not a file"
        case PermissionError():
            return f"{error.filename}: it may not be read by you"
        case _ if error.filename:
            return f"{error.filename}: it cannot be read: {error.strerror}"
        case _:
            return str(error)
