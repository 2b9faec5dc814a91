"""How records are searched and shown: Tryton's domains, and fields with dots in them."""

import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from simulators.erp.tryton.database import RELATIONS, Database, Record
from simulators.http.exchange import Refusal

_ORDERED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def search(
    database: Database, model: str, domain: Sequence[Any], *, order: Sequence[Any], limit: int | None
) -> list[Record]:
    """Return the records of a domain; those that are not active only where it speaks of that."""
    if "active" not in set(_names(domain)):
        domain = [domain, ["active", "!=", False]]
    found = [record for record in database.all(model) if _fits(database, model, record, domain)]
    for name, direction in reversed(order or [("id", "ASC")]):
        found.sort(key=lambda record: _sortable(database.value(model, record, name)), reverse=direction == "DESC")
    return found[:limit]


def shown(database: Database, model: str, record: Record, fields: Iterable[str]) -> Record:
    """Return a record as REST shows it: the fields asked for, those with dots nested."""
    nested: defaultdict[str, list[str]] = defaultdict(list)
    for name in fields:
        head, _, tail = name.partition(".")
        nested[head] += [tail] if tail else []
    result: Record = {"id": record["id"], "__name__": model}
    for name, tails in nested.items():
        value = _value(database, model, record, name)
        result[name] = _nested(database, RELATIONS[model, name], value, tails) if tails else value
    return result


def _nested(database: Database, model: str, value: Any, fields: Sequence[str]) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [shown(database, model, record, fields) for record in database.each(model, value)]
    record = database.get(model, value)
    return None if record is None else shown(database, model, record, fields)


def _value(database: Database, model: str, record: Record, name: str) -> Any:  # noqa: ANN401 - any value
    try:
        return database.value(model, record, name)
    except KeyError:
        if name == "active":
            return True
        raise Refusal(500, "", f"&#39;{name}&#39;") from None  # as Tryton answers for a field that there is none of


def _names(domain: Sequence[Any]) -> Iterable[str]:
    for part in domain:
        if isinstance(part, (list, tuple)):
            if part and isinstance(part[0], str) and part[0] not in {"AND", "OR"}:
                yield part[0]
            else:
                yield from _names(part)


def _fits(database: Database, model: str, record: Record, domain: Sequence[Any]) -> bool:
    if not domain:
        return True
    if isinstance(domain[0], str) and domain[0] not in {"AND", "OR"}:
        name, sign, wanted = domain
        return any(_compares(found, sign, wanted) for found in _values(database, model, record, name))
    any_or_all = any if domain[0] == "OR" else all
    parts = domain[1:] if isinstance(domain[0], str) else domain
    return any_or_all(_fits(database, model, record, part) for part in parts)


def _values(database: Database, model: str, record: Record, path: str) -> list[Any]:
    name, _, further = path.partition(".")
    value = _value(database, model, record, name)
    if not further:
        return value if isinstance(value, list) else [value]
    target = RELATIONS[model, name]
    ids = value if isinstance(value, list) else [value]
    records = [found for one in ids if (found := database.get(target, one)) is not None]
    return [found for each in records for found in _values(database, target, each, further)]


def _compares(found: Any, sign: str, wanted: Any) -> bool:  # noqa: ANN401 - any value
    match sign:
        case "=":
            return bool(found == wanted)
        case "!=":
            return bool(found != wanted)
        case "in":
            return found in wanted
        case "not in":
            return found not in wanted
        case "like" | "ilike":
            flags = re.IGNORECASE | re.DOTALL if sign == "ilike" else re.DOTALL
            return found is not None and re.fullmatch(_pattern(wanted), found, flags) is not None
        case _:
            return found is not None and _ORDERED[sign](found, wanted)


def _pattern(text: str) -> str:
    parts = re.findall(r"\\.|[%_]|[^\\%_]+", text)
    wild = {"%": ".*", "_": "."}
    return "".join(wild.get(part) or re.escape(part.removeprefix("\\")) for part in parts)


def _sortable(value: Any) -> tuple[bool, Any]:  # noqa: ANN401 - any value
    return (value is not None, value if value is not None else 0)
