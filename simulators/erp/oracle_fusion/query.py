"""The part of Fusion's query parameters that this simulator understands: those of `UNDERSTOOD`.

Conditions are joined by a semicolon in version 1 of the REST framework and by the word "and" from version 2 on; the
header REST-Framework-Version says which, and 1 is what a caller without it speaks. From version 2 on a condition may
name an attribute of a child, and holds where one of the children has it. `fields` leaves out all attributes but those
it names, of children too, and has `expand` passed over.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from types import MappingProxyType
from typing import Any

from simulators.erp.oracle_fusion.dialect import bad_request
from simulators.http.exchange import Call, Reply, json_reply
from simulators.http.faults import Fault

DEFAULT_LIMIT = 25
LIMIT_MAX = 499
UNDERSTOOD = frozenset({"q", "finder", "orderBy", "limit", "offset", "expand", "fields", "onlyData"})
CONDITION = re.compile(r"\s*([\w.]+)\s*(!=|>=|<=|=|>|<|\blike\b)\s*(?:'((?:[^']|'')*)'|([\w.:+-]+))\s*", re.IGNORECASE)
CHILD_ATTRIBUTE = re.compile(r"\b[A-Za-z]\w*\.[A-Za-z]\w*\s*[!<>=]")
JOIN_OF_VERSION_1 = re.compile(r";")
JOIN = re.compile(r"and\b", re.IGNORECASE)
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {"=": eq, "!=": ne, ">=": ge, "<=": le, ">": gt, "<": lt}
)
NESTED_AS_COLLECTION_FROM = 3

Entity = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    operator: str
    value: str

    def holds(self, entity: Entity) -> bool:
        child, _, attribute = self.field.rpartition(".")
        if child:
            return any(replace(self, field=attribute).holds(one) for one in entity[f"_{child}"])
        actual = entity[self.field]
        if actual is None:
            return False
        if self.operator == "like":
            return bool(re.fullmatch(re.escape(self.value).replace(r"\*", ".*").replace("%", ".*"), str(actual)))
        if isinstance(actual, int | Decimal) and not isinstance(actual, bool):
            return COMPARISONS[self.operator](Decimal(actual), _number(self.value))
        return COMPARISONS[self.operator](str(actual), self.value)


def framework_version(call: Call) -> int:
    text = call.headers.get("rest-framework-version", "1")
    if not text.isdecimal() or not 1 <= int(text) <= 9:  # noqa: PLR2004 - the versions there are
        raise bad_request(f"The REST framework version {text} is not supported.")
    return int(text)


def parse_query(expression: str, *, version: int) -> tuple[Condition, ...]:
    """Raise a Refusal for everything but comparisons of one attribute each, joined as this version does."""
    join = JOIN_OF_VERSION_1 if version == 1 else JOIN
    conditions: list[Condition] = []
    position = 0
    while position < len(expression):
        if conditions:
            joined = join.match(expression, position)
            if joined is None:
                raise bad_request(f"URL request parameter q with value {expression} is not valid.")
            position = joined.end()
        found = CONDITION.match(expression, position)
        if found is None or (version == 1 and "." in found.group(1)):
            raise bad_request(f"URL request parameter q with value {expression} is not valid.")
        quoted = found.group(3)
        value = found.group(4) if quoted is None else quoted.replace("''", "'")
        conditions.append(Condition(found.group(1), found.group(2).lower(), value))
        position = found.end()
    return tuple(conditions)


def parse_finder(call: Call) -> tuple[str, dict[str, str]]:
    """Return the finder's name and its variables; raises a Refusal for a call without one."""
    name, _, variables = call.query.get("finder", "").partition(";")
    if not name:
        raise bad_request("URL request parameter finder is missing.")
    pairs = [pair.partition("=") for pair in variables.split(",") if pair]
    return name, {key.strip(): value.strip() for key, _, value in pairs}


def collection_reply(call: Call, entities: Iterable[Entity]) -> Reply:
    """Answer with a page of the entities that the call's parameters select. A missing grant leaves none of them."""
    _only_understood(call)
    version = framework_version(call)
    conditions = parse_query(call.query.get("q", ""), version=version)
    known = [] if call.fault is Fault.GRANT_MISSING else list(entities)
    try:
        chosen = [entity for entity in known if all(condition.holds(entity) for condition in conditions)]
        chosen = _ordered(chosen, call.query.get("orderBy", ""))
        limit, offset = min(_count(call, "limit", DEFAULT_LIMIT), LIMIT_MAX), _count(call, "offset", 0)
        page = [_shown(call, entity, version) for entity in chosen[offset : offset + limit]]
    except KeyError as error:
        raise bad_request(f"URL request parameter q cannot be used: attribute {error} does not exist.") from error
    more = offset + limit < len(chosen)
    return json_reply(200, {"items": page, "count": len(page), "hasMore": more, "limit": limit, "offset": offset})


def entity_reply(call: Call, entity: Entity, *, status: int = 200, with_children: bool = False) -> Reply:
    """Answer with one entity; `with_children` shows all that was stored below it, as after a creation."""
    _only_understood(call)
    return json_reply(status, _shown(call, entity, framework_version(call), everything=with_children))


def _shown(call: Call, entity: Entity, version: int, *, everything: bool = False) -> Entity:
    if "fields" in call.query:
        return _only(entity, call.query["fields"], version)
    wanted = {name.strip() for name in call.query.get("expand", "").split(",") if name.strip()}
    visible = {key: value for key, value in entity.items() if not key.startswith("_")}
    for key, children in entity.items():
        name = key.removeprefix("_")
        nested = {path.partition(".")[2] for path in wanted if path.startswith(f"{name}.")}
        if key.startswith("_") and isinstance(children, list) and (everything or name in wanted or nested):
            below = [_below(child, nested, everything=everything) for child in children]
            visible[name] = below if version < NESTED_AS_COLLECTION_FROM else {"items": below, "hasMore": False}
    if call.query.get("onlyData", "false") != "true":
        visible["links"] = [{"rel": "self", "href": call.address, "kind": "item"}]
    return visible


def _only(entity: Entity, fields: str, version: int) -> Entity:
    """Return the attributes that are named: "A,B;Child:C" are two of the entity and one of each of its children."""
    shown: Entity = {}
    for part in fields.split(";"):
        child, _, names = part.rpartition(":")
        if not child:
            shown |= {name: entity[name] for name in names.split(",")}
            continue
        below = [{name: one[name] for name in names.split(",")} for one in entity[f"_{child}"]]
        shown[child] = below if version < NESTED_AS_COLLECTION_FROM else {"items": below, "hasMore": False}
    return shown


def _below(child: Entity, wanted: set[str], *, everything: bool) -> Entity:
    visible = {key: value for key, value in child.items() if not key.startswith("_")}
    for key, grandchildren in child.items():
        name = key.removeprefix("_")
        if key.startswith("_") and isinstance(grandchildren, list) and (everything or name in wanted):
            visible[name] = grandchildren
    return visible


def _ordered(entities: list[Entity], order: str) -> list[Entity]:
    if not order:
        return entities
    field, _, direction = order.partition(":")
    return sorted(entities, key=lambda entity: entity[field], reverse=direction == "desc")


def _count(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdecimal():
        raise bad_request(f"URL request parameter {name} must be a number.")
    return int(text)


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError as error:
        raise bad_request(f"{text} is no number.") from error


def _only_understood(call: Call) -> None:
    for name in call.query:
        if name not in UNDERSTOOD:
            raise bad_request(f"This simulator does not know the query parameter {name}.")
