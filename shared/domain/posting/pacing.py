"""Whose turn it is to call an ERP, where many call one that permits so many calls at a time and so many a minute.

All who call it share one `Line`. A caller leases a permit, one for each call that may be under way, and with each call
takes the next slot: slots follow each other at the permitted rate (a GCRA: `next_slot` is when the one behind the last
would be, and may trail the present by what a burst is allowed). An ERP that asks to be left alone moves everybody's
next slot. Where it has refused the credentials nobody calls before they are others: one that tries on locks the
account. Time comes in as values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias
from zlib import crc32

from shared.domain.posting.capabilities import Capabilities

CONCURRENCY_SETTING = "concurrency"
RATE_SETTING = "calls_per_minute"
USUAL_CONCURRENCY = 5  # where the maker of an ERP names no figure: many parallel sessions of one user are too many

# Longer than the longest call lasts: a permit that nobody gives back is free again after this.
PERMIT_LEASE = timedelta(seconds=60)
ASK_AGAIN_SOON = timedelta(seconds=15)
ASK_AGAIN_AFTER_A_PERSON = timedelta(minutes=15)
FIRST_REST = timedelta(seconds=1)
LONGEST_REST = timedelta(seconds=64)
# An ERP that asks for more is mistaken, or closed for maintenance: it is asked again in an hour.
LONGEST_REST_ASKED_FOR = timedelta(hours=1)
_FORGIVEN_AFTER = timedelta(minutes=5)
_LONGEST_BURST = 10
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """What an ERP permits one connection: `concurrency` calls at a time, and `calls_per_minute` (None: no rate known).

    A little of the rate stays unused, since calls do not arrive exactly when they leave: as many as are under way at
    a time and as a burst may bring, but never more than a fiftieth.
    """

    concurrency: int
    calls_per_minute: int | None = None

    @property
    def spacing(self) -> timedelta:
        """From one slot to the next; nothing where no rate is known."""
        if self.calls_per_minute is None:
            return timedelta(0)
        kept_back = min(self._burst + self.concurrency, self.calls_per_minute // 50)
        return timedelta(minutes=1) / (self.calls_per_minute - kept_back)

    @property
    def burst_allowance(self) -> timedelta:
        return self._burst * self.spacing

    @property
    def _burst(self) -> int:
        return min((self.calls_per_minute or 0) // 200, _LONGEST_BURST)


def call_limits(capabilities: Capabilities, settings: Mapping[str, str]) -> CallLimits:
    """Return what an entity's connection may take: what its mapping says, else what the ERP's maker does.

    Raises ValueError for a setting that is not a whole number of at least one.
    """
    concurrency, calls = settings.get(CONCURRENCY_SETTING), settings.get(RATE_SETTING)
    return CallLimits(
        concurrency=_whole(CONCURRENCY_SETTING, concurrency)
        if concurrency is not None
        else capabilities.concurrency or USUAL_CONCURRENCY,
        calls_per_minute=_whole(RATE_SETTING, calls) if calls is not None else capabilities.calls_per_minute,
    )


def _whole(setting: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ValueError(f"{setting} is a whole number of at least one, not {text}")
    return int(text)


@dataclass(frozen=True, slots=True)
class Permit:
    holder: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """The credentials of this version are not sent: the ERP has refused them, or is not to be trusted; see `reason`."""

    credentials: str
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a document has taken lately: `calls`, and `seconds` from its first to the end of its last."""

    calls: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What all who call one ERP share. `strikes` counts refusals that follow each other, the last at `struck_at`.

    `rests_until` is the latest instant until which it was to be left alone, which may lie behind.
    """

    next_slot: datetime = _NEVER
    permits: Mapping[int, Permit] = field(default_factory=lambda: MappingProxyType({}))
    hold: Hold | None = None
    strikes: int = 0
    struck_at: datetime = _NEVER
    rests_until: datetime = _NEVER
    usage: Usage | None = None
    served_at: datetime | None = None

    def rest_ahead(self, now: datetime) -> datetime | None:
        """Return until when the ERP is left alone since it was too busy; None where it is not."""
        return self.rests_until if self.rests_until > now else None

    def free_permits(self, limits: CallLimits, now: datetime) -> tuple[int, ...]:
        return tuple(
            number
            for number in range(limits.concurrency)
            if number not in self.permits or self.permits[number].until <= now
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls: a `name` like nobody else's, and the version of the credentials that it would call with."""

    name: str
    credentials: str


