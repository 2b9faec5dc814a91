"""Which verdicts of a compacted file may be out of date."""

from pathlib import Path

from shared.adapters.duckdb.database import database
from shared.adapters.duckdb.staging import quoted
from shared.domain.exception_record import ExceptionCode

_MEMORY_MB = 64


def may_be_read_by_now(path: Path) -> bool:
    """Tell whether a file has events in contract versions that were not published when it was judged.

    No other verdict changes: what is published stays as it is, and all else is judged by the time of arrival.
    """
    with database(path.parent, memory_mb=_MEMORY_MB, threads=1) as connection:
        found = connection.execute(
            f"SELECT 1 FROM read_parquet({quoted(path)}) WHERE verdict = ? LIMIT 1",
            [ExceptionCode.UNKNOWN_CONTRACT_VERSION.value],
        ).fetchone()
    return found is not None
