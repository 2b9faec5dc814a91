"""What holds whatever arrives: no exception, a code for every refusal, clean values, bounded time and memory."""

import json
import signal
import traceback
import tracemalloc
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from time import thread_time
from types import FrameType
from typing import Any

from functions.accept_usage.use_case import accept_usage
from operations.catalog.usage_contracts import LoadedContracts
from shared.contracts.usage_event.json_members import members_of
from shared.contracts.usage_event.published_reader import PublishedContractReader
from shared.contracts.usage_event.registry import read_record
from shared.contracts.usage_request import Problem, problem_response, read_usage_request, usage_response
from shared.domain.exceptions_catalog import CATALOG
from shared.domain.usage.admission import AcceptanceHorizon
from shared.domain.usage.contract_definition import ContractDefinition
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import fingerprint
from shared.domain.usage.rejection import REFUSALS, Rejected
from shared.domain.usage.telemetry import Telemetry
from shared.ports.usage_contract import UsageContract
from tests.fakes.in_memory_usage_intake import InMemoryUsageIntake
from tests.fakes.steady_clock import SteadyClock
from tests.fakes.usage_contract_folder import read_contract, write_contract
from tests.fuzz import inputs

# CPU of one input: what any may take, and what a byte more may. A record of 1 MiB is allowed about two seconds.
SECONDS, SECONDS_A_BYTE = 0.2, 2e-6
# Memory of one input beyond itself, at its peak: of the large ones, and of one in MEASURED_EVERY, as measuring is slow.
# A record of few bytes may hold 10,000 events, each with its refusal: hence the first figure.
BYTES, BYTES_A_BYTE = 16_000_000, 40
LARGE = 20_000
MEASURED_EVERY = 500
HANGS_AFTER_SECONDS = 60
LONGEST_REASON = 300
HORIZON = AcceptanceHorizon.of(days=90, future_seconds=300)
STATUSES = {202, 207, 400, 503}
HTTP_EVERY = 5


class BrokenPromiseError(AssertionError):
    """An input after which something does not hold that always has to."""


@dataclass(slots=True)
class Findings:
    """How often what came out, and the worst of what it took."""

    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    slowest: int = -1
    peak_bytes: int = 0

    def add(self, other: "Findings") -> None:
        self.outcomes += other.outcomes
        if other.seconds > self.seconds:
            self.seconds, self.slowest = other.seconds, other.slowest
        self.peak_bytes = max(self.peak_bytes, other.peak_bytes)


class GovernedContracts:
    """Port UsageContracts: those of the demo, and one of three versions with renames, drops and defaults."""

    def __init__(self, definitions: Sequence[ContractDefinition]) -> None:
        self._definitions = definitions

    def published(self) -> Sequence[ContractDefinition]:
        return self._definitions


@cache
def governed_reader() -> UsageContract:
    """Make the reader that ingest has, over built-in and governed contracts."""
    with TemporaryDirectory() as folder:
        storage = read_contract(write_contract(Path(folder)))
    demo = LoadedContracts(inputs.EVENTS / "scenarios/demo/catalog").definitions
    clock = SteadyClock(datetime(2026, 1, 15, tzinfo=UTC))
    return PublishedContractReader(GovernedContracts([*demo, storage]), clock)


def check(number: int, findings: Findings) -> None:
    """Make the input of this number and read it. Raise for any promise that is broken."""
    if number % HTTP_EVERY == 0:
        event = inputs.request(number)
        size, run = len(event["body"] or ""), lambda: _check_request(event, number % 3, findings)
    else:
        data, arrived_at = inputs.record(number), inputs.arrival(number)
        read: UsageContract = read_record if number % HTTP_EVERY == 1 else governed_reader()
        size, run = len(data), lambda: _check_record(data, arrived_at, read, findings)
    seconds = _bounded_time(run, size)
    if seconds > findings.seconds:
        findings.seconds, findings.slowest = seconds, number
    if size > LARGE or number % MEASURED_EVERY == 0:
        findings.peak_bytes = max(findings.peak_bytes, _bounded_memory(run, size))


def check_all(numbers: range) -> tuple[Findings, tuple[int, str] | None]:
    """Check inputs in a process of its own; return what was found, and the first number that broke with its trace."""
    signal.signal(signal.SIGALRM, _hangs)
    findings = Findings()
    for number in numbers:
        signal.alarm(HANGS_AFTER_SECONDS)
        try:
            check(number, findings)
        except Exception:  # noqa: BLE001 - whatever it is, it is a finding
            return findings, (number, traceback.format_exc())
        finally:
            signal.alarm(0)
    return findings, None


def _hangs(_signal: int, _frame: FrameType | None) -> None:
    raise BrokenPromiseError(f"it takes more than {HANGS_AFTER_SECONDS} s")