class Waiting(StrEnum):
    SLOT = "slot"  # the rate, or a rest that the ERP asked for
    PERMIT = "permit"  # as many calls are under way as may be
    CREDENTIALS = "credentials"  # refused, or not to be sent there: a person must act


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The caller may call at `at`, with the permit of this number. Nobody else is served: `crowded`."""

    at: datetime
    permit: int
    crowded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """No turn within the caller's patience. `until` is when to ask again at the earliest, as far as that is known."""

    waiting_for: Waiting
    until: datetime | None = None
    reason: str = ""


Answer: TypeAlias = Turn | NotYet


def turn_of(caller: Caller, line: Line, limits: CallLimits, *, now: datetime, patience: timedelta) -> Answer:
    """Return the next turn of a caller who waits no longer than `patience`, or why there is none."""
    if line.hold is not None and line.hold.credentials == caller.credentials:
        return NotYet(waiting_for=Waiting.CREDENTIALS, reason=line.hold.reason)
    at = max(line.next_slot, now)
    if at > now + patience:
        return NotYet(waiting_for=Waiting.SLOT, until=at)
    permit = _permit_of(caller, line, limits, now)
    if permit is None:
        return NotYet(waiting_for=Waiting.PERMIT)
    others_free = [number for number in line.free_permits(limits, now) if number != permit]
    return Turn(at=at, permit=permit, crowded=not others_free)


@dataclass(frozen=True, slots=True)
class NotCalled:
    """An ERP that is not to be called before `until`, and why. Where it `is_down`, that is when it is tried."""

    until: datetime
    reason: str
    is_down: bool = False


def again_at(why: NotYet, now: datetime) -> datetime:
    """Return when it is worth asking for a turn again."""
    match why.waiting_for:
        case Waiting.SLOT:
            return why.until or now + ASK_AGAIN_SOON
        case Waiting.PERMIT:
            return now + ASK_AGAIN_SOON
        case Waiting.CREDENTIALS:
            return now + ASK_AGAIN_AFTER_A_PERSON


def given_back(line: Line, caller: Caller, usage: Usage | None, *, now: datetime) -> Line:
    """Return the line after a caller has done with it. `usage` is that of a document that the ERP has answered for."""
    rest = {number: permit for number, permit in line.permits.items() if permit.holder != caller.name}
    line = replace(line, permits=MappingProxyType(rest))
    if usage is None:
        return line
    return replace(line, usage=blended(line.usage, usage), served_at=now)


def blended(before: Usage | None, latest: Usage, *, weight: float = 0.1) -> Usage:
    """Return what a document takes, of late: a moving average."""
    if before is None:
        return latest
    return Usage(
        before.calls + weight * (latest.calls - before.calls),
        before.seconds + weight * (latest.seconds - before.seconds),
    )


def rested(line: Line, *, called_at: datetime, retry_after: timedelta | None, now: datetime) -> Line:
    """Return the line after the ERP refused a call for want of capacity: nobody calls before it wants to be called.

    Where it does not say when that is, the rest doubles with each refusal that follows another. Calls that were under
    way together are refused together, and count once.
    """
    strikes = line.strikes
    if called_at > line.struck_at:
        strikes = 1 if now - line.struck_at > _FORGIVEN_AFTER else strikes + 1
    asked_for = retry_after if retry_after is not None else min(FIRST_REST * 2 ** (min(strikes, 10) - 1), LONGEST_REST)
    until = now + min(asked_for, LONGEST_REST_ASKED_FOR)
    return replace(
        line,
        next_slot=max(line.next_slot, until),
        strikes=strikes,
        struck_at=max(line.struck_at, now),
        rests_until=max(line.rests_until, until),
    )


def preferred_permit(caller: Caller, limits: CallLimits) -> int:
    """Return where a caller looks first, so that not all of them look at the same permit."""
    return crc32(caller.name.encode()) % limits.concurrency


def _permit_of(caller: Caller, line: Line, limits: CallLimits, now: datetime) -> int | None:
    for number, permit in line.permits.items():
        if permit.holder == caller.name and number < limits.concurrency:
            return number
    first = preferred_permit(caller, limits)
    free = line.free_permits(limits, now)
    return min(free, key=lambda number: (number - first) % limits.concurrency, default=None)
