"""aggregate_usage as its handler wires it, over any client of DynamoDB."""

import json
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from benchmarks.load import LAYOUT
from functions.aggregate_usage.use_case import Ledger, aggregate_usage
from shared.adapters.dynamodb.closing_progress import DynamoClosingProgress
from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.adapters.dynamodb.stage_progress import DynamoStageProgress
from shared.contracts.metered_rows import read_metered_rows
from shared.domain.identifiers import TenantId
from shared.domain.metering.homes import Homes
from shared.domain.metering.layout import BucketLayout
from shared.domain.metering.log_view import LogViews
from shared.runtime.metrics import LoggedMetrics
from shared.runtime.stream_batches import process_stream_batch

os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "usage-to-cash")
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "aggregate_usage")

TABLE = "metering-ledger"
_TENANT = TenantId("acme-saas")
_MOST_IDS = 1_000_000


class _NoConflicts:
    def report(self, records: Sequence[object]) -> None:
        assert not records, f"the load has no conflicts, but {records}"

    def resolve(self, *_arguments: object) -> None:
        raise AssertionError("nothing to resolve")


def ours(client: Any, layout: BucketLayout = LAYOUT) -> Callable[[bytes], None]:  # noqa: ANN401 - as in textbook
    """Return a handler with a memory of its own, as one Lambda environment has it."""
    aggregate = partial(
        aggregate_usage,
        read=read_metered_rows,
        ledger=Ledger(
            logs=DynamoMeteringLedger(client, TABLE, _TENANT),
            slices=DynamoClosingProgress(client, TABLE, _TENANT),
            views=LogViews(most_ids=_MOST_IDS),
            homes=Homes(layout),
        ),
        reporter=_NoConflicts(),
        progress=DynamoStageProgress(client, TABLE, _TENANT),
        metrics=LoggedMetrics(),
        tenant=_TENANT,
    )

    def handler(envelope: bytes) -> None:
        process_stream_batch(json.loads(envelope), aggregate)

    return handler
