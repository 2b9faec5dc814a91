"""Judge each event as ingest will, put the good ones on the stream, and answer once the stream has."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from shared.domain.usage.admission import AcceptanceHorizon
from shared.domain.usage.correction import UsageVoid
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.heartbeat import Heartbeat
from shared.domain.usage.intake import Accepted, Answer, Unconfirmed
from shared.domain.usage.rejection import Rejected
from shared.domain.usage.telemetry import Telemetry
from shared.domain.usage.verdict import Verdict
from shared.ports.usage_contract import UsageContract
from shared.ports.usage_intake import RawUsage, UsageIntake


def accept_usage(
    body: bytes,
    *,
    received_at: datetime,
    cut: Callable[[bytes], Iterable[bytes]],
    read: UsageContract,
    horizon: AcceptanceHorizon,
    home_group: Callable[[str, datetime], int],
    usage_events: UsageIntake,
) -> Sequence[Answer]:
    """Answer every event of a body, in its order. Refused events do not reach the stream.

    `cut` parts the body into the events that `read` reads, `home_group` gives an event's group in the ledger.
    """
    answers: list[Answer] = []
    good: list[tuple[int, RawUsage]] = []
    for place, (text, verdict) in enumerate(zip(cut(body), read(body, received_at), strict=False)):
        answer = _judge(verdict, horizon, received_at)
        if isinstance(answer, Accepted):
            good.append((place, RawUsage(text, _group(verdict, home_group, received_at))))
        answers.append(answer)

    confirmed = usage_events.put([raw for _, raw in good])
    for (place, _), is_confirmed in zip(good, confirmed, strict=True):
        if not is_confirmed:
            answers[place] = Unconfirmed(source=answers[place].source, event_id=answers[place].event_id)
    return answers


def _judge(verdict: Verdict, horizon: AcceptanceHorizon, received_at: datetime) -> Accepted | Rejected:
    match verdict:
        case Rejected():
            return verdict
        case Telemetry():
            return Accepted(source=verdict.source, event_id=verdict.event_id)
        case UsageEvent() | UsageVoid() | Heartbeat():
            accepted = Accepted(source=verdict.source, event_id=verdict.event_id)
            return horizon.refusal(verdict, received_at) or accepted


def _group(verdict: Verdict, home_group: Callable[[str, datetime], int], received_at: datetime) -> int:
    match verdict:
        case UsageEvent():
            return home_group(verdict.subject, verdict.occurred_at)
        case UsageVoid():
            return home_group(verdict.original.subject, verdict.original.occurred_at)
        case Telemetry() | Heartbeat() | Rejected():
            return home_group(verdict.source, received_at)
