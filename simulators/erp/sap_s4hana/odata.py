"""The part of OData V2 that is simulated: $filter, $select, $expand, $orderby, $top, $skip, and JSON in its old form.

What an entity has under a name with an underscore before it is shown only where $expand names it. Dates are
/Date(milliseconds)/, decimals are texts, a collection is {"d": {"results": [...]}}.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from simulators.erp.sap_s4hana.dialect import bad_request
from simulators.erp.sap_s4hana.odata_filter import parse_filter
from simulators.http.exchange import Call, Refusal, Reply, json_reply

Entity = dict[str, Any]
UNDERSTOOD = frozenset({"$filter", "$select", "$orderby", "$top", "$skip", "$format", "$expand"})
NUMBER = re.compile(r"[0-9]{1,9}")


def collection_reply(call: Call, entities: Iterable[Entity], *, type_name: str) -> Reply:
    """Answer with the entities that the call's query options select, in the order that it asks for."""
    check_options(call)
    holds = parse_filter(call.query.get("$filter", ""))
    chosen = [entity for entity in entities if holds(entity)]
    for name in reversed(_names(call.query.get("$orderby", ""))):
        column, _, direction = name.partition(" ")
        chosen.sort(key=lambda entity, column=column: _sortable(entity, column), reverse=direction == "desc")  # type: ignore[misc]
    skip, top = _number(call, "$skip", 0), _number(call, "$top", len(chosen))
    results = [shown(call, entity, type_name=type_name) for entity in chosen[skip : skip + top]]
    return json_reply(200, {"d": {"results": results}})


def entity_reply(call: Call, entity: Entity, *, type_name: str, status: int = 200) -> Reply:
    return json_reply(status, {"d": shown(call, entity, type_name=type_name)})


def shown(call: Call, entity: Mapping[str, Any], *, type_name: str) -> Entity:
    """Return an entity as JSON has it; raises a Refusal for a $select or $expand of what it does not have."""
    expanded = {name.partition("/")[0] for name in _names(call.query.get("$expand", ""))}
    named = _names(call.query.get("$select", "")) or [name for name in entity if name[0] != "_"]
    selected = [name for name in named if name.partition("/")[0] not in expanded]
    missing = [name for name in (*selected, *(f"_{each}" for each in expanded)) if name not in entity]
    if missing:
        raise bad_request(f"Property {missing[0]} not found in type '{type_name}'")
    children = {name: as_json(entity[f"_{name}"]) for name in sorted(expanded)}
    return {"__metadata": {"type": type_name}, **{name: as_json(entity[name]) for name in selected}, **children}


def as_json(value: object) -> object:
    match value:
        case datetime():
            return f"/Date({int(value.timestamp() * 1000)}+0000)/"
        case date():
            return f"/Date({int(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp() * 1000)})/"
        case Decimal():
            return format(value, "f")
        case dict():
            return {name: as_json(each) for name, each in value.items()}
        case list():
            return {"results": [as_json(each) for each in value]}
        case _:
            return value


def check_options(call: Call) -> None:
    for option in call.query:
        if option not in UNDERSTOOD:
            raise Refusal(501, "/IWBEP/CM_MGW_RT/004", f"This simulator does not know the query option {option}")
    if call.query.get("$format", "json") != "json":
        raise Refusal(501, "/IWBEP/CM_MGW_RT/004", "This simulator speaks JSON only: $format=json")


def _sortable(entity: Entity, column: str) -> str:
    if column not in entity:
        raise bad_request(f"Property {column} not found")
    return str(entity[column] or "")


def _names(option: str) -> list[str]:
    return [name.strip() for name in option.split(",") if name.strip()]


def _number(call: Call, option: str, default: int) -> int:
    text = call.query.get(option)
    if text is None:
        return default
    if not NUMBER.fullmatch(text):
        raise bad_request(f"{option} must be a number")
    return int(text)
