"""A synthesised state machine definition, made to run one state after the other without waiting."""

import json
from typing import Any

# The engine would wait for these on a wall clock, or do two things at once.
_REFUSED_STATES = ("Wait", "Parallel")


class StateNotSupportedError(ValueError):
    """The state machine has something that does not run locally."""


def local_definition(definition: str) -> str:
    """Map states work on one item at a time, so that a run is the same every time. Raises StateNotSupportedError."""
    program = json.loads(definition)
    _make_local(program)
    return json.dumps(program)


def _make_local(program: dict[str, Any]) -> None:
    for name, state in program["States"].items():
        if state["Type"] in _REFUSED_STATES or "HeartbeatSeconds" in state:
            raise StateNotSupportedError(f"{name}: no {', '.join(_REFUSED_STATES)} or heartbeat runs locally")
        if state["Type"] == "Map":
            state["MaxConcurrency"] = 1
            state.pop("MaxConcurrencyPath", None)
            _make_local(state.get("ItemProcessor") or state["Iterator"])
