"""All ERPs of a month are down from its start: everything but the posting goes on, and they catch up in order."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from operations.u2c import tie_out
from operations.u2c.books import Books
from operations.u2c.commands.run import TIES_AND_WAITS, exit_status
from operations.u2c.report import report_run
from operations.u2c.run import Stopwatch
from shared.domain.exception_record import ExceptionStatus
from shared.domain.identifiers import PostingId
from shared.domain.posting.intent import IntentState
from shared.domain.reconciliation.tie_out import TieOut
from simulators.erp import NO_FAULTS, FaultPlan
from tests.scenarios.small_month import Played, SmallMonth, instant, usage
from tests.scenarios.test_redrive import as_it_is_now, receivables

EVENTS = [usage(f"calls-{customer}", customer, time="2026-03-31T10:00:00Z") for customer in ("acme", "initech")]
WAITING = "not posted yet: waiting for the ERP (state unsent)"
ACME = "c-acme/2026-03/r1"
ACCRUAL: dict[str, Any] = {
    "id": "bonus",
    "legal_entity": "nimbus-de",
    "posting_date": "2026-03-31",
    "currency": "EUR",
    "text": "Bonus of March",
    "lines": [{"account": "bonus", "debit": "40.00"}, {"account": "accrued", "credit": "40.00"}],
}
REVERSAL = ACCRUAL | {
    "id": "bonus-back",
    "posting_date": "2026-04-01",
    "reverses": "bonus",
    "lines": [{"account": "accrued", "debit": "40.00"}, {"account": "bonus", "credit": "40.00"}],
}


@contextmanager
def an_outage(folder: Path) -> Iterator[Played]:
    """Play a month up to the day of its invoices, with an accrual and its reversal, and give no ERP more time."""
    month = SmallMonth(folder, lines=[json.dumps(event) for event in EVENTS], until=instant("2026-04-02T12:00:00"))
    month.faults = FaultPlan(unavailable=1)
    month.catalog["legal_entities"][0]["erp"] |= {
        "accounts": {"bonus": "6020", "accrued": "3070"},
        "settings": {"journal_template": "U2C"},
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("operations.u2c.run.SETTLING_STEPS_MAX", 0)
        with month.played() as played:
            for journal in (ACCRUAL, REVERSAL):
                approved(played, journal)
            yield as_it_is_now(played)


def approved(played: Played, journal: Mapping[str, Any]) -> None:
    cloud = played.result.cloud
    prepared = {"act": "prepare", "journal": journal, "prepared_by": "fred@nimbus.example", "send": True}
    cloud.invoke("record_journal", prepared)
    decided = {"act": "decide", "journal_id": journal["id"], "approved": True, "decided_by": "clara@nimbus.example"}
    assert cloud.invoke("record_journal", decided)["outcome"] == "approved"
    cloud.settle()


def after_the_outage(played: Played) -> Played:
    for simulator in played.result.erps.by_connection.values():
        simulator.faults.plan = NO_FAULTS
    played.result.cloud.advance_to(instant("2026-04-02T14:00:00"))
    return as_it_is_now(played)


@pytest.fixture(scope="module")
def down(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with an_outage(tmp_path_factory.mktemp("outage")) as played:
        yield played


def tied(played: Played, books: Books) -> TieOut:
    catalog = played.given.catalog
    return tie_out.tie_out(books, catalog, played.result.erps, tie_out.billed(books, catalog))


def booked(played: Played) -> list[tuple[str, ...]]:
    """Return the documents of each ledger, in the order they came into it."""
    ledgers = (simulator.ledger for simulator in played.result.erps.by_connection.values())
    return [tuple(entry.external_ref for entry in ledger.entries) for ledger in ledgers]


def test_usage_is_metered_and_invoices_are_issued_while_no_erp_answers(down: Played) -> None:
    books = down.result.books

    assert books.events_in_ledger == 2
    assert {(one.number, one.state.value) for one in books.invoices.values()} == {
        ("NDE-000001", "issued"),
        ("NUS-000001", "issued"),
    }
    assert {name for name in down.sent if name.endswith(".pdf")} == {
        "nimbus/c-acme/2026-03/r001/invoice.pdf",
        "nimbus/c-initech/2026-03/r001/invoice.pdf",
    }
    assert booked(down) == [(), ()]


def test_the_backlog_has_its_name_in_the_tie_out_and_stands_beside_it_by_accounting_period(down: Played) -> None:
    checks = {check.name: check for check in down.tie_out.checks}
    waiting = [
        (one.legal_entity_id, one.accounting_period, one.kind, one.state, one.documents, str(one.gross))
        for one in down.tie_out.waiting
    ]

    assert down.tie_out.ties
    assert [(item.reason, item.amount) for item in checks["documents of nimbus-de"].explanations] == [
        (WAITING, Decimal(1))
    ]
    assert [(item.reason, item.amount) for item in checks["amount of nimbus-us"].explanations] == [
        (WAITING, Decimal("115.00"))
    ]
    assert waiting == [
        ("nimbus-de", "2026-03#general-ledger", "journal", "intent", 1, "40.00 EUR"),
        ("nimbus-de", "2026-04", "invoice", "intent", 1, "124.95 EUR"),
        ("nimbus-de", "2026-04#general-ledger", "journal", "intent", 1, "40.00 EUR"),
        ("nimbus-us", "2026-04", "invoice", "intent", 1, "115.00 USD"),
    ]


def test_what_waits_is_not_posted(down: Played, tmp_path: Path) -> None:
    screen = StringIO()

    reported = report_run(down.result, down.given, tmp_path / "out", Stopwatch(), Console(file=screen, width=120))

    told = json.loads((tmp_path / "out" / "tie-out.json").read_text(encoding="utf-8"))
    assert exit_status(reported) == TIES_AND_WAITS
    assert (told["ties"], told["settled"], sum(one["documents"] for one in told["waiting"])) == (True, False, 4)
    assert "Everything ties, with 4 documents waiting: not posted yet." in screen.getvalue()
    assert "nimbus-de, 2026-03 (general ledger): 1 journal, 40.00 EUR, state unsent" in screen.getvalue()


def never_written(books: Books) -> Books:
    return replace(books, intents=tuple(intent for intent in books.intents if intent.posting_id != ACME))


def brought_on_by_nobody(books: Books) -> Books:
    return replace(books, on_their_way=tuple(one for one in books.on_their_way if one.posting_id != ACME))


def posted_by_our_word_alone(books: Books) -> Books:
    return in_state(books, IntentState.POSTED)


def refused_and_nobody_told(books: Books) -> Books:
    return in_state(books, IntentState.REJECTED)


def in_state(books: Books, state: IntentState) -> Books:
    intents = (replace(one, state=state) if one.posting_id == ACME else one for one in books.intents)
    return replace(books, intents=tuple(intents))


@pytest.mark.parametrize(
    "lost", [never_written, brought_on_by_nobody, posted_by_our_word_alone, refused_and_nobody_told]
)
def test_a_document_that_is_lost_does_not_pass_for_one_that_waits(lost: Callable[[Books], Books], down: Played) -> None:
    checks = tied(down, lost(down.result.books)).checks

    assert [check.name for check in checks if not check.ties] == ["documents of nimbus-de", "amount of nimbus-de"]


def test_the_erps_come_back_and_everything_is_posted_once_and_in_order(down: Played) -> None:
    """The last test of this month: it is played on. All of this is the same whenever it is played."""
    refs = {one.posting_id: one.external_ref for one in down.result.books.on_their_way}
    up = after_the_outage(down)
    posted = [(one.posting_id, one.state, one.erp_number, one.attempts) for one in up.result.books.intents]

    assert posted == [
        ("c-acme/2026-03/r1", IntentState.POSTED, "PS-INV103001", 2),
        ("c-initech/2026-03/r1", IntentState.POSTED, "NUS-000001", 2),
    ]
    assert booked(up) == [
        tuple(refs[PostingId(name)] for name in ("c-acme/2026-03/r1", "journal=bonus", "journal=bonus-back")),
        (refs[PostingId("c-initech/2026-03/r1")],),
    ]
    assert receivables(up) == {"nimbus-de EUR": Decimal("124.95"), "nimbus-us USD": Decimal("115.00")}
    assert up.tie_out.is_settled
    assert [one.code for one in up.result.books.exceptions if one.status is ExceptionStatus.OPEN] == []
