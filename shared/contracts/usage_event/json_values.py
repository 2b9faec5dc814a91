"""Parse one event's JSON without losing a digit and without believing what the standard library lets through."""

import json
import re
from typing import Any, NoReturn, TypeGuard

from shared.contracts.usage_event.faults import ContractError, shown
from shared.domain.exception_record import ExceptionCode

_NOT_JSON = frozenset({"NaN", "Infinity", "-Infinity"})
# No control characters (NUL separates source from id), no lone surrogates, no non-characters: such text cannot be
# stored, sent or shown everywhere, so it is refused at the door.
_CLEAN_TEXT = re.compile("[^\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]*")


class NumberText(str):
    """A JSON number as its own digits, so that no float and no huge integer is ever made of it."""

    __slots__ = ()


class RepeatedKey(dict[str, Any]):
    """An object in which a key came twice: which value was meant cannot be known."""

    __slots__ = ("key",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        seen: set[str] = set()
        self.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]


def parse_json(text: bytes) -> Any:  # noqa: ANN401 - JSON is anything until it is checked
    """Parse one event; raise ContractError MALFORMED_JSON for what is not UTF-8 or not JSON."""
    try:
        return _DECODER.decode(text.decode())
    except UnicodeDecodeError as error:
        raise ContractError(ExceptionCode.MALFORMED_JSON, f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise ContractError(ExceptionCode.MALFORMED_JSON, f"not JSON at character {error.pos}: {error.msg}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else RepeatedKey(pairs)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=NumberText, parse_int=NumberText, parse_constant=NumberText
)


def require_object(value: object, name: str) -> dict[str, Any]:
    """Return a JSON object whose keys are all different."""
    if type(value) is dict:
        return value
    if isinstance(value, RepeatedKey):
        raise ContractError(ExceptionCode.MALFORMED_JSON, f"{name} has the key {shown(value.key)} twice")
    raise ContractError(ExceptionCode.CONTRACT_VIOLATION, f"{name} is not an object")


def is_text(value: object) -> TypeGuard[str]:
    return type(value) is str


def require_text(
    value: object,
    name: str,
    *,
    longest: int = 256,
    may_be_empty: bool = False,
    code: ExceptionCode = ExceptionCode.CONTRACT_VIOLATION,
) -> str:
    """Return clean text of at most `longest` characters."""
    if not is_text(value):
        raise ContractError(code, f"{name} is missing or not text")
    if not value and not may_be_empty:
        raise ContractError(code, f"{name} is empty")
    if len(value) > longest:
        raise ContractError(code, f"{name} has {len(value)} characters, {longest} at most")
    if not _CLEAN_TEXT.fullmatch(value):
        raise ContractError(code, f"{name} has a control character or a lone surrogate: {shown(value)}")
    return value


def refuse_pseudo_number(value: object, name: str) -> None:
    """Refuse NaN and Infinity: they are no JSON, although the standard library reads them."""
    if type(value) is NumberText and value in _NOT_JSON:
        raise ContractError(ExceptionCode.MALFORMED_JSON, f"{name} is {value}, which JSON does not have")


def refuse_unknown(data: dict[str, Any], known: frozenset[str]) -> None:
    """Refuse what the contract does not name: a misspelt optional field would silently bill something else."""
    for key in data:
        if key not in known:
            violation(f"data has the unknown field {shown(key)}")


def violation(reason: str) -> NoReturn:
    raise ContractError(ExceptionCode.CONTRACT_VIOLATION, reason)
