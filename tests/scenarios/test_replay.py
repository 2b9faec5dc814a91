"""Usage of a contract that comes late: refused, replayed once the contract is published, billed, and all of it ties."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from operations.catalog.load import load_catalog
from operations.local.cloud import LocalCloud
from operations.u2c import tie_out
from operations.u2c.books import Books, Fate
from operations.u2c.collect import Collector
from operations.u2c.commands.replay import SOMETHING_FAILED, replay
from operations.u2c.run import RunResult, Stopwatch, run
from shared.domain.exception_record import ExceptionStatus
from shared.domain.master_data.catalog import Catalog
from tests.fakes.usage_contract_folder import schema, write_contract
from tests.scenarios.small_month import SmallMonth, instant, usage

TERMS = """\
owner: api@nimbus.example
event: api_calls
billing: usage
retention: evidence
compatibility: backward
quantity: calls
versions:
  - version: 1
    status: active
"""
CALLS = "urn:usage-contract:calls:1"
EVENTS = (
    usage("known", time="2026-03-10T10:00:00Z"),
    usage("early", time="2026-03-10T11:00:00Z", dataschema=CALLS, data={"calls": 5}),
    usage("broken", time="2026-03-10T12:00:00Z", dataschema=CALLS, data={"calls": -5}),
)
THE_DAY = {"from": "2026-03-10T00:00:00Z", "until": "2026-03-11T00:00:00Z"}
METERED, UNREAD, BROKEN = (
    (Fate.METERED, ""),
    (Fate.QUARANTINED, "UNKNOWN_CONTRACT_VERSION"),
    (Fate.QUARANTINED, "CONTRACT_VIOLATION"),
)


class LateContract:
    """A month in which a contract is published a week after the first events that name it."""

    def __init__(self, result: RunResult, catalog: Catalog) -> None:
        self.cloud: LocalCloud = result.cloud
        self._result = result
        self._catalog = catalog

    def replay(self, replay_id: str, *, dry_run: bool = False) -> str:
        """Replay the day of the events until they are counted, and return what was printed last."""
        printed = StringIO()
        request = {"replay_id": replay_id, "arrived": THE_DAY, "filter": {}, "dry_run": dry_run}
        status = replay(
            request, lambda event: dict(self.cloud.invoke("replay_usage", event)), Console(file=printed, width=200)
        )
        assert status == SOMETHING_FAILED
        self.cloud.settle()
        for _ in range(3):  # the streams' batching windows
            self.cloud.advance_to(self.cloud.clock.now() + timedelta(minutes=1))
        return printed.getvalue().splitlines()[-1]

    def books(self) -> Books:
        return Collector(self.cloud, self._catalog).books(
            since=self._result.start,
            events_in_file=len(EVENTS),
            events_not_arrived=0,
            refused_by_producer=0,
            erps=self._result.erps,
        )

    def fates(self) -> dict[str, tuple[Fate, str]]:
        return {fate.event_id: (fate.fate, fate.code) for fate in self.books().fates}

    def open_exceptions(self) -> set[str]:
        return {record.code for record in self.books().exceptions if record.status is ExceptionStatus.OPEN}

    def billed(self) -> dict[str, Decimal]:
        return {name: one.net.amount for name, one in self.books().invoices.items() if one.number is not None}

    def ties(self) -> bool:
        books = self.books()
        return tie_out.tie_out(books, self._catalog, self._result.erps, tie_out.billed(books, self._catalog)).is_settled


@pytest.fixture
def late(tmp_path: Path) -> Iterator[LateContract]:
    month = SmallMonth(tmp_path, lines=[json.dumps(event) for event in EVENTS], until=instant("2026-04-03"))
    del month.catalog["legal_entities"][0]["approval"]
    given = month.given()
    schemas = {1: schema(required=("calls",), calls={"type": "number", "minimum": 0})}
    folder = write_contract(tmp_path / "later", name="calls", terms=TERMS, schemas=schemas)
    later = load_catalog(tmp_path / "catalog", folder)
    assert isinstance(later, Catalog), later
    given = replace(given, catalogs=[*given.catalogs, (instant("2026-03-17"), later)])
    with run(given, console=Console(quiet=True), watch=Stopwatch()) as result:
        yield LateContract(result, later)


@pytest.mark.slow
def test_usage_of_a_contract_that_was_published_late_is_replayed_once_and_billed(late: LateContract) -> None:
    # The check of the archive admits it now, misses it in the ledger, and keeps the customer's invoice back.
    assert late.fates() == {"known": METERED, "early": UNREAD, "broken": BROKEN}
    assert late.open_exceptions() == {"UNKNOWN_CONTRACT_VERSION", "ARCHIVE_DOES_NOT_TIE", "INVOICE_INVALID"}
    assert set(late.billed()) == {"c-initech/2026-03"}

    assert late.replay("look", dry_run=True) == "found 3: published 1, unchanged 1, failed 1 CONTRACT_VIOLATION"
    assert late.fates() == {"known": METERED, "early": UNREAD, "broken": BROKEN}

    assert late.replay("first") == "found 3: published 1, unchanged 1, failed 1 CONTRACT_VIOLATION"
    assert late.fates() == {"known": METERED, "early": METERED, "broken": BROKEN}
    assert late.replay("second") == "found 3: published 0, unchanged 2, failed 1 CONTRACT_VIOLATION"

    late.cloud.advance_to(instant("2026-04-04") + timedelta(hours=7))
    assert late.open_exceptions() == {"CONTRACT_VIOLATION"}
    assert late.billed()["c-acme/2026-03"] == Decimal("99.00") + 65 * Decimal("0.10")
    assert late.ties()
