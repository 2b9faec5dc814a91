"""What faults make of the reply to a call that was processed. One that they leave as it is they have not touched."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from simulators.http.exchange import Delivery, Reply
from simulators.http.faults import Fault

_FAST_BY = timedelta(minutes=10)
_JSON = b'{"status": "done"}'
_XML = b'<?xml version="1.0" encoding="utf-8"?><status>done</status>'


def _truncated(reply: Reply) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def _location_stripped(reply: Reply) -> Reply:
    return replace(reply, headers={name: value for name, value in reply.headers.items() if name != "Location"})


def _dripping(reply: Reply) -> Reply:
    return replace(reply, delivery=Delivery.DRIPPING) if reply.body else reply


def _cut_off(reply: Reply) -> Reply:
    return replace(reply, delivery=Delivery.CUT_OFF) if reply.body else reply


def _mislabelled(reply: Reply) -> Reply:
    return replace(reply, media_type="text/html; charset=utf-16") if reply.body else reply


def _of_another_format(reply: Reply) -> Reply:
    if not reply.body:
        return reply
    body, media_type = (_JSON, "application/json") if "xml" in reply.media_type else (_XML, "application/xml")
    return replace(reply, body=body, media_type=media_type)


def _dated_ahead(reply: Reply) -> Reply:
    return replace(reply, clock_ahead=_FAST_BY)


SPOILT: Mapping[Fault, Callable[[Reply], Reply]] = MappingProxyType(
    {
        Fault.TRUNCATED_JSON: _truncated,
        Fault.LOCATION_STRIPPED: _location_stripped,
        Fault.SLOW_DRIP: _dripping,
        Fault.CONNECTION_RESET: _cut_off,
        Fault.CLOCK_SKEW: _dated_ahead,
        Fault.WRONG_MEDIA_TYPE: _mislabelled,
        Fault.OTHER_FORMAT: _of_another_format,
    }
)
