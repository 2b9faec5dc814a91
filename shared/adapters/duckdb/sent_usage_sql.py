"""What was claimed and what is here, in SQL. Instants are microseconds since 1970."""

from shared.adapters.duckdb.delivery_files import HEARTBEAT, VOIDED
from shared.adapters.duckdb.staging import quoted


def deliveries(files: list[str], arrived_from: int, arrived_to: int) -> str:
    """Return the view of every delivery that arrived in a period."""
    return f"""
        CREATE VIEW deliveries AS
        SELECT verdict, source, event_id, dimensions,
               epoch_us(occurred_at) AS occurred_at, epoch_us(arrived_at) AS arrived
        FROM read_parquet([{", ".join(map(quoted, files))}])
        WHERE arrived_at >= make_timestamp({arrived_from}) AND arrived_at < make_timestamp({arrived_to})
    """


CLAIMS = f"SELECT DISTINCT source, dimensions, arrived FROM deliveries WHERE verdict = '{HEARTBEAT}'"
# The time of each source, cut wherever a claimed period starts or ends; after the last one there is nothing to look up.
EDGES_STAGED = "source VARCHAR, edge BIGINT"
EDGES = "CREATE OR REPLACE TABLE edges AS SELECT * FROM {staged}"
# Which claimed periods a piece of time lies in: one, unless claims overlap.
COVERED_STAGED = "source VARCHAR, edge BIGINT, period INTEGER"
COVERED = "CREATE OR REPLACE TABLE covered AS SELECT * FROM {staged}"
# Each event meets the one piece that it lies in, however many periods a source claims: that stays linear.
COUNTS = f"""
    SELECT c.period, count(DISTINCT d.event_id)
    FROM (
        SELECT e.source, e.edge, d.event_id
        FROM deliveries d ASOF JOIN edges e ON d.source = e.source AND d.occurred_at >= e.edge
        WHERE d.event_id <> '' AND d.verdict NOT IN ('{HEARTBEAT}', '{VOIDED}')
    ) d
    JOIN covered c ON c.source = d.source AND c.edge = d.edge
    GROUP BY c.period
"""
