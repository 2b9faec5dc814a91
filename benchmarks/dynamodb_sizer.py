"""What DynamoDB reads and writes cost, by the published sizing rules; emulators report 1.0 for everything."""

from collections.abc import Mapping, Sequence
from typing import Any

_BYTES_A_WRITE_UNIT = 1024
_BYTES_A_READ_UNIT = 4096


def item_bytes(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the size of an item in DynamoDB's own terms: names in UTF-8 plus values."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def write_units(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the write request units of one plain put or update that leaves (or is refused with) this item."""
    return max(1, -(-item_bytes(item) // _BYTES_A_WRITE_UNIT))


def read_units(items: Sequence[Mapping[str, Mapping[str, Any]]]) -> int:
    """Return the read request units of a strongly consistent query that brings these items; finding nothing is one."""
    return max(1, -(-sum(map(item_bytes, items)) // _BYTES_A_READ_UNIT))


def _value_bytes(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            digits = len(content.replace("-", "").replace(".", "").strip("0")) or 1
            return -(-digits // 2) + 1
        case "B":
            return len(content)
        case "BOOL" | "NULL":
            return 1
        case "L":
            return 3 + sum(1 + _value_bytes(member) for member in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_bytes(member) for name, member in content.items())
        case _:
            raise ValueError(f"no size for values of type {kind}")
