"""The part of OData v4 that this simulator understands: eq filters joined by and, $select, $top, $expand, If-Match."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulators.erp.business_central.dialect import bad_request
from simulators.http.exchange import Call, Refusal, Reply, json_reply

PAGE_SIZE_MAX = 20_000
UNDERSTOOD_OPTIONS = frozenset({"$filter", "$select", "$top", "$expand"})
CONDITION = re.compile(r"\s*(\w+)\s+eq\s+(?:'((?:[^']|'')*)'|([\w.-]+))\s*")
JOIN = re.compile(r"and\b")

Entity = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    value: str

    def holds(self, entity: Entity) -> bool:
        actual = entity[self.field]
        return (str(actual).lower() if isinstance(actual, bool) else str(actual)) == self.value


def parse_filter(expression: str) -> tuple[Condition, ...]:
    """Raise a Refusal for everything but `field eq 'value'` joined by `and`."""
    conditions: list[Condition] = []
    position = 0
    while position < len(expression):
        if conditions:
            join = JOIN.match(expression, position)
            if join is None:
                raise bad_request(f"The filter '{expression}' is not understood at position {position}.")
            position = join.end()
        found = CONDITION.match(expression, position)
        if found is None:
            raise bad_request(f"The filter '{expression}' is not understood at position {position}.")
        quoted = found.group(2)
        conditions.append(Condition(found.group(1), found.group(3) if quoted is None else quoted.replace("''", "'")))
        position = found.end()
    return tuple(conditions)


def collection_reply(call: Call, entities: Iterable[Entity], *, children: Mapping[str, str] | None = None) -> Reply:
    """Answer with the entities that the call's query options select. `children` maps what $expand may name to keys."""
    _only_understood(call)
    conditions = parse_filter(call.query.get("$filter", ""))
    try:
        chosen = [entity for entity in entities if all(condition.holds(entity) for condition in conditions)]
    except KeyError as error:
        raise bad_request(f"Could not find a property named {error}.") from error
    top = call.query.get("$top", str(PAGE_SIZE_MAX))
    if not top.isdecimal():
        raise bad_request("$top must be a number.")
    if len(chosen) > PAGE_SIZE_MAX and int(top) > PAGE_SIZE_MAX:
        raise Refusal(413, "BadRequest_TooManyEntities", f"A page holds at most {PAGE_SIZE_MAX} entities.")
    shown = [_shown(call, entity, children or {}) for entity in chosen[: int(top)]]
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
    visible = {key: value for key, value in entity.items() if not key.startswith("_")}
    selected = _names(call.query.get("$select", ""))
    if selected:
        missing = [name for name in selected if name not in visible]
        if missing:
            raise bad_request(f"Could not find a property named '{missing[0]}'.")
        visible = {"@odata.etag": visible["@odata.etag"], **{name: visible[name] for name in selected}}
    return visible | {name: entity[children[name]] for name in expanded}


def _names(option: str) -> Sequence[str]:
    return [name.strip() for name in option.split(",") if name.strip()]


def _only_understood(call: Call) -> None:
    for option in call.query:
        if option not in UNDERSTOOD_OPTIONS:
            raise Refusal(501, "BadRequest_NotSupported", f"This simulator does not know the query option {option}.")
