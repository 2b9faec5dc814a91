"""What only NetSuite does."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shared.adapters.erp.netsuite.documents import document_fields
from shared.adapters.erp.netsuite.errors import after_failed_call, before_the_document
from shared.adapters.http.transport import Reply
from shared.domain.posting.comparison import differences
from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import (
    Accepted,
    Duplicate,
    Found,
    Posted,
    PostedDocument,
    Rejected,
    RejectionKind,
    Throttled,
    Uncertain,
)
from simulators.erp import Fault
from simulators.erp.netsuite.document_header import OWN_RATE
from tests.builders.posting import a_credit_memo, a_document, a_journal, in_dollars, with_discount
from tests.contract.erp.conftest import OpenSite, an_entity
from tests.contract.erp.systems.every_system import under_test


def test_a_second_create_with_the_same_external_id_is_a_duplicate(open_site: OpenSite) -> None:
    site = open_site("netsuite")
    site.erp.submit(a_document())

    assert site.erp.submit(a_document()) == Duplicate()
    assert len(site.posted()) == 1


@pytest.mark.parametrize("status", [400, 429])
@pytest.mark.parametrize(("headers", "seconds"), [({}, 0), ({"retry-after": "45"}, 45)])
def test_too_many_requests_at_a_time_are_busy_by_either_status_and_for_as_long_as_netsuite_says(
    status: int, headers: dict[str, str], seconds: int
) -> None:
    detail = {"o:errorCode": "CONCURRENCY_LIMIT_EXCEEDED", "detail": "Concurrent request limit exceeded."}
    refusal = Reply(status, headers, json.dumps({"o:errorDetails": [detail]}).encode())

    assert after_failed_call(refusal) == before_the_document(refusal) == Throttled(seconds)


def test_a_refusal_with_any_code_is_a_duplicate_while_the_document_is_there(open_site: OpenSite) -> None:
    site = open_site("netsuite")
    site.erp.submit(a_document())
    site.simulator.faults.script(Fault.UNKNOWN_REFUSAL, operation="create_invoice")

    assert site.erp.submit(a_document()) == Duplicate()


def test_a_refusal_after_which_nobody_can_look_the_document_up_may_be_that_of_a_duplicate(open_site: OpenSite) -> None:
    site = open_site("netsuite")
    site.erp.submit(a_document())
    site.simulator.faults.script(Fault.UNKNOWN_REFUSAL, operation="create_invoice")
    site.simulator.faults.script(Fault.GATEWAY_PAGE, operation="get_invoice")

    outcome = site.erp.submit(a_document())

    assert isinstance(outcome, Uncertain)
    assert "ZX_4711_NEVER_SEEN" in outcome.reason
    assert "status 502" in outcome.reason


def test_a_refusal_of_what_is_not_there_stays_one(open_site: OpenSite) -> None:
    site = open_site("netsuite")
    site.simulator.faults.script(Fault.UNKNOWN_REFUSAL, operation="create_invoice")

    assert site.erp.submit(a_document()) == Rejected(
        RejectionKind.VALIDATION, "ZX_4711_NEVER_SEEN", "ZX_4711_NEVER_SEEN happened."
    )


@pytest.mark.parametrize(
    "document", [a_document(posting_date=date(2026, 12, 31)), a_journal(posted_on=date(2026, 12, 31))]
)
def test_a_day_that_a_period_for_adjustments_holds_too_is_posted_to_its_month(
    open_site: OpenSite, document: Document
) -> None:
    site = open_site("netsuite")
    site.simulator.add_adjustment_period(date(2026, 12, 31))

    assert isinstance(site.erp.submit(document), Posted)

    (posted,) = site.simulator.documents()
    assert posted.accounting_period == "2026-12"


def test_a_created_invoice_whose_location_was_stripped_is_found_by_its_external_id(open_site: OpenSite) -> None:
    site = open_site("netsuite")
    site.simulator.faults.script(Fault.LOCATION_STRIPPED, operation="create_invoice")

    outcome = site.erp.submit(a_document())

    assert isinstance(outcome, Posted)
    assert site.erp.locate(a_document().external_ref, DocumentKind.INVOICE) == Found(
        _read(site.erp.read(outcome.ref, DocumentKind.INVOICE))
    )


def test_the_legal_number_and_the_split_tax_arrive(open_site: OpenSite) -> None:
    site = open_site("netsuite")

    site.erp.submit(a_document(number="DE-000042"))

    (document,) = site.simulator.documents()
    assert document.number == "DE-000042"
    assert (str(document.net), str(document.tax), str(document.gross)) == ("1200.57", "228.11", "1428.68")
    assert document.accounting_period == "2026-10"


def test_the_rate_of_a_foreign_document_is_told_and_read_back(open_site: OpenSite) -> None:
    site = open_site("netsuite")
    ours = in_dollars(a_document())

    outcome = site.erp.submit(ours)

    assert isinstance(outcome, Posted)
    found = _read(site.erp.read(outcome.ref, DocumentKind.INVOICE))
    assert found.exchange_rate == ours.exchange_rate == Decimal("0.8950948800573")
    assert differences(ours, found) == ()
    by_its_own_table = replace(found, exchange_rate=OWN_RATE)
    assert differences(ours, by_its_own_table) == ("exchange rate is 1.5 in the ERP, 0.8950948800573 here",)


@pytest.mark.parametrize(
    ("document", "taxes"),
    [
        (a_document(), ["228.10", "0.01"]),
        (with_discount(a_document()), ["-9.50", "228.10", "0.01"]),
        (with_discount(a_credit_memo(of_invoice="1101", tax="19.02")), ["-9.49", "19.01"]),
    ],
)
def test_each_line_has_the_tax_of_its_own_amount_and_all_of_them_that_of_the_document(
    document: PostingDocument, taxes: list[str]
) -> None:
    fields = document_fields(document, an_entity(under_test("netsuite")), period_id="210")

    rows: Any = fields["taxDetails"]

    assert [str(row["taxAmount"]) for row in rows["items"]] == taxes
    assert sum(row["taxAmount"] for row in rows["items"]) == document.tax.amount


def test_fields_of_a_tax_row_are_called_as_the_account_calls_them() -> None:
    entity = an_entity(under_test("netsuite"))
    settings = {**entity.erp.settings, "tax_detail_fields": "taxBasis=taxableAmount, taxRate=rate"}
    renamed = replace(entity, erp=replace(entity.erp, settings=settings))

    rows: Any = document_fields(a_document(), renamed, period_id="210")["taxDetails"]

    assert rows["items"][1] == {
        "taxDetailsReference": "L2",
        "taxType": {"id": "5"},
        "taxCode": {"id": "11"},
        "taxableAmount": Decimal("0.07"),
        "rate": Decimal(19),
        "taxAmount": Decimal("0.01"),
    }


def test_what_the_account_calls_approved_is_sent_and_is_in_the_ledger_and_nothing_else_is(open_site: OpenSite) -> None:
    site = open_site("netsuite")
    posted = site.erp.submit(a_document())
    assert isinstance(posted, Posted)
    entity = an_entity(under_test("netsuite"))
    settings = {**entity.erp.settings, "approval_status": "7"}
    site.master_data.entity = replace(entity, erp=replace(entity.erp, settings=settings))

    assert document_fields(a_document(), entity, period_id="210")["approvalStatus"] == {"id": "2"}
    assert document_fields(a_document(), site.master_data.entity, period_id="210")["approvalStatus"] == {"id": "7"}
    assert not _read(site.erp.read(posted.ref, DocumentKind.INVOICE)).posted
    (record,) = site.simulator._books.invoices.all()
    record["approvalStatus"] = {"id": "7", "refName": "Approved"}
    assert _read(site.erp.read(posted.ref, DocumentKind.INVOICE)).posted


def test_bringing_a_record_into_the_ledger_is_left_to_those_who_approve_it_and_asked_after(open_site: OpenSite) -> None:
    site = open_site("netsuite")
    posted = site.erp.submit(a_document())
    assert isinstance(posted, Posted)

    waiting = site.erp.advance(posted.ref, a_document())

    assert isinstance(waiting, Accepted)
    assert site.erp.poll(waiting.ticket, a_document()) == posted
    assert isinstance(site.erp.poll(waiting.ticket, a_document(posting_id="acme/2026-09/r1")), Uncertain)


def _read(reading: object) -> PostedDocument:
    assert isinstance(reading, PostedDocument)
    return reading
