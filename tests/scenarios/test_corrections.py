"""Usage that is corrected, from the file to the ERP: the books tie, and u2c explain shows both events of each pair."""

import json
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from operations.u2c import report
from operations.u2c.books import Fate
from operations.u2c.explain import explain
from operations.u2c.run import Stopwatch
from shared.domain.exception_record import ExceptionStatus
from tests.scenarios.small_month import Played, SmallMonth, instant, usage

WRONG_TIME = "2026-03-30T10:00:00Z"


def void(original: str, arrives: str, time: str = WRONG_TIME, **more: Any) -> dict[str, Any]:
    return usage(
        f"void-{original}",
        time=time,
        arrivaltime=arrives,
        type="usage.voided",
        data={"id": original, "reason": f"{original} was a test"},
        **more,
    )


EVENTS = (
    usage("kept"),
    usage("voided-in-time"),
    void("voided-in-time", "2026-03-30T12:00:00Z"),
    void("voided-in-time", "2026-03-30T13:00:00Z"),
    usage("voided-late", data={"meter": "api_calls", "quantity": 60}),
    void("voided-late", "2026-04-20T12:00:00Z"),
    usage("too-much", data={"meter": "api_calls", "quantity": 600}),
    usage(
        "right-amount",
        arrivaltime="2026-03-31T12:00:00Z",
        type="usage.amended",
        data={"id": "too-much", "reason": "a zero too many", "usage": {"meter": "api_calls", "quantity": 60}},
    ),
    usage("april", time="2026-04-15T10:00:00Z"),
)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    month = SmallMonth(
        tmp_path_factory.mktemp("month"), lines=[*map(json.dumps, EVENTS)], until=instant("2026-05-04T00:00:00")
    )
    with month.played() as result:
        yield result


@pytest.fixture(scope="module")
def out(played: Played, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "out"
    report.report_run(played.result, played.given, folder, Stopwatch(), Console(quiet=True))
    return folder


def test_every_delivery_has_its_end_and_the_books_tie(played: Played) -> None:
    ends = {
        fate: sorted(one.event_id for one in played.result.books.fates if one.fate is fate)
        for fate in {one.fate for one in played.result.books.fates}
    }

    assert ends == {
        Fate.METERED: ["april", "kept", "right-amount"],
        Fate.VOIDED: ["too-much", "voided-in-time", "voided-late"],
        Fate.CORRECTION: ["void-voided-in-time", "void-voided-in-time", "void-voided-late"],
    }
    assert [check for check in played.tie_out.checks if not check.ties] == []
    assert all(told.status is ExceptionStatus.RESOLVED for told in played.result.books.exceptions)


def test_a_void_after_the_invoice_is_a_credit_on_the_next_one(played: Played) -> None:
    lines = [
        (invoice.billing_period.name, line.quantity)
        for invoice in played.result.books.invoices.values()
        for line in invoice.lines
        if line.meter == "api_calls"
    ]

    assert lines == [("2026-03", Decimal(180)), ("2026-04", Decimal(60)), ("2026-04", Decimal(-60))]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("voided-in-time", ["voided", "voided by /api#void-voided-in-time: voided-in-time was a test"]),
        ("void-voided-late", ["correction", "voids /api#voided-late: voided-late was a test"]),
        ("too-much", ["voided", "voided by /api#right-amount: a zero too many"]),
        ("right-amount", ["metered", "amends /api#too-much: a zero too many"]),
    ],
)
def test_explain_shows_the_other_event_and_why(out: Path, event: str, said: list[str]) -> None:
    shown = StringIO()

    explain(event, folder=out, console=Console(width=200, file=shown, markup=False))

    assert [text for text in said if text not in shown.getvalue()] == []
