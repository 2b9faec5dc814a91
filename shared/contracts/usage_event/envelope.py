"""The CloudEvents 1.0 attributes around the data."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.usage_event.faults import ContractError, shown
from shared.contracts.usage_event.json_values import (
    RepeatedKey,
    is_text,
    refuse_pseudo_number,
    require_object,
    require_text,
    violation,
)
from shared.domain.exception_record import ExceptionCode
from shared.domain.time_period import parse_instant

RECORDED, AMENDED, VOIDED, HEARTBEAT = "usage.recorded", "usage.amended", "usage.voided", "usage.heartbeat"
_TYPES = (RECORDED, AMENDED, VOIDED, HEARTBEAT)
_OF_NO_CONTRACT = (VOIDED, HEARTBEAT)
_NOT_A_CLOUD_EVENT = ExceptionCode.NOT_A_CLOUD_EVENT
_ATTRIBUTES = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype", "data"}
)
_JSON_CONTENT = ("application/json", "application/json; charset=utf-8", "application/json;charset=utf-8")
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """`dataschema` is empty for usage.voided and usage.heartbeat, whose data is their own."""

    type: str
    source: str
    event_id: str
    occurred_at: datetime
    dataschema: str
    subject: object  # contract 2 reads it, contract 1 has none
    data: dict[str, Any]


def read_envelope(value: object) -> Envelope:
    """Check the attributes; raise ContractError for the first fault."""
    event = _require_event(value)
    source = require_text(event.get("source"), "source", code=_NOT_A_CLOUD_EVENT)
    event_id = require_text(event.get("id"), "id", code=_NOT_A_CLOUD_EVENT)
    event_type = event.get("type")
    if event_type not in _TYPES:
        violation(f"type is not {', '.join(_TYPES)}: {shown(event_type)}")
    content_type = event.get("datacontenttype", _JSON_CONTENT[0])
    if content_type not in _JSON_CONTENT:
        violation(f"datacontenttype is not application/json: {shown(content_type)}")
    return Envelope(
        type=event_type,
        source=source,
        event_id=event_id,
        occurred_at=read_time(event.get("time")),
        dataschema="" if event_type in _OF_NO_CONTRACT else _read_dataschema(event.get("dataschema")),
        subject=event.get("subject"),
        data=require_object(event.get("data"), "data"),
    )


def named_identity(value: object) -> tuple[str, str]:
    """Return (source, id) of something refused, as far as they are clean text, so that people can find it."""
    if not isinstance(value, dict) or isinstance(value, RepeatedKey):
        return "", ""
    return _clean_or_blank(value.get("source")), _clean_or_blank(value.get("id"))


def named_time(value: object) -> datetime | None:
    """Return the time of usage that is refused, as far as it can be read: it was sent, and arrived."""
    if not isinstance(value, dict) or isinstance(value, RepeatedKey) or value.get("type") in _OF_NO_CONTRACT:
        return None
    try:
        return read_time(value.get("time"))
    except ContractError:
        return None


def _clean_or_blank(value: object) -> str:
    try:
        return require_text(value, "")
    except ContractError:
        return ""


def _require_event(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ContractError(_NOT_A_CLOUD_EVENT, "not a JSON object")
    event = require_object(value, "the event")
    if event.get("specversion") != "1.0":
        raise ContractError(_NOT_A_CLOUD_EVENT, f"specversion is not 1.0: {shown(event.get('specversion'))}")
    for name, attribute in event.items():
        if name not in _ATTRIBUTES:
            refuse_pseudo_number(attribute, f"the attribute {shown(name)}")
            if isinstance(attribute, dict | list):
                raise ContractError(_NOT_A_CLOUD_EVENT, f"the attribute {shown(name)} is not a simple value")
    return event


def read_time(value: object, name: str = "time") -> datetime:
    """Return an RFC 3339 time with an offset, in UTC."""
    if not is_text(value) or not _RFC3339.fullmatch(value):
        violation(f"{name} is not an RFC 3339 time with an offset: {shown(value)}")
    try:
        return parse_instant(value.upper())
    except (ValueError, OverflowError):
        violation(f"{name} does not exist: {shown(value)}")


def _read_dataschema(value: object) -> str:
    if not is_text(value):
        raise ContractError(ExceptionCode.UNKNOWN_CONTRACT_VERSION, "dataschema is missing or not text")
    return value
