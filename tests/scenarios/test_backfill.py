"""A backfill of a month that is billed: looked at, closed, counted once, and adjusted on the next invoice."""

import gzip
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from operations.local.cloud import LocalCloud
from operations.u2c import tie_out
from operations.u2c.backfill.desk import BackfillDesk
from operations.u2c.books import Books
from operations.u2c.collect import Collector
from operations.u2c.commands.backfill import DONE, UNUSABLE, act, register
from shared.domain.backfill.backfill import Decision
from shared.domain.identifiers import InvoiceId
from tests.scenarios.small_month import Played, SmallMonth, instant, usage

ON_TIME = usage("on-time", time="2026-03-09T10:00:00Z")
FORTY_CALLS = {"meter": "api_calls", "quantity": 40}
BACKFILL = (
    usage("missed", time="2026-03-10T10:00:00Z", data=FORTY_CALLS),
    usage("missed", time="2026-03-10T10:00:00Z", data=FORTY_CALLS),
    ON_TIME,
    usage("broken", time="2026-03-10T11:00:00Z", data={"meter": "api_calls", "quantity": -1}),
)
MARCH = {"name": "2026-03", "start": "2026-03-01T00:00:00.000000Z", "end": "2026-04-01T00:00:00.000000Z"}
NEEDED = ("CloseBackfillFunctionName", "InvoicesTable", "PostingsTable")


class Operator:
    """Clara with a console, on a deployment whose March is billed. It is past the horizon of what she brings."""

    def __init__(self, played: Played, folder: Path) -> None:
        self.cloud: LocalCloud = played.result.cloud
        self.file = folder / "missed.jsonl.gz"
        self.file.write_bytes(gzip.compress("\n".join(map(json.dumps, BACKFILL)).encode()))
        self._played = played
        self._desk = BackfillDesk({name: self.cloud.resource(name) for name in NEEDED})

    def does(self, *arguments: str, status: int = DONE) -> str:
        """Return what u2c backfill prints."""
        printed = StringIO()
        decision = Decision(by="clara", at=self.cloud.clock.now())
        console = Console(file=printed, width=200)
        assert act(_parsed(arguments), self._desk, decision, console) == status
        return printed.getvalue()

    def let_pass(self, until: datetime) -> None:
        while (now := self.cloud.clock.now()) < until:
            self.cloud.advance_to(min(now + timedelta(days=1), until))

    def books(self, *, backfilled: int) -> Books:
        return Collector(self.cloud, self._played.given.catalog).books(
            since=self._played.result.start,
            events_in_file=1 + backfilled,
            events_not_arrived=0,
            refused_by_producer=0,
            erps=self._played.result.erps,
        )

    def ties(self, books: Books) -> bool:
        catalog = self._played.given.catalog
        return tie_out.tie_out(books, catalog, self._played.result.erps, tie_out.billed(books, catalog)).is_settled

    def recount(self) -> Mapping[str, int]:
        answer: dict[str, int] = self.cloud.invoke(
            "verify_usage_archive", {"periods": [MARCH], "as_of": self.cloud.clock.now().isoformat()}
        )
        return answer


def _parsed(arguments: tuple[str, ...]) -> Namespace:
    parser = ArgumentParser()
    register(parser.add_subparsers())
    return parser.parse_args(["backfill", *arguments])


@pytest.fixture
def clara(tmp_path: Path) -> Iterator[Operator]:
    month = SmallMonth(tmp_path, lines=[json.dumps(ON_TIME)], until=instant("2026-04-16"))
    del month.catalog["legal_entities"][0]["approval"]
    with month.played() as played:
        yield Operator(played, tmp_path)


def fates(books: Books) -> list[tuple[str, str, str]]:
    return sorted((fate.event_id, fate.fate.value, fate.code) for fate in books.fates)


@pytest.mark.slow
def test_what_is_closed_counts_once_and_what_is_reverted_never_was(clara: Operator) -> None:
    before = clara.books(backfilled=0)

    clara.does("open", "wrong", "--reason", "the wrong file")
    clara.does("load", "wrong", str(clara.file))
    clara.does("revert", "wrong")
    assert "wrong is reverted" in clara.does("load", "wrong", str(clara.file), status=UNUSABLE)
    assert "wrong is reverted" in clara.does("close", "wrong", status=UNUSABLE)

    clara.does("open", "gateway", "--reason", "the gateway was not sending")
    assert "loaded 4 of 4 events: part 1, 0 were there before" in clara.does("load", "gateway", str(clara.file))
    assert "1 were there before" in clara.does("load", "gateway", str(clara.file))
    looked = clara.does("look", "gateway")
    (line,) = (line.split() for line in looked.splitlines() if "c-acme" in line)
    assert [part for part in line if part != "│"] == [
        *("acme", "c-acme", "api_calls", "2026-03", "1", "40", "adjusts"),
        str(before.invoices[InvoiceId("c-acme/2026-03")].number),
    ]
    assert "counted already: 1, repeated in the backfill: 1" in looked
    assert "would be refused: 1 INVALID_QUANTITY" in looked
    assert fates(clara.books(backfilled=0)) == fates(before)

    closed = "closed: found 4, published 2, unchanged 1, failed 1 INVALID_QUANTITY"
    assert closed in clara.does("close", "gateway")
    clara.let_pass(instant("2026-04-17"))
    assert closed in clara.does("close", "gateway")
    assert "would be refused" in clara.does("look", "gateway")
    listed = clara.does("list").splitlines()
    assert [line.partition(":")[0] for line in listed] == ["gateway closed", "wrong reverted"]

    after = clara.books(backfilled=len(BACKFILL))
    assert fates(after) == [
        ("broken", "quarantined", "INVALID_QUANTITY"),
        ("missed", "duplicate", ""),
        ("missed", "metered", ""),
        ("on-time", "duplicate", ""),
        ("on-time", "metered", ""),
    ]
    assert clara.recount() == {"conflicts": 0, "holds": 0, "released": 0, "forgotten": 0, "damages": 0}
    assert clara.ties(after)

    clara.let_pass(instant("2026-05-03"))
    (adjustment,) = (
        line
        for line in clara.books(backfilled=0).invoices[InvoiceId("c-acme/2026-04")].lines
        if line.adjusts is not None
    )
    assert (adjustment.quantity, adjustment.amount.amount) == (Decimal(40), Decimal("4.00"))
    assert clara.ties(clara.books(backfilled=len(BACKFILL)))
