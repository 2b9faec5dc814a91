"""What people ask of watch_erps, and how it tells them how the ERPs stand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.domain.posting.standing import ErpStanding
from shared.domain.time_period import format_instant


def connection_to_resume(event: Mapping[str, Any]) -> str | None:
    """Return the connection that a person wants called again; None in a schedule's event. Raises TypeError."""
    connection = event.get("resume")
    if connection is not None and not isinstance(connection, str):
        raise TypeError("resume names a connection")
    return connection


def answer(standings: Sequence[ErpStanding], *, resumed: bool) -> dict[str, Any]:
    """Write how connections stand; seconds and counts are numbers, instants text, what there is not null."""
    return {"resumed": resumed, "erps": [_standing(standing) for standing in standings]}


def _standing(standing: ErpStanding) -> dict[str, Any]:
    hold, limits, line = standing.line.hold, standing.limits, standing.line
    return {
        "connection": standing.connection,
        "erp": standing.system,
        "legal_entities": list(standing.entities),
        "unsent": standing.unsent,
        "unclear": standing.unclear,
        "oldest": _instant(standing.oldest),
        "drain_seconds": round(standing.drain.total_seconds()),
        "concurrency": limits.concurrency,
        "calls_per_minute": limits.calls_per_minute,
        "seconds_a_document": None if line.usage is None else round(line.usage.seconds, 1),
        "circuit": standing.circuit.state.value,
        "tried_again_at": _instant(standing.circuit.until),
        "rests_until": _instant(standing.rests_until),
        "held": None if hold is None else {"since": format_instant(hold.since), "reason": hold.reason},
        "last_answer": _instant(line.served_at),
    }


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)
