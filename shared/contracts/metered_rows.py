"""A narrow view of billable-usage: only what the ledger needs, decoded as fast as validation goes."""

from collections.abc import Sequence

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from shared.domain.metering.tally import UsageRow
from shared.domain.usage.event import Dimensions


class _MeteredRow(TypedDict):
    delivery: str
    source: str
    id: str
    subject: str
    occurred_at: str
    meter: str
    quantity: str
    unique_key: str | None
    dimensions: Dimensions
    fingerprint: str
    customer: str
    aggregation: str


# The validator itself: the adapter's own method costs as much again for a record of one row.
_validate_json = TypeAdapter(list[_MeteredRow]).validator.validate_json


def read_metered_rows(data: bytes) -> Sequence[UsageRow]:
    """Read a record of billable-usage; raise ValueError for anything that enrichment does not write."""
    rows: list[_MeteredRow] = _validate_json(data)
    return rows
