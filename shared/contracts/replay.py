"""A replay on the wire: what an operator asks for, and what is answered and kept."""

from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from shared.contracts.progress_text import failed_by_code
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CustomerId
from shared.domain.replay.progress import ReplayProgress
from shared.domain.replay.request import ReplayFilter, ReplayRequest
from shared.domain.time_period import Period, format_instant
from shared.domain.usage.rejection import REFUSALS


def _reason(code: ExceptionCode) -> ExceptionCode:
    if code not in REFUSALS:
        raise ValueError(f"usage is not refused for {code}; it is for {', '.join(REFUSALS)}")
    return code


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class _Times(_Wire):
    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime

    def to_domain(self) -> Period:
        return Period(self.since, self.until)


class _Filter(_Wire):
    occurred: _Times | None = None
    customer: str | None = Field(default=None, min_length=1)
    contract: str | None = Field(default=None, pattern=r"^[^:]+:[0-9]+$")
    reason: Annotated[ExceptionCode, AfterValidator(_reason)] | None = None


class ReplayRequested(_Wire):
    """The event of replay_usage. Times are instants with an offset, `from` included and `until` not."""

    replay_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    arrived: _Times
    filter: _Filter = _Filter()
    dry_run: bool = False

    def to_domain(self) -> ReplayRequest:
        """Return what is asked for; raise ValueError for a period that ends before it starts."""
        narrowed = self.filter
        return ReplayRequest(
            replay_id=self.replay_id,
            arrived=self.arrived.to_domain(),
            narrowed=ReplayFilter(
                occurred=narrowed.occurred.to_domain() if narrowed.occurred else None,
                customer=CustomerId(narrowed.customer) if narrowed.customer else None,
                contract=narrowed.contract,
                reason=narrowed.reason,
            ),
            dry_run=self.dry_run,
        )


def replay_event(request: ReplayRequest) -> dict[str, Any]:
    """Write a request as replay_usage takes it: one request, one text."""
    narrowed = request.narrowed
    told = {
        "occurred": _times(narrowed.occurred) if narrowed.occurred else None,
        "customer": narrowed.customer,
        "contract": narrowed.contract,
        "reason": narrowed.reason.value if narrowed.reason else None,
    }
    return {
        "replay_id": request.replay_id,
        "arrived": _times(request.arrived),
        "filter": {name: value for name, value in told.items() if value is not None},
        "dry_run": request.dry_run,
    }


def replay_answer(progress: ReplayProgress) -> dict[str, Any]:
    """Write what replay_usage answers."""
    counts = progress.counts
    return {
        "finished": progress.finished,
        "reached": progress.mark,
        "found": counts.found,
        "published": counts.published,
        "unchanged": counts.unchanged,
        "failed": failed_by_code(counts.failed),
    }


def _times(period: Period) -> dict[str, str]:
    assert period.end is not None
    return {"from": format_instant(period.start), "until": format_instant(period.end)}
