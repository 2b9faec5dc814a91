"""Closing a backfill on the wire."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.progress_text import failed_by_code
from shared.domain.backfill.backfill import Backfill

BACKFILL_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


class BackfillClosing(BaseModel):
    """The event of close_backfill."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backfill_id: str = Field(pattern=BACKFILL_ID)
    closed_by: str = Field(min_length=1)


def backfill_answer(backfill: Backfill) -> dict[str, Any]:
    """Write what close_backfill answers; `failed` counts by code."""
    counts = backfill.progress.counts
    return {
        "backfill_id": backfill.backfill_id,
        "state": backfill.state.value,
        "reached": backfill.progress.mark,
        "found": counts.found,
        "published": counts.published,
        "unchanged": counts.unchanged,
        "failed": failed_by_code(counts.failed),
    }
