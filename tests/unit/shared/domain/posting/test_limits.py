"""What an ERP is not sent since it would refuse it."""

from dataclasses import replace

import pytest

from shared.domain.identifiers import ProductId
from shared.domain.posting.journal import Journal
from shared.domain.posting.limits import unfit
from shared.domain.posting.outcome import Rejected, RejectionKind
from shared.domain.posting.systems.oracle_fusion import ORACLE_FUSION
from tests.builders.billing import nimbus
from tests.builders.posting import a_document, a_journal

FUSION = replace(
    nimbus().erp,
    system="oracle_fusion",
    products={ProductId("api"): "API requests", ProductId("storage"): "Storage"},
    tax_codes={"VAT19": "DE19"},
    accounts={"unbilled": "1250", "revenue": "8400"},
    settings=dict.fromkeys(ORACLE_FUSION.mapping.required_settings, "1"),
)


def of_lines(count: int) -> Journal:
    return replace(a_journal(), lines=a_journal().lines * (count // 2))


@pytest.mark.parametrize(("lines", "fits"), [(502, True), (100_002, False)])
def test_a_journal_may_have_more_lines_than_an_invoice(lines: int, *, fits: bool) -> None:
    told = f"{lines} lines, 100000 fit"
    refused = Rejected(RejectionKind.VALIDATION, "TOO_MANY_LINES", told)

    assert unfit(of_lines(lines), FUSION, ORACLE_FUSION) == (None if fits else refused)
    assert unfit(replace(a_document(), lines=a_document().lines * 251), FUSION, ORACLE_FUSION) == Rejected(
        RejectionKind.VALIDATION, "TOO_MANY_LINES", "502 lines, 500 fit"
    )


def test_a_journal_has_a_longer_number_than_an_invoice_where_its_erp_takes_one() -> None:
    long = "accrual-of-october-2026"

    assert unfit(replace(a_journal(), human_number=long), FUSION, ORACLE_FUSION) is None
    assert unfit(replace(a_document(), human_number=long), FUSION, ORACLE_FUSION) == Rejected(
        RejectionKind.VALIDATION, "TEXT_TOO_LONG", "a number of 23 characters; oracle_fusion takes 20"
    )


def test_everything_that_does_not_fit_is_named_with_its_line() -> None:
    document = a_document()
    wide = tuple(replace(line, description="x" * 214) for line in document.lines)

    assert unfit(replace(document, lines=wide, purchase_order="4" * 51), FUSION, ORACLE_FUSION) == Rejected(
        RejectionKind.VALIDATION,
        "TEXT_TOO_LONG",
        "line 1: a description of 214 characters; oracle_fusion takes 213;"
        " line 2: a description of 214 characters; oracle_fusion takes 213;"
        " a purchase order of 51 characters; oracle_fusion takes 50",
    )
