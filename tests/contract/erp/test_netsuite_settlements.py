"""NetSuite's settlements, poll after poll: what shows late is told all the same, and strangers keep nobody waiting."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.domain.identifiers import ExternalRef
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.outcome import LookupFailed
from tests.builders.posting import a_document, in_dollars
from tests.contract.erp.conftest import OpenSite, PostingSite
from tests.contract.erp.told import polled, settled, statuses

DUE = date(2026, 11, 30)


@pytest.fixture
def site(open_site: OpenSite) -> PostingSite:
    return open_site("netsuite")


@pytest.fixture
def invoices(site: PostingSite) -> Sequence[PostingDocument]:
    documents = [a_document(posting_id=f"acme/{number}/r1", number=f"DE-{number}") for number in range(5)]
    for document in documents:
        site.post(document)
    return documents


def in_pages_of(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.adapters.erp.netsuite.settlements._PAGE", rows)


def paid_one_after_another(site: PostingSite, invoices: Sequence[PostingDocument]) -> None:
    for invoice in invoices:
        site.clock.instant += timedelta(seconds=10)
        site.simulator.pay(invoice.external_ref, Decimal("1.00"), DUE)


def test_what_is_paid_beyond_an_invoice_is_told_as_such(site: PostingSite) -> None:
    invoice = a_document()
    site.post(invoice)

    site.simulator.pay(invoice.external_ref, invoice.gross.amount + 50, DUE)

    assert statuses(site)[invoice.external_ref][1] == "-50.00"


@pytest.mark.parametrize("rows", [100, 2, 1])
def test_a_payment_that_shows_only_after_the_poll_is_told_by_the_next_one(
    site: PostingSite, invoices: Sequence[PostingDocument], monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    in_pages_of(rows, monkeypatch)
    _, cursor = polled(site, "")
    site.clock.instant += timedelta(hours=1)
    late = invoices[1].external_ref
    paid_one_after_another(site, invoices)
    with site.simulator.unseen(late):
        told, cursor = polled(site, cursor)
        assert late not in told

    told, _ = polled(site, cursor)

    assert late in told


def test_a_payment_that_shows_only_after_the_page_where_a_poll_was_cut_off_is_told_by_the_next_one(
    site: PostingSite, invoices: Sequence[PostingDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_pages_of(2, monkeypatch)
    _, cursor = polled(site, "")
    site.clock.instant += timedelta(hours=1)
    late = invoices[1].external_ref
    paid_one_after_another(site, invoices)
    with site.simulator.unseen(late):
        cut_off = settled(site, cursor)
    site.clock.instant += timedelta(hours=1)
    paid_one_after_another(site, [invoice for invoice in invoices if invoice.external_ref != late])
    told, cursor = polled(site, cut_off.next_cursor)
    assert late not in told

    told, _ = polled(site, cursor)

    assert late in told


@pytest.mark.parametrize("rows", [100, 5, 2])
def test_every_poll_ends_and_one_without_news_leaves_the_next_where_it_began(
    site: PostingSite, invoices: Sequence[PostingDocument], monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    in_pages_of(rows, monkeypatch)
    paid_one_after_another(site, invoices)
    _, first = polled(site, "")

    _, second = polled(site, first)
    _, third = polled(site, second)

    assert first == second == third


def test_what_changes_while_its_page_is_read_moves_to_the_end_and_takes_no_other_along(
    site: PostingSite, invoices: Sequence[PostingDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_pages_of(2, monkeypatch)
    paid_one_after_another(site, invoices)
    first = settled(site)
    site.simulator.pay(first.settlements[-1].external_ref, Decimal("1.00"), DUE)

    rest, _ = polled(site, first.next_cursor)

    assert {invoice.external_ref for invoice in invoices[2:]} <= set(rest)


def of_another_integration(site: PostingSite) -> None:
    """Post an invoice in dollars under a key of another form, and let our mapping name no dollars."""
    dollars = in_dollars(a_document(posting_id="crm/1/r1", number="CRM-77"))
    site.post(replace(dollars, external_ref=ExternalRef("SFDC-0061x00000AbCdE")))
    map_only_euros(site)


def map_only_euros(site: PostingSite) -> None:
    entity = site.master_data.entity
    assert entity is not None
    euros = {"EUR": entity.erp.currencies["EUR"]}
    site.master_data.entity = replace(entity, erp=replace(entity.erp, currencies=euros))


@pytest.mark.parametrize("rows", [100, 1])
def test_a_document_of_another_integration_in_a_currency_of_no_mapping_is_passed_over(
    site: PostingSite, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    in_pages_of(rows, monkeypatch)
    first, second = (a_document(posting_id=f"acme/{name}/r1", number=f"DE-{name}") for name in "ab")
    site.post(first)
    of_another_integration(site)
    site.post(second)

    told, cursor = polled(site, "")

    assert told == [first.external_ref, second.external_ref]
    assert polled(site, cursor)[1] == cursor


def test_a_page_of_strangers_alone_moves_the_cursor_on(site: PostingSite) -> None:
    of_another_integration(site)
    begun = settled(site)

    assert begun.settlements == ()
    assert begun.next_cursor == (site.clock.instant - timedelta(minutes=5)).isoformat()


def test_a_document_of_ours_in_a_currency_of_no_mapping_is_not_passed_over(site: PostingSite) -> None:
    site.post(in_dollars(a_document()))
    map_only_euros(site)

    assert isinstance(site.erp.settlements(""), LookupFailed)


def test_a_position_amid_a_poll_that_was_stored_is_read_on_from(
    site: PostingSite, invoices: Sequence[PostingDocument]
) -> None:
    instant = site.clock.instant.isoformat()
    second = site.simulator.documents()[1].document_id

    whole = statuses(site, instant)
    rest = statuses(site, f"{instant} {second}")

    assert list(whole) == [invoice.external_ref for invoice in invoices]
    assert list(rest) == [invoice.external_ref for invoice in invoices[2:]]
