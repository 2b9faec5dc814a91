"""How a line before an ERP is written down: instants as microseconds since 1970, each permit in two attributes."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeAlias, TypedDict

from shared.domain.posting.pacing import Hold, Line, Permit, Usage

Item: TypeAlias = dict[str, Any]
Value: TypeAlias = datetime | timedelta | int | float | str

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HOLDER, _UNTIL = "holder_", "until_"


class Expressions(TypedDict, total=False):
    UpdateExpression: str
    ConditionExpression: str
    ExpressionAttributeValues: Item


@dataclass(slots=True, kw_only=True)
class Change:
    """One conditional update. Conditions name a value by its key in `sets`, `adds` or `values`, after a colon."""

    sets: dict[str, Value] = field(default_factory=dict)
    adds: dict[str, Value] = field(default_factory=dict)
    removes: tuple[str, ...] = ()
    values: dict[str, Value] = field(default_factory=dict)
    conditions: list[str]

    def expressions(self) -> Expressions:
        parts = [f"SET {', '.join(f'{name} = :{name}' for name in self.sets)}"] if self.sets else []
        parts += [f"ADD {', '.join(f'{name} :{name}' for name in self.adds)}"] if self.adds else []
        parts += [f"REMOVE {', '.join(self.removes)}"] if self.removes else []
        values = {f":{name}": _written(value) for name, value in (self.sets | self.adds | self.values).items()}
        expressions = Expressions(UpdateExpression=" ".join(parts), ConditionExpression=" AND ".join(self.conditions))
        if values:
            expressions["ExpressionAttributeValues"] = values
        return expressions


def permit_names(number: int) -> tuple[str, str]:
    """Return the attributes of a permit: who holds it, and until when."""
    return f"{_HOLDER}{number}", f"{_UNTIL}{number}"


def line_of(item: Item) -> Line:
    """Read a line; an empty item is one that nobody has called yet."""
    line = Line()
    return Line(
        next_slot=_instant(item["next_slot"]) if "next_slot" in item else line.next_slot,
        permits=MappingProxyType(
            {
                int(name.removeprefix(_HOLDER)): Permit(value["S"], _instant(item[_UNTIL + name.removeprefix(_HOLDER)]))
                for name, value in item.items()
                if name.startswith(_HOLDER)
            }
        ),
        hold=_hold(item),
        strikes=int(item["strikes"]["N"]) if "strikes" in item else 0,
        struck_at=_instant(item["struck_at"]) if "struck_at" in item else line.struck_at,
        rests_until=_instant(item["rests_until"]) if "rests_until" in item else line.rests_until,
        usage=_usage(item),
        served_at=_instant(item["served_at"]) if "served_at" in item else None,
    )


def _hold(item: Item) -> Hold | None:
    if "held_credentials" not in item:
        return None
    return Hold(item["held_credentials"]["S"], _instant(item["held_since"]), item["held_reason"]["S"])


def _usage(item: Item) -> Usage | None:
    if "usage_calls" not in item:
        return None
    return Usage(float(item["usage_calls"]["N"]), float(item["usage_seconds"]["N"]))


def _instant(attribute: Item) -> datetime:
    return _EPOCH + int(attribute["N"]) * _MICROSECOND


def _written(value: Value) -> Item:
    match value:
        case datetime():
            return {"N": str((value - _EPOCH) // _MICROSECOND)}
        case timedelta():
            return {"N": str(value // _MICROSECOND)}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case float():
            return {"N": str(round(Decimal(value), 6))}
