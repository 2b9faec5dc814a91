"""Whose invoices Tryton's settlements tell: a person writes references of sixteen characters too, in any currency."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.adapters.erp.tryton import settlements
from shared.adapters.erp.tryton.connection import Row
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import SettlementPage, Settlements

OURS = "A" * 16
THEIRS = "PO-2026-03-00017"
BEGUN = datetime(2026, 3, 1, tzinfo=UTC)
LATER = BEGUN + timedelta(hours=1)
MUCH_LATER = LATER + timedelta(hours=1)


class _Invoices:
    """A connection to a company that has these invoices."""

    company = 1

    def __init__(self, *rows: Row) -> None:
        self._rows = list(rows)

    def rows(
        self, model: str, domain: Sequence[object], fields: Sequence[str], *, order: Sequence[object], limit: int
    ) -> list[Row]:
        assert model == "account.invoice"
        assert domain
        assert order
        assert "reference" in fields
        return self._rows[:limit]


def invoice(number: int, reference: str, *, code: str = "EUR", written: object = BEGUN) -> Row:
    return {
        "id": number,
        "reference": reference,
        "number": str(number),
        "state": "posted",
        "total_amount": Decimal(5),
        "amount_to_pay": Decimal(5),
        "currency": {"code": code},
        "write_date": written,
        "cancel_move": None,
        "company": {"currency": {"code": "EUR"}},
        "lines_to_pay": [],
        "payment_lines": [],
        "reconciliation_lines": [],
    }


def page_of(*rows: Row, cursor: str = "") -> Settlements:
    return settlements.settlement_page(_Invoices(*rows), cursor, now=MUCH_LATER)  # type: ignore[arg-type]


def told(page: Settlements) -> list[str]:
    assert isinstance(page, SettlementPage)
    return [one.external_ref for one in page.settlements]


def test_an_invoice_of_a_person_s_in_a_currency_that_nobody_knows_keeps_no_payment_waiting() -> None:
    page = page_of(invoice(1, OURS), invoice(2, THEIRS, code="HRK", written=LATER))

    assert told(page) == [OURS]
    assert isinstance(page, SettlementPage)
    assert page.complete
    assert page.next_cursor == (LATER - timedelta(minutes=5)).isoformat()


def test_a_page_of_strangers_alone_moves_the_cursor_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settlements, "_PAGE", 2)

    page = page_of(invoice(1, THEIRS), invoice(2, THEIRS, code="HRK", written=LATER))

    assert page == SettlementPage(settlements=(), next_cursor=f"{LATER.isoformat()} 2", complete=False)


def test_a_page_that_ends_with_a_stranger_is_read_on_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settlements, "_PAGE", 2)

    page = page_of(invoice(1, OURS), invoice(2, THEIRS, written=LATER))

    assert told(page) == [OURS]
    assert isinstance(page, SettlementPage)
    assert page.next_cursor == f"{LATER.isoformat()} 2"


def test_an_invoice_of_ours_in_a_currency_that_nobody_knows_is_not_passed_over() -> None:
    assert page_of(invoice(1, OURS, code="HRK")) == LookupFailed("the invoices cannot be read: UnknownCurrencyError")


def test_an_invoice_of_anybody_s_without_a_time_is_no_mark() -> None:
    assert page_of(invoice(1, THEIRS, written=None)) == LookupFailed("the invoices cannot be read: TypeError")


A_MEMO = {"id": 7, "credit": Decimal(2), "debit": Decimal(0), "move": {"origin": "account.invoice,5"}}
A_PAYMENT = {**A_MEMO, "move": {"origin": "account.invoice,1"}}
ANOTHER_INVOICE = {"id": 8, "credit": Decimal(0), "debit": Decimal(9), "move": {"origin": "account.invoice,6"}}


@pytest.mark.parametrize(
    ("paying", "reconciled", "code", "credited"),
    [
        ([A_MEMO], [], "EUR", Decimal(2)),
        ([A_MEMO], [A_MEMO], "EUR", Decimal(2)),
        ([A_PAYMENT], [], "EUR", Decimal(0)),
        ([], [A_MEMO, ANOTHER_INVOICE], "EUR", Decimal(0)),
        ([A_MEMO], [], "USD", None),
        ([A_PAYMENT], [], "USD", Decimal(0)),
    ],
    ids=["a memo", "told in both lists", "a payment", "beside another invoice", "in dollars", "paid in dollars"],
)
def test_what_credit_memos_took_of_an_invoice_is_told_where_it_can_be(
    paying: list[Row], reconciled: list[Row], code: str, credited: Decimal | None
) -> None:
    row = {**invoice(1, OURS, code=code), "payment_lines": paying, "reconciliation_lines": reconciled}

    page = page_of(row)

    assert isinstance(page, SettlementPage)
    assert [one.credited and one.credited.amount for one in page.settlements] == [credited]
