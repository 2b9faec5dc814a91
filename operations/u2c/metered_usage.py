"""The usage of a run as its ledger held it, with all that rating needs to know of it: from the run's lineage."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from operations.u2c.output_files import INVOICES, LINEAGE
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.packing import UnknownPackingError, pack_windows, unpack_windows
from shared.domain.time_period import parse_instant

_A_DAY = timedelta(days=1)


class UnusableUsageError(ValueError):
    """The folder holds no results of a run, or not of this release; the message says what is wrong with it."""


def packed(window: WindowUsage) -> str:
    """Write a window as lineage keeps it: whole, for whoever rates it again."""
    return b64encode(pack_windows([window], window.key.window_start)).decode()


def metered_usage(results: Path) -> Iterator[WindowUsage]:
    """Read every window of a run. Raises UnusableUsageError."""
    try:
        with (results / LINEAGE).open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                yield from _window(line, f"{results / LINEAGE}:{number}")
    except OSError as error:
        raise UnusableUsageError(f"{results}: it holds no results of a run") from error


def last_billed_month(results: Path) -> date:
    """Return the first day of the month in which the last billed period ends. Raises UnusableUsageError."""
    try:
        with (results / INVOICES).open("rb") as lines:
            ends = [parse_instant(json.loads(line)["service_period"].partition("..")[2]) for line in lines]
            return (max(ends) - _A_DAY).date().replace(day=1)  # midnight of any zone is within a day of that of UTC
    except OSError as error:
        raise UnusableUsageError(f"{results}: it holds no results of a run") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableUsageError(f"{results / INVOICES}: it names no billing period") from error


def _window(line: bytes, place: str) -> Iterator[WindowUsage]:
    try:
        record = json.loads(line)
        if record["kind"] == "window":
            yield from unpack_windows(b64decode(record["packed"], validate=True), parse_instant(record["start"]))
    except KeyError as error:
        raise UnusableUsageError(f"{place}: there is no {error}: run it again with this release") from error
    except (ValueError, TypeError, UnknownPackingError) as error:
        raise UnusableUsageError(f"{place}: it is not a run's lineage") from error
