"""The end of a month, as finance would tell it."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from operations.u2c.books import Books, Fate
from shared.domain.exception_record import ExceptionCode, ExceptionStatus
from shared.domain.posting.intent import IntentState
from simulators.erp import FaultPlan
from tests.scenarios.small_month import SmallMonth, instant, usage


def open_codes(books: Books) -> set[ExceptionCode]:
    return {r.code for r in books.exceptions if r.status is ExceptionStatus.OPEN}


def gross(books: Books, invoice_id: str) -> Decimal:
    return next(i.gross.amount for i in books.invoices.values() if i.invoice_id == invoice_id)


def booked(books: Books) -> list[tuple[str, str, Decimal]]:
    """Return key, accounting period and gross of each document in the ERPs' ledgers."""
    return [(one.external_ref, one.accounting_period, one.gross) for one in books.erp_documents]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """Return the books of a month that nothing happens in; they tie."""
    with SmallMonth(tmp_path_factory.mktemp("month")).played() as played:
        assert played.tie_out.is_settled
        return played.result.books


def test_usage_of_the_month_is_on_invoices_and_in_both_ledgers_to_the_cent(books: Books) -> None:
    # 99.00 + 100 x 0.10 + 20 x 0.055 + 1 user x 5.00 = 115.10, with 19 % tax
    assert gross(books, "c-acme/2026-03") == Decimal("136.97")
    # 109.00 + 100 x 0.10 + 20 x 0.055, the late event included
    assert gross(books, "c-initech/2026-03") == Decimal("120.10")
    assert {intent.state for intent in books.intents} == {IntentState.POSTED}
    assert open_codes(books) == {ExceptionCode.MALFORMED_JSON, ExceptionCode.UNKNOWN_CUSTOMER}


def test_a_duplicate_is_counted_once_and_shown(books: Books) -> None:
    assert books.count(Fate.DUPLICATE) == 1


def test_an_invoice_over_the_threshold_is_approved_by_the_person_that_the_catalogue_names(books: Books) -> None:
    approvals = {str(i.invoice_id): i.approval for i in books.invoices.values()}

    acme = approvals["c-acme/2026-03"]
    assert acme is not None
    assert acme.decided_by == "clara@nimbus.example"
    assert approvals["c-initech/2026-03"] is None


def test_erps_that_throttle_fail_and_lose_replies_get_each_document_once(tmp_path: Path, books: Books) -> None:
    faults = FaultPlan(seed=3, throttle=0.2, lose_reply=0.25, late_commit=0.1, server_error=0.1)
    with SmallMonth(tmp_path, faults=faults).played() as played:
        assert played.result.injected_faults
        assert played.tie_out.is_settled
        assert sorted(booked(played.result.books)) == sorted(booked(books))


def test_usage_after_the_invoice_waits_for_the_next_one_on_the_tie_outs_own_line(tmp_path: Path) -> None:
    month = SmallMonth(tmp_path)
    month.lines += late_in_april()
    with month.played() as played:
        late = {check.name: [(e.amount, e.reason) for e in check.explanations] for check in played.tie_out.checks}

        assert gross(played.result.books, "c-acme/2026-03") == Decimal("136.97")
        assert late["quantity of api_calls"] == [(Decimal(7), "late after issue, on the contract's next invoice")]
        assert late["quantity of users"] == [(Decimal(1), "late after issue, on the contract's next invoice")]
        assert played.tie_out.is_settled


def test_usage_after_the_invoice_is_on_the_next_one_and_in_the_ledgers_once(tmp_path: Path) -> None:
    month = SmallMonth(tmp_path, until=instant("2026-05-03T00:00:00"))
    month.lines += late_in_april()
    with month.played() as played:
        books = played.result.books
        april = next(i for i in books.invoices.values() if i.invoice_id == "c-acme/2026-04")

        # 7 more calls at 0.055 are 0.385: 11.485 in all, rounded 11.49, of which March's invoice has billed 11.10.
        assert [(line.line_id, line.amount.amount) for line in april.lines if line.adjusts] == [
            ("s-acme/calls@2026-03", Decimal("0.39")),
            ("s-acme/users@2026-03", Decimal("5.00")),
        ]
        assert gross(played.result.books, "c-acme/2026-04") == Decimal("124.22")  # (99.00 + 0.39 + 5.00) x 1.19
        assert {intent.state for intent in books.intents} == {IntentState.POSTED}
        assert not any(check.explanations for check in played.tie_out.checks if check.name.startswith("quantity"))
        assert played.tie_out.is_settled


def late_in_april() -> list[str]:
    """Return seven calls, a user and a user whom March's invoice knows, all of March and after its invoice."""
    late = {"arrivaltime": "2026-04-04T08:00:00Z"}
    return [
        json.dumps(usage("too-late", data={"meter": "api_calls", "quantity": 7}, **late)),
        json.dumps(usage("bob", data={"meter": "users", "unique_key": "bob"}, **late)),
        json.dumps(usage("ann-once-more", data={"meter": "users", "unique_key": "ann"}, **late)),
    ]


def test_the_same_id_with_other_content_counts_once_and_goes_to_the_exceptions(tmp_path: Path) -> None:
    month = SmallMonth(tmp_path)
    month.lines.append(json.dumps(usage("calls-1", data={"meter": "api_calls", "quantity": 999_999})))
    with month.played() as played:
        assert gross(played.result.books, "c-acme/2026-03") == Decimal("136.97")
        assert ExceptionCode.USAGE_CONFLICT in open_codes(played.result.books)
        assert played.result.books.count(Fate.CONFLICTING) == 1
        assert played.tie_out.is_settled


def test_a_conflict_that_both_buckets_counted_holds_the_invoice_and_nobody_elses(tmp_path: Path) -> None:
    month = SmallMonth(tmp_path)
    month.lines.append(json.dumps(usage("calls-1", time="2026-03-31T10:00:00Z")))
    with month.played() as played:
        states = {i.invoice_id: i.state.value for i in played.result.books.invoices.values()}

        assert states == {"c-acme/2026-03": "invalid", "c-initech/2026-03": "posted"}
        assert ExceptionCode.USAGE_CONFLICT in open_codes(played.result.books)
        assert played.tie_out.is_settled


@pytest.mark.parametrize("closed_through", ["2026-03-31", "2026-04-30"])
def test_a_closed_period_sends_the_document_to_the_next_open_one(tmp_path: Path, closed_through: str) -> None:
    month = SmallMonth(tmp_path)
    entity = month.catalog["legal_entities"][0]
    entity |= {"closed_through": closed_through, "on_closed_period": "accrue"}
    entity["erp"]["accounts"] = {"unbilled_receivables": "1250"}
    with month.played() as played:
        acme = next(i for i in played.result.books.intents if i.legal_entity_id == "nimbus-de")

        assert acme.state is IntentState.POSTED
        assert acme.posted_period == ("2026-04" if closed_through == "2026-03-31" else "2026-05")
        assert ExceptionCode.REVENUE_NOT_ACCRUED in open_codes(played.result.books)  # all its ledgers are
        assert played.tie_out.is_settled
