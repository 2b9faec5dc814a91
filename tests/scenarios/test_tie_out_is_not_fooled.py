"""The tie-out against books that somebody has tampered with: each stage is held against another one's figures."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from operations.u2c import tie_out
from operations.u2c.books import Books
from shared.domain.exception_record import ExceptionStatus
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.invoice import InvoiceLine, InvoiceState
from shared.domain.posting.intent import IntentState
from shared.domain.reconciliation.tie_out import TieOut
from shared.runtime import aws
from tests.scenarios.small_month import MONTH_END, Played, SmallMonth

ACME, SEATS = InvoiceId("c-acme/2026-03"), InvoiceId("c-acme-seats/2026-03")


def acme_with_two_contracts(month: SmallMonth) -> None:
    """Sell acme its users on a contract of their own, in dollars, which the approver of Germany does not see."""
    catalog = month.catalog
    calls_only = catalog["price_book"][0]
    seats = deepcopy(calls_only) | {"id": "seats", "name": "Seats"}
    seats["charges"] = [calls_only["charges"].pop()]
    catalog["price_book"].append(seats)
    second = deepcopy(catalog["contracts"][1]) | {"id": "c-acme-seats", "customer": "acme"}
    second["subscriptions"] = [{"id": "s-seats", "plan": "seats"}]
    catalog["contracts"].append(second)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    lines = [json.dumps(event) for event in MONTH_END if event["subject"] != "vandelay"]
    month = SmallMonth(tmp_path_factory.mktemp("month"), lines=lines)
    acme_with_two_contracts(month)
    with month.played() as result:
        yield result


def tied(played: Played, books: Books) -> TieOut:
    catalog = played.given.catalog
    return tie_out.tie_out(books, catalog, played.result.erps, tie_out.billed(books, catalog))


def differing(played: Played, books: Books) -> list[str]:
    return [check.name for check in tied(played, books).checks if not check.ties]


def with_invoice(books: Books, name: InvoiceId, **changes: Any) -> Books:
    return replace(books, invoices={**books.invoices, name: replace(books.invoices[name], **changes)})


def with_calls(books: Books, change: Callable[[InvoiceLine], InvoiceLine]) -> Books:
    lines = books.invoices[ACME].lines
    return with_invoice(books, ACME, lines=tuple(change(line) if line.charge_id == "calls" else line for line in lines))


def test_untouched_books_tie(played: Played) -> None:
    assert differing(played, played.result.books) == []


def test_a_part_priced_with_more_than_was_metered_shows(played: Played) -> None:
    def more(line: InvoiceLine) -> InvoiceLine:
        first = replace(line.parts[0], quantity=line.parts[0].quantity + 1)
        return replace(line, parts=(first, *line.parts[1:]))

    books = with_calls(played.result.books, more)

    assert differing(played, books) == ["quantity of api_calls", "charges of nimbus-de"]


def test_a_part_that_is_not_its_quantity_at_its_price_shows(played: Played) -> None:
    """Amount of part and line, tax, gross and the ERP may all agree and be wrong together."""

    def dearer(line: InvoiceLine) -> InvoiceLine:
        first = replace(line.parts[0], unit_price=line.parts[0].unit_price / 2)
        return replace(line, parts=(first, *line.parts[1:]))

    assert differing(played, with_calls(played.result.books, dearer)) == ["charges of nimbus-de"]


def test_an_invoice_that_waits_explains_nothing_that_another_contract_should_have_billed(played: Played) -> None:
    """Acme's seats wait for a person; its calls are on no invoice, and no exception says why."""
    books = played.result.books
    waiting = with_invoice(books, SEATS, state=InvoiceState.INVALID)
    told = replace(books.exceptions[0], subject=SEATS, status=ExceptionStatus.OPEN)
    lost = replace(waiting, exceptions=(*books.exceptions, told))
    lost = with_invoice(lost, ACME, lines=tuple(line for line in lost.invoices[ACME].lines if line.meter is None))

    found = {check.name: check for check in tied(played, lost).checks}

    assert found["quantity of users"].ties
    assert found["quantity of api_calls"].unexplained == Decimal(120)


@pytest.mark.parametrize("state", [InvoiceState.NOTHING_TO_BILL, InvoiceState.INVALID])
def test_an_invoice_that_is_not_issued_explains_nothing_without_an_open_exception(
    played: Played, state: InvoiceState
) -> None:
    books = with_invoice(played.result.books, ACME, state=state)

    assert "quantity of api_calls" in differing(played, books)


def test_what_an_erp_has_without_our_knowing_it_is_no_difference_and_is_not_settled(played: Played) -> None:
    """Its reply was lost: the document is in the ledger already, and nobody may take its period for done."""
    books = played.result.books
    lost = tuple(replace(one, state=IntentState.UNKNOWN) for one in books.intents if one.posting_id == f"{ACME}/r1")
    others = (one for one in books.intents if one.posting_id != f"{ACME}/r1")

    unknown = tied(played, replace(books, intents=(*others, *lost), on_their_way=lost))

    assert unknown.ties
    assert [(one.state, one.documents) for one in unknown.waiting] == [(IntentState.UNKNOWN, 1)]
    assert not unknown.is_settled


def test_a_slot_that_is_in_the_ledger_twice_shows(played: Played) -> None:
    """The last test of this month: it changes the ledger itself."""
    double_every_log(played.result.cloud.resource("MeteringLedgerTable"))
    read = played.result.books

    books = played.result.collector.books(
        since=played.result.start,
        events_in_file=read.events_in_file,
        events_not_arrived=read.events_not_arrived,
        refused_by_producer=read.refused_by_producer,
        erps=played.result.erps,
    )

    assert "measured" in differing(played, books)


def double_every_log(table: str) -> None:
    """Put each log's first slot once more at its end, behind the seal."""
    logs: dict[str, list[dict[str, Any]]] = {}
    for item in aws.dynamodb().scan(TableName=table)["Items"]:
        if "ids" in item or "sealed" in item:
            logs.setdefault(item["pk"]["S"], []).append(item)
    for slots in logs.values():
        slots.sort(key=lambda item: item["sk"]["S"])
        if "ids" in slots[0]:
            again = slots[0] | {"sk": {"S": f"{len(slots) + 1:06d}"}}
            aws.dynamodb().put_item(TableName=table, Item=again)
