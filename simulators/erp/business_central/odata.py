"""The part of OData v4 that this simulator understands: comparisons, the usual options, If-Match."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, itemgetter, le, lt, ne
from typing import Any

from simulators.erp.business_central.dialect import bad_request
from simulators.http.exchange import Call, Refusal, Reply, json_reply

PAGE_SIZE_MAX = 20_000
UNDERSTOOD_OPTIONS = frozenset({"$filter", "$select", "$top", "$skip", "$expand", "$orderby"})
CONDITION = re.compile(r"\s*(\w+)\s+(eq|ne|gt|ge|lt|le)\s+(?:'((?:[^']|'')*)'|([\w.:+-]+))\s*")
ORDER = re.compile(r"\s*(\w+)(?:\s+(asc|desc))?\s*")
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {"eq": eq, "ne": ne, "gt": gt, "ge": ge, "lt": lt, "le": le}
JOIN = re.compile(r"(and|or)\b")

Entity = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    operator: str
    value: str

    def holds(self, entity: Entity) -> bool:
        return OPERATORS[self.operator](*self._compared(entity[self.field]))

    def _compared(self, actual: object) -> tuple[Any, Any]:
        try:
            match actual:
                case bool():
                    return str(actual).lower(), self.value
                case int() | Decimal():
                    return Decimal(actual), Decimal(self.value)
                case str() if self.field.endswith("DateTime"):
                    return datetime.fromisoformat(actual), datetime.fromisoformat(self.value)
                case _:
                    return str(actual), self.value
        except (ValueError, InvalidOperation) as error:
            raise bad_request(f"'{self.value}' is no value of {self.field}.") from error


@dataclass(frozen=True, slots=True)
class Filter:
    """Comparisons that are joined by `and`, all of which hold, or by `or`, one of which does."""

    conditions: tuple[Condition, ...]
    join: str

    def holds(self, entity: Entity) -> bool:
        held = (condition.holds(entity) for condition in self.conditions)
        return any(held) if self.join == "or" else all(held)


def parse_filter(expression: str) -> Filter:
    """Raise a Refusal for everything but comparisons of a field with a value, joined alike; by `or`, of one field."""
    conditions: list[Condition] = []
    joins: set[str] = set()
    position = 0
    while position < len(expression):
        if conditions:
            join = JOIN.match(expression, position)
            if join is None:
                raise bad_request(f"The filter '{expression}' is not understood at position {position}.")
            joins.add(join.group(1))
            position = join.end()
        found = CONDITION.match(expression, position)
        if found is None:
            raise bad_request(f"The filter '{expression}' is not understood at position {position}.")
        field, operator, quoted, bare = found.groups()
        conditions.append(Condition(field, operator, bare if quoted is None else quoted.replace("''", "'")))
        position = found.end()
    if "or" in joins and (len(joins) > 1 or len({condition.field for condition in conditions}) > 1):
        raise bad_request(f"The filter '{expression}' joins filters of two fields by or.")
    return Filter(tuple(conditions), "or" if "or" in joins else "and")


def collection_reply(call: Call, entities: Iterable[Entity], *, children: Mapping[str, str] | None = None) -> Reply:
    """Answer with the entities that the call's query options select. `children` maps what $expand may name to keys."""
    _only_understood(call)
    wanted = parse_filter(call.query.get("$filter", ""))
    try:
        chosen = [entity for entity in entities if wanted.holds(entity)]
        _sort(chosen, call.query.get("$orderby", ""))
    except KeyError as error:
        raise bad_request(f"Could not find a property named {error}.") from error
    top, skipped = _number(call, "$top", PAGE_SIZE_MAX), _number(call, "$skip", 0)
    if len(chosen) > PAGE_SIZE_MAX and top > PAGE_SIZE_MAX:
        raise Refusal(413, "BadRequest_TooManyEntities", f"A page holds at most {PAGE_SIZE_MAX} entities.")
    shown = [_shown(call, entity, children or {}) for entity in chosen[skipped : skipped + top]]
    return json_reply(200, {"@odata.context": f"{call.address}#collection", "value": shown})


def entity_reply(call: Call, entity: Entity, *, status: int = 200, children: Mapping[str, str] | None = None) -> Reply:
    _only_understood(call)
    shown = _shown(call, entity, children or {})
    return json_reply(status, {"@odata.context": f"{call.address}#entity", **shown})


def check_if_match(call: Call, entity: Entity) -> None:
    """Refuse a change without an etag, or with one that is not the entity's present one."""
    etag = call.headers.get("if-match")
    if etag is None:
        raise Refusal(400, "BadRequest_RequiredParamNotProvided", "The If-Match header is required.")
    if etag not in {"*", entity["@odata.etag"]}:
        raise Refusal(409, "Request_EntityChanged", "Another user has already changed the record.")


def etag_of(version: int) -> str:
    return f'W/"simulated;{version}"'


def _shown(call: Call, entity: Entity, children: Mapping[str, str]) -> Entity:
    expanded = _names(call.query.get("$expand", ""))
    for name in expanded:
        if name not in children:
            raise bad_request(f"Could not find a property named '{name}' to expand.")
    visible = _visible(entity)
    selected = _names(call.query.get("$select", ""))
    if selected:
        missing = [name for name in selected if name not in visible]
        if missing:
            raise bad_request(f"Could not find a property named '{missing[0]}'.")
        visible = {"@odata.etag": visible["@odata.etag"], **{name: visible[name] for name in selected}}
    return visible | {name: [_visible(child) for child in entity[children[name]]] for name in expanded}


def _visible(entity: Entity) -> Entity:
    return {key: value for key, value in entity.items() if not key.startswith("_")}


def _sort(entities: list[Entity], option: str) -> None:
    """Sort by every field that is named, the last one first, so that equal ones keep the order of the others."""
    for text in reversed(option.split(",") if option else []):
        found = ORDER.fullmatch(text)
        if found is None:
            raise bad_request(f"The order '{text}' is not understood.")
        entities.sort(key=itemgetter(found[1]), reverse=found[2] == "desc")


def _number(call: Call, option: str, default: int) -> int:
    text = call.query.get(option, str(default))
    if not text.isdecimal():
        raise bad_request(f"{option} must be a number.")
    return int(text)


def _names(option: str) -> Sequence[str]:
    return [name.strip() for name in option.split(",") if name.strip()]


def _only_understood(call: Call) -> None:
    for option in call.query:
        if option not in UNDERSTOOD_OPTIONS:
            raise Refusal(501, "BadRequest_NotSupported", f"This simulator does not know the query option {option}.")
