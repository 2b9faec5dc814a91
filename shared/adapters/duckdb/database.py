"""A DuckDB that works in one folder and reaches nothing beyond it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb


@contextmanager
def database(folder: Path, *, memory_mb: int, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory that spills to the folder when it needs more than `memory_mb`.

    Everything that it writes, home and extensions included, is in the folder: in a Lambda nothing else is writable.
    Nothing is ever fetched: Parquet is built in, and files outside of the folder cannot be opened.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "home_directory": str(folder),
            "extension_directory": str(folder / "extensions"),
            "temp_directory": str(folder / "spill"),
            "memory_limit": f"{memory_mb}MB",
            "threads": threads,
            "preserve_insertion_order": False,  # else large results are held to keep an order that nobody asks for
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    try:
        connection.execute("SET allowed_directories = [$folder]", {"folder": str(folder)})
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()
