"""What faults make of the reply to a call that was processed. One that they leave as it is they have not touched."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from simulators.http.exchange import Delivery, Reply
from simulators.http.faults import Fault


def _truncated(reply: Reply) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def _location_stripped(reply: Reply) -> Reply:
    return replace(reply, headers={name: value for name, value in reply.headers.items() if name != "Location"})


def _dripping(reply: Reply) -> Reply:
    return replace(reply, delivery=Delivery.DRIPPING) if reply.body else reply


def _cut_off(reply: Reply) -> Reply:
    return replace(reply, delivery=Delivery.CUT_OFF) if reply.body else reply


SPOILT: Mapping[Fault, Callable[[Reply], Reply]] = MappingProxyType(
    {
        Fault.TRUNCATED_JSON: _truncated,
        Fault.LOCATION_STRIPPED: _location_stripped,
        Fault.SLOW_DRIP: _dripping,
        Fault.CONNECTION_RESET: _cut_off,
    }
)
