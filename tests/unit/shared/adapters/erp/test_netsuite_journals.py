"""What a journal entry comes to is read from all of its lines, or not at all."""

from decimal import Decimal
from typing import Any

import pytest

from shared.adapters.erp.netsuite.journals import posted_journal
from shared.domain.posting.outcome import LookupFailed, PostedDocument
from tests.builders.posting import eur
from tests.contract.erp.conftest import an_entity
from tests.contract.erp.systems.every_system import under_test

DEBITS = ({"debit": Decimal("200.00")}, {"debit": Decimal("100.00")})
CREDIT = {"credit": Decimal("300.00")}
NETSUITE = an_entity(under_test("netsuite"))


def shown(**line: object) -> PostedDocument | LookupFailed:
    fields: dict[str, Any] = {
        "id": "1101",
        "externalId": "J7Q2M4K2D3XAB5C6",
        "tranId": "accrual-10",
        "currency": {"id": "1"},
        "exchangeRate": Decimal(1),
        "approved": True,
        "line": line,
    }
    return posted_journal(fields, NETSUITE, accounting_period="2026-10")


@pytest.mark.parametrize("whole", [{}, {"totalResults": 3}, {"totalResults": 3, "hasMore": False}])
def test_a_journal_entry_comes_to_the_sum_of_its_debits(whole: dict[str, object]) -> None:
    read = shown(items=[*DEBITS, CREDIT], **whole)

    assert isinstance(read, PostedDocument)
    assert read.gross == eur("300.00")


@pytest.mark.parametrize("part", [{"totalResults": 3}, {"hasMore": True}, {"totalResults": 3, "hasMore": True}])
def test_a_page_of_its_lines_is_no_journal_entry_of_less(part: dict[str, object]) -> None:
    assert shown(items=[DEBITS[0]], **part) == LookupFailed("the journal entry is shown with a part of its lines")
