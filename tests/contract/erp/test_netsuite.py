"""What only NetSuite does."""

from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import Duplicate, Found, Posted, PostedDocument, Uncertain
from simulators.erp import Fault
from tests.builders.posting import a_document
from tests.contract.erp.conftest import OpenSite


def test_a_second_create_with_the_same_external_id_is_a_duplicate(open_site: OpenSite) -> None:
    site = open_site("netsuite")
    site.erp.submit(a_document())

    assert site.erp.submit(a_document()) == Duplicate()
    assert len(site.posted()) == 1


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


def test_there_is_nothing_to_advance(open_site: OpenSite) -> None:
    site = open_site("netsuite")
    posted = site.erp.submit(a_document())
    assert isinstance(posted, Posted)

    assert isinstance(site.erp.advance(posted.ref, a_document()), Uncertain)


def _read(reading: object) -> PostedDocument:
    assert isinstance(reading, PostedDocument)
    return reading
