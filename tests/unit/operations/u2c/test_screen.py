"""The screen of a run on a narrow terminal: numbers stay whole, and whatever differs stands out."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from rich.console import Console

from operations.u2c.screen import plain, show_tie_out, show_waiting
from shared.domain.posting.intent import new_intent
from shared.domain.reconciliation.tie_out import Check, Explanation, TieOut
from shared.domain.reconciliation.waiting import waiting_documents
from tests.builders.posting import a_credit_memo


def check(left: str, right: str, *explanations: Explanation) -> Check:
    return Check(
        name="amount of nimbus-de",
        left_name="nimbus-de: invoices issued, gross",
        left=Decimal(left),
        right_name="ERP documents, gross",
        right=Decimal(right),
        unit="EUR",
        explanations=explanations,
    )


def shown(*checks: Check, width: int) -> str:
    console = Console(width=width)
    with console.capture() as captured:
        show_tie_out(TieOut(checks), console)
    return captured.get()


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_numbers_are_whole_however_narrow_the_screen(width: int) -> None:
    text = shown(check("1234567890.12", "1234567890.12"), check("7.50", "0"), width=width)

    assert "1,234,567,890.12" in text
    assert max(map(len, text.splitlines())) <= width


def test_a_check_that_ties_takes_one_row_and_one_that_differs_says_by_how_much() -> None:
    ties, differs = (
        shown(check("5", "5"), width=120),
        shown(check("9", "2", Explanation("late", Decimal(4))), width=120),
    )

    assert "nimbus-de: invoices issued, gross = ERP documents, gross  5.00  EUR" in ties
    assert "DIFFERS" in differs
    assert ["late" in line and "4.00" in line for line in differs.splitlines()].count(True) == 1
    assert ["unexplained" in line and "3.00" in line for line in differs.splitlines()].count(True) == 1


def test_what_waits_is_told_by_accounting_period_with_its_state_and_age() -> None:
    issued_at = [datetime(2026, 4, day, 6, tzinfo=UTC) for day in (3, 2)]
    memo = a_credit_memo(of_invoice="inv-1")
    intents = [new_intent(replace(memo, posting_date=date(2026, 4, 30)), created_at=at) for at in issued_at]
    console = Console(width=120)

    with console.capture() as captured:
        show_waiting(TieOut((), waiting_documents(intents)), console)

    told = "acme-gmbh, 2026-04: 2 credit memos, 238.00 EUR, state unsent, the oldest of 2026-04-02T06:00:00.000000Z"
    assert told in captured.get()


def test_money_has_all_its_decimals_and_no_exponent() -> None:
    assert [plain(Decimal("1E+3"), "EUR"), plain(Decimal("0.5"), "JPY"), plain(Decimal("1E+3"))] == [
        "1,000.00",
        "0.5",
        "1,000",
    ]
