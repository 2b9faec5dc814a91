from dataclasses import replace

import pytest

from shared.domain.identifiers import PostingId
from shared.domain.posting.names import accrual_name, comes_after, first_posting, issued_name, next_posting
from tests.builders.posting import a_credit_memo, a_document, a_journal, reversed_by


@pytest.mark.parametrize(
    ("text", "posting"),
    [
        ("c-acme/2026-10", "c-acme/2026-10/r1"),
        ("c-acme/2026-10/r2", "c-acme/2026-10/r2"),
        ("c-acme/2026-10/r2/p3", "c-acme/2026-10/r2"),
        ("c-acme/2026-10-15/r1/credit/sla-7", "c-acme/2026-10-15/r1/credit/sla-7"),
        ("c-acme/2026-10/r1/credit/sla-7/p2", "c-acme/2026-10/r1/credit/sla-7"),
    ],
)
def test_an_invoice_a_credit_note_and_any_posting_of_theirs_name_the_document(text: str, posting: str) -> None:
    assert issued_name(text).first_posting == posting


@pytest.mark.parametrize(
    "text", ["", "c-acme", "c-acme/2026-10/r0", "c-acme/2026-10/credit/sla-7", "a/b/r1/c", "journal=x/p2"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="names no invoice and no credit note"):
        issued_name(text)


def test_nothing_goes_before_an_invoice_and_its_invoice_before_a_credit_memo_and_an_accrual() -> None:
    assert comes_after(a_document()) is None
    assert comes_after(a_journal()) is None
    assert comes_after(a_credit_memo(of_invoice="inv-1")) == "acme-2026/2026-10/r1"
    assert comes_after(reversed_by(a_journal())) == "journal=accrual-10"

    accrual = accrual_name(PostingId("acme-2026/2026-10/r1/p2"))
    assert comes_after(a_journal(accrual.journal_id)) == "acme-2026/2026-10/r1"
    assert (
        comes_after(replace(a_journal(), posting_id=PostingId(f"{accrual.first_posting}/p2"))) == "acme-2026/2026-10/r1"
    )


@pytest.mark.parametrize("document", ["c-acme/2026-10/r1", "c-acme/2026-10/r1/credit/p2", "journal=accrual-10"])
def test_postings_of_a_document_are_numbered_on(document: str) -> None:
    second = next_posting(PostingId(document))
    third = next_posting(second)

    assert (second, third) == (f"{document}/p2", f"{document}/p3")
    assert first_posting(third) == first_posting(second) == first_posting(PostingId(document)) == document
