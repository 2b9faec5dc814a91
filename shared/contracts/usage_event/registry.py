"""Read a record of usage-events: limits first, then JSON, then CloudEvents, then the contract its dataschema names."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from shared.contracts.usage_event.corrections import amended_usage, read_void
from shared.contracts.usage_event.envelope import (
    AMENDED,
    HEARTBEAT,
    RECORDED,
    VOIDED,
    Envelope,
    named_identity,
    named_time,
    read_envelope,
)
from shared.contracts.usage_event.faults import ContractError, shown
from shared.contracts.usage_event.governed import GovernedVersion
from shared.contracts.usage_event.heartbeats import read_heartbeat
from shared.contracts.usage_event.json_members import Member, members_of
from shared.contracts.usage_event.json_values import is_text, parse_json, violation
from shared.contracts.usage_event.upcasting import v1_to_v2
from shared.contracts.usage_event.v1 import read_v1
from shared.contracts.usage_event.v2 import UsageV2, read_v2
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import MeterCode
from shared.domain.master_data.customer import SINCE_ALWAYS
from shared.domain.usage.contract_definition import ContractDefinition, contract_label
from shared.domain.usage.correction import UsageVoid
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.heartbeat import Heartbeat
from shared.domain.usage.rejection import Rejected
from shared.domain.usage.telemetry import Telemetry
from shared.domain.usage.verdict import Verdict

URN = "urn:usage-contract:"
MAX_RECORD_BYTES = 1024 * 1024
MAX_EVENT_BYTES = 64 * 1024
MAX_EVENTS_IN_A_RECORD = 10_000
MAX_DEPTH = 16

CONTRACTS: dict[str, Callable[[Envelope], UsageV2]] = {
    f"{URN}usage:1": lambda envelope: v1_to_v2(read_v1(envelope.data)),
    f"{URN}usage:2": lambda envelope: read_v2(envelope.data, envelope.subject),
}


class ContractReader:
    """Reads events of the built-in contracts and of those given (port UsageContract). It never changes."""

    def __init__(self, definitions: Iterable[ContractDefinition] = ()) -> None:
        self._governed = {
            f"{URN}{contract_label(definition.name, version.number)}": GovernedVersion(definition, version)
            for definition in definitions
            for version in definition.versions
        }
        self._telemetry = tuple({f"{name.rpartition(':')[0]}:" for name, v in self._governed.items() if v.is_telemetry})

    def is_deprecated(self, contract: str) -> bool:
        """Tell whether a version ("usage:1") has a last day."""
        governed = self._governed.get(URN + contract)
        return governed is not None and governed.is_deprecated

    def __call__(self, data: bytes, arrived_at: datetime) -> Sequence[Verdict]:
        if len(data) > MAX_RECORD_BYTES:
            reason = f"the record has {len(data)} bytes, {MAX_RECORD_BYTES} at most"
            return (Rejected(code=ExceptionCode.PAYLOAD_TOO_LARGE, reason=reason),)
        events: list[Verdict] = []
        for member in members_of(data):
            if len(events) == MAX_EVENTS_IN_A_RECORD:
                reason = f"the record has more than {MAX_EVENTS_IN_A_RECORD} events; this and all after were not read"
                events.append(Rejected(code=ExceptionCode.PAYLOAD_TOO_LARGE, reason=reason))
                break
            events.append(self._read_member(member, arrived_at))
        return events

    def _read_member(self, member: Member, arrived_at: datetime) -> Verdict:
        parsed: object = None
        try:
            _check_limits(member)
            parsed = parse_json(member.text)
            envelope = read_envelope(parsed)
            if envelope.type != RECORDED:
                return self._read_other(envelope, arrived_at)
            usage = self._usage(envelope, arrived_at)
        except ContractError as error:
            return self._refused(parsed, error)
        if self._telemetry and envelope.dataschema.startswith(self._telemetry):
            contract = envelope.dataschema.removeprefix(URN)
            return Telemetry(
                contract=contract,
                source=envelope.source,
                event_id=envelope.event_id,
                occurred_at=envelope.occurred_at,
            )
        return _to_domain(envelope, usage)

    def _read_other(self, envelope: Envelope, arrived_at: datetime) -> UsageEvent | UsageVoid | Heartbeat:
        if envelope.type == HEARTBEAT:
            return read_heartbeat(envelope)
        if envelope.type == VOIDED:
            return read_void(envelope, envelope.subject)
        return self._amending(envelope, arrived_at)

    def _amending(self, envelope: Envelope, arrived_at: datetime) -> UsageEvent:
        if self._telemetry and envelope.dataschema.startswith(self._telemetry):
            violation("telemetry does not count, so there is nothing to amend")
        usage = self._usage(amended_usage(envelope), arrived_at)
        return _to_domain(envelope, usage, read_void(envelope, usage.subject))

    def _usage(self, envelope: Envelope, arrived_at: datetime) -> UsageV2:
        built_in = CONTRACTS.get(envelope.dataschema)
        if built_in is not None:
            return built_in(envelope)
        governed = self._governed.get(envelope.dataschema)
        if governed is not None:
            return governed.read(envelope, arrived_at)
        reason = f"no contract is called {shown(envelope.dataschema)}"
        raise ContractError(ExceptionCode.UNKNOWN_CONTRACT_VERSION, reason)

    def _refused(self, parsed: object, error: ContractError) -> Telemetry | Rejected:
        source, event_id = named_identity(parsed)
        named = parsed.get("dataschema") if isinstance(parsed, dict) else None
        occurred_at = named_time(parsed)
        if not is_text(named):
            return Rejected(
                code=error.code, reason=error.reason, source=source, event_id=event_id, occurred_at=occurred_at
            )
        known = named in CONTRACTS or named in self._governed
        contract = named.removeprefix(URN) if known else ""
        amends = isinstance(parsed, dict) and parsed.get("type") == AMENDED
        if self._telemetry and named.startswith(self._telemetry) and not amends:
            return Telemetry(
                contract=contract, source=source, event_id=event_id, occurred_at=occurred_at, fault=error.code
            )
        return Rejected(
            code=error.code,
            reason=error.reason,
            source=source,
            event_id=event_id,
            contract=contract,
            occurred_at=occurred_at,
        )


_BUILT_IN = ContractReader()


def read_record(data: bytes, arrived_at: datetime = SINCE_ALWAYS) -> Sequence[Verdict]:
    """Read by the built-in contracts alone, which are in force whenever a record arrives."""
    return _BUILT_IN(data, arrived_at)


def _check_limits(member: Member) -> None:
    if len(member.text) > MAX_EVENT_BYTES:
        reason = f"the event has {len(member.text)} bytes, {MAX_EVENT_BYTES} at most"
        raise ContractError(ExceptionCode.PAYLOAD_TOO_LARGE, reason)
    if member.depth > MAX_DEPTH:
        reason = f"the event nests {member.depth} deep, {MAX_DEPTH} at most"
        raise ContractError(ExceptionCode.PAYLOAD_TOO_DEEP, reason)
    if not member.complete:
        raise ContractError(ExceptionCode.MALFORMED_JSON, "the array breaks here; what follows could not be read")


def _to_domain(envelope: Envelope, usage: UsageV2, amends: UsageVoid | None = None) -> UsageEvent:
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
        amends=amends,
    )
