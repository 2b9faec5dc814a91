"""What only Business Central does: it drafts, recomputes tax, and takes the same reference twice."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import cast

from shared.adapters.erp.business_central.documents import document_fields, posted_document
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import (
    Ambiguous,
    Draft,
    Found,
    Posted,
    PostedDocument,
    Rejected,
    RejectionKind,
    Uncertain,
)
from simulators.erp import Fault
from tests.builders.posting import a_credit_memo, a_document
from tests.contract.erp.conftest import OpenSite, an_entity
from tests.contract.erp.systems.business_central import UNDER_TEST


def test_a_cent_of_recomputed_tax_is_rejected_before_it_is_posted(open_site: OpenSite) -> None:
    site = open_site("business_central")
    site.simulator.faults.script(Fault.TAX_CENT_OFF, operation="create_invoice")

    outcome = site.post(a_document())

    assert outcome == Rejected(
        RejectionKind.VALIDATION,
        "DRAFT_DIFFERS",
        "tax is 228.12 EUR in the ERP, 228.11 EUR here; gross is 1428.69 EUR in the ERP, 1428.68 EUR here",
    )
    assert site.posted() == []


def test_the_same_document_sent_twice_is_two_documents_and_both_are_shown(open_site: OpenSite) -> None:
    site = open_site("business_central")
    site.erp.submit(a_document())
    site.erp.submit(a_document())

    located = site.erp.locate(a_document().external_ref, DocumentKind.INVOICE)

    assert isinstance(located, Ambiguous)
    assert len(located.refs) == 2


def test_a_posting_whose_reply_was_lost_is_posted_when_it_is_advanced_again(open_site: OpenSite) -> None:
    site = open_site("business_central")
    draft = site.erp.submit(a_document())
    assert isinstance(draft, Draft)
    site.simulator.faults.script(Fault.LOSE_REPLY, operation="post_invoice")

    assert isinstance(site.erp.advance(draft.ref, a_document()), Uncertain)
    assert site.erp.advance(draft.ref, a_document()) == Posted(draft.ref)
    assert len(site.posted()) == 1


def test_half_a_reply_to_a_new_draft_is_uncertain(open_site: OpenSite) -> None:
    site = open_site("business_central")
    site.simulator.faults.script(Fault.TRUNCATED_JSON, operation="create_invoice")

    assert isinstance(site.erp.submit(a_document()), Uncertain)
    assert isinstance(site.erp.locate(a_document().external_ref, DocumentKind.INVOICE), Found)


def test_a_period_that_closes_between_draft_and_post_leaves_the_draft_out_of_the_ledger(open_site: OpenSite) -> None:
    site = open_site("business_central")
    site.simulator.faults.script(Fault.CLOSED_PERIOD, operation="post_invoice")

    outcome = site.post(a_document())

    assert isinstance(outcome, Rejected)
    assert outcome.kind is RejectionKind.PERIOD
    assert site.posted() == []


def test_a_refusal_to_post_after_which_the_draft_cannot_be_read_may_be_of_what_is_posted(open_site: OpenSite) -> None:
    site = open_site("business_central")
    draft = site.erp.submit(a_document())
    assert isinstance(draft, Draft)
    site.simulator.faults.script(Fault.CLOSED_PERIOD, operation="post_invoice")
    site.simulator.faults.script(None, Fault.GATEWAY_PAGE, operation="get_invoice")

    outcome = site.erp.advance(draft.ref, a_document())

    assert isinstance(outcome, Uncertain)
    assert "range of allowed posting dates" in outcome.reason


def test_a_draft_with_another_number_of_ours_is_not_posted(open_site: OpenSite) -> None:
    site = open_site("business_central")
    draft = site.erp.submit(replace(a_document(), human_number="DE-000002"))
    assert isinstance(draft, Draft)

    outcome = site.erp.advance(draft.ref, a_document())

    why = "our number is DE-000002 in the ERP, DE-000001 here"
    assert outcome == Rejected(RejectionKind.VALIDATION, "DRAFT_DIFFERS", why)


def test_our_number_is_told_from_the_comments_of_people_and_missed_by_nobody() -> None:
    entity, memo = an_entity(UNDER_TEST), a_credit_memo(of_invoice="8884")
    sent = document_fields(memo, entity)
    ours, *lines = cast("list[dict[str, object]]", sent["salesCreditMemoLines"])
    anns = {"lineType": "Comment", "description": "as agreed with Ann", "description2": ""}
    booked = [line | {"amountExcludingTax": Decimal(100)} for line in lines]
    totals = {"totalAmountExcludingTax": 100, "totalTaxAmount": 19, "totalAmountIncludingTax": 119}
    shown = {**sent, **totals, "id": "8885", "number": "PS-CR1", "status": "Open", "currencyCode": "EUR"}

    def number_read(*comments: Mapping[str, object]) -> str | None:
        found = posted_document({**shown, "salesCreditMemoLines": [*comments, *booked]}, entity, memo.kind)
        assert isinstance(found, PostedDocument)
        return found.human_number

    assert number_read(anns, ours) == memo.human_number
    assert number_read(anns) is None


def test_the_reference_stays_within_the_width_of_every_erp(open_site: OpenSite) -> None:
    site = open_site("business_central")

    site.post(replace(a_document(), purchase_order=""))

    (document,) = site.simulator.documents()
    assert document.external_ref == a_document().external_ref
    assert len(document.external_ref) == 16