def _check_record(data: bytes, arrived_at: datetime, read: UsageContract, findings: Findings) -> None:
    verdicts = read(data, arrived_at)
    if not verdicts and not data.lstrip(b" \t\r\n").startswith(b"["):
        raise BrokenPromiseError("only an empty array holds no event")
    for verdict in verdicts:
        _check_verdict(verdict, findings)
    if len(verdicts) < 10 and list(read(data, arrived_at)) != list(verdicts):
        raise BrokenPromiseError("the same bytes read differently the second time")


def _check_verdict(verdict: Any, findings: Findings) -> None:
    _check_parts(verdict)
    match verdict:
        case Rejected():
            _check_refusal(verdict)
            findings.outcomes[verdict.code.value] += 1
        case Telemetry():
            if verdict.fault is not None and verdict.fault not in REFUSALS:
                raise BrokenPromiseError(f"telemetry has the fault {verdict.fault}")
            findings.outcomes["telemetry" if verdict.fault is None else "faulty telemetry"] += 1
        case UsageEvent():
            _check_event(verdict)
            findings.outcomes[f"event of {verdict.contract}"] += 1
        case _:
            findings.outcomes[type(verdict).__name__] += 1


def _check_parts(value: Any) -> None:
    """See to every text and every instant in a verdict, whatever kinds of verdicts there are."""
    match value:
        case str():
            if len(value) > LONGEST_REASON or any(
                character < " " or "\ud800" <= character <= "\udfff" for character in value
            ):
                raise BrokenPromiseError(f"a text is too long or not clean: {value[:LONGEST_REASON]!a}")
        case datetime():
            if value.utcoffset() != timedelta():
                raise BrokenPromiseError("an instant is not UTC")
        case tuple():
            for part in value:
                _check_parts(part)
        case _ if is_dataclass(value):
            for each in fields(value):
                _check_parts(getattr(value, each.name))


def _check_refusal(refusal: Rejected) -> None:
    if refusal.code not in REFUSALS or refusal.code not in CATALOG:
        raise BrokenPromiseError(f"{refusal.code} is no refusal of the catalogue")
    reason = refusal.reason
    if not (0 < len(reason) <= LONGEST_REASON and reason.isascii() and reason.isprintable()):
        raise BrokenPromiseError(f"a reason is not short and plain: {refusal.reason[:LONGEST_REASON]!a}")


def _check_event(event: UsageEvent) -> None:
    exponent = event.quantity.as_tuple().exponent
    if not (0 <= event.quantity < Decimal(10) ** 15 and isinstance(exponent, int) and exponent >= -18):
        raise BrokenPromiseError(f"the quantity is {event.quantity}")
    names = [name for name, _ in event.dimensions]
    if names != sorted(set(names)):
        raise BrokenPromiseError("the dimensions are not in order, or one is there twice")
    if not event.source or not event.event_id or not event.contract:
        raise BrokenPromiseError("the event cannot be told from others")
    fingerprint(event)


def _check_request(event: inputs.Request, busy_group: int, findings: Findings) -> None:
    request = read_usage_request(event)
    if isinstance(request, Problem):
        response = problem_response(request)
        findings.outcomes[f"HTTP {request.status.value}"] += 1
    else:
        answers = accept_usage(
            request.body,
            received_at=request.received_at,
            cut=lambda body: (member.text for member in members_of(body)),
            read=governed_reader(),
            horizon=HORIZON,
            home_group=lambda subject, _: len(subject) % 3,
            usage_events=InMemoryUsageIntake(busy_group),
        )
        for answer in answers:
            if isinstance(answer, Rejected):
                _check_refusal(answer)
        response = usage_response(answers)
        if response["statusCode"] not in STATUSES or len(json.loads(response["body"])["results"]) != len(answers):
            raise BrokenPromiseError(f"{len(answers)} answers became a response {response['statusCode']}")
        findings.outcomes[f"HTTP {response['statusCode']}"] += 1
    response["body"].encode()


def _bounded_time(run: Callable[[], None], size: int) -> float:
    """Return the CPU seconds of a run; one that is over the limit has two more chances, for what was not its fault."""
    limit = SECONDS + SECONDS_A_BYTE * size
    for _ in range(3):
        begun = thread_time()
        run()
        seconds = thread_time() - begun
        if seconds <= limit:
            return seconds
    raise BrokenPromiseError(f"{size} bytes took {seconds:.2f} s of CPU, {limit:.2f} at most")


def _bounded_memory(run: Callable[[], None], size: int) -> int:
    tracemalloc.start()
    try:
        run()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    limit = BYTES + BYTES_A_BYTE * size
    if peak > limit:
        raise BrokenPromiseError(f"{size} bytes took {peak} bytes of memory, {limit} at most")
    return peak
