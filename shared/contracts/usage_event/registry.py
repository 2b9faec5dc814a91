"""Read a record of usage-events: limits first, then JSON, then CloudEvents, then the contract its dataschema names."""

from collections.abc import Callable, Sequence

from shared.contracts.usage_event.envelope import Envelope, named_identity, read_envelope
from shared.contracts.usage_event.faults import ContractError, shown
from shared.contracts.usage_event.json_members import Member, members_of
from shared.contracts.usage_event.json_values import parse_json
from shared.contracts.usage_event.upcasting import v1_to_v2
from shared.contracts.usage_event.v1 import read_v1
from shared.contracts.usage_event.v2 import UsageV2, read_v2
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import MeterCode
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.rejection import Rejected

URN = "urn:usage-contract:"
MAX_RECORD_BYTES = 1024 * 1024
MAX_EVENT_BYTES = 64 * 1024
MAX_EVENTS_IN_A_RECORD = 10_000
MAX_DEPTH = 16

CONTRACTS: dict[str, Callable[[Envelope], UsageV2]] = {
    f"{URN}usage:1": lambda envelope: v1_to_v2(read_v1(envelope.data)),
    f"{URN}usage:2": lambda envelope: read_v2(envelope.data, envelope.subject),
}


def read_record(data: bytes) -> Sequence[UsageEvent | Rejected]:
    """Read every event of a record (port UsageContract). A bad event is refused with its reason; the others go on."""
    if len(data) > MAX_RECORD_BYTES:
        reason = f"the record has {len(data)} bytes, {MAX_RECORD_BYTES} at most"
        return (Rejected(code=ExceptionCode.PAYLOAD_TOO_LARGE, reason=reason),)
    events: list[UsageEvent | Rejected] = []
    for member in members_of(data):
        if len(events) == MAX_EVENTS_IN_A_RECORD:
            reason = f"the record has more than {MAX_EVENTS_IN_A_RECORD} events; this and all after it were not read"
            events.append(Rejected(code=ExceptionCode.PAYLOAD_TOO_LARGE, reason=reason))
            break
        events.append(_read_member(member))
    return events


def _read_member(member: Member) -> UsageEvent | Rejected:
    parsed: object = None
    try:
        _check_limits(member)
        parsed = parse_json(member.text)
        envelope = read_envelope(parsed)
        return _to_domain(envelope, _contract_of(envelope)(envelope))
    except ContractError as error:
        source, event_id = named_identity(parsed)
        return Rejected(code=error.code, reason=error.reason, source=source, event_id=event_id)


def _check_limits(member: Member) -> None:
    if len(member.text) > MAX_EVENT_BYTES:
        reason = f"the event has {len(member.text)} bytes, {MAX_EVENT_BYTES} at most"
        raise ContractError(ExceptionCode.PAYLOAD_TOO_LARGE, reason)
    if member.depth > MAX_DEPTH:
        reason = f"the event nests {member.depth} deep, {MAX_DEPTH} at most"
        raise ContractError(ExceptionCode.PAYLOAD_TOO_DEEP, reason)
    if not member.complete:
        raise ContractError(ExceptionCode.MALFORMED_JSON, "the array breaks here; what follows could not be read")


def _contract_of(envelope: Envelope) -> Callable[[Envelope], UsageV2]:
    contract = CONTRACTS.get(envelope.dataschema)
    if contract is None:
        reason = f"no contract is called {shown(envelope.dataschema)}"
        raise ContractError(ExceptionCode.UNKNOWN_CONTRACT_VERSION, reason)
    return contract


def _to_domain(envelope: Envelope, usage: UsageV2) -> UsageEvent:
    return UsageEvent(
        source=envelope.source,
        event_id=envelope.event_id,
        subject=usage.subject,
        occurred_at=envelope.occurred_at,
        meter=MeterCode(usage.meter),
        quantity=usage.quantity,
        unique_key=usage.unique_key,
        dimensions=usage.dimensions,
        contract=envelope.dataschema.removeprefix(URN),
    )
