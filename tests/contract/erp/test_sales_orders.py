"""Sales orders in NetSuite: one a contract, told whole, once for each revision, whatever happens to the call."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shared.adapters.erp.order_routing import MappedSalesOrderRouting
from shared.domain.identifiers import ContractId, ExternalRef
from shared.domain.money import currency
from shared.domain.posting.sales_order import (
    OrderRefused,
    OrderUnavailable,
    OrderWriting,
    OrderWritten,
    SalesOrder,
    SalesOrderLine,
)
from simulators.erp import Fault
from simulators.erp.netsuite.simulator import NetSuiteSimulator
from tests.builders.posting import a_document
from tests.contract.erp.conftest import OpenSite, PostingSite

TEAM = SalesOrderLine("Team (s-acme), from 2026-10-01 to 2026-10-31", Decimal(5))
BUSINESS = SalesOrderLine("Business (s-acme@2026-11-01), from 2026-11-01", Decimal(5))
FIRST = SalesOrder(
    contract_id=ContractId("c-acme"),
    external_ref=ExternalRef("ORDER2ACME"),
    party=a_document().party,
    currency=currency("EUR"),
    agreed_on=date(2026, 10, 1),
    purchase_order="PO-88",
    revision=7,
    lines=(TEAM, BUSINESS),
)
SECOND = replace(FIRST, revision=8, lines=(TEAM,))


class Site:
    def __init__(self, erp: PostingSite, *, item: str = "540") -> None:
        assert isinstance(erp.simulator, NetSuiteSimulator)
        self.simulator = erp.simulator
        entity = erp.master_data.entity
        assert entity is not None
        self.entity = replace(
            entity, erp=replace(entity.erp, settings={**entity.erp.settings, "sales_order_item": item})
        )
        self.orders = MappedSalesOrderRouting(erp.connections).sales_orders_of(self.entity)

    def write(self, order: SalesOrder) -> OrderWriting:
        assert self.orders is not None
        return self.orders.write(order)

    def held(self) -> dict[str, Any]:
        (order,) = self.simulator.sales_orders()
        return order

    def lines(self) -> list[tuple[str, Decimal]]:
        return [(line["description"], line["quantity"]) for line in self.held()["_items"]]


@pytest.fixture
def site(open_site: OpenSite) -> Site:
    return Site(open_site("netsuite"))


def test_what_is_agreed_is_one_order_and_posts_nothing(site: Site) -> None:
    assert site.write(FIRST) == OrderWritten()

    order = site.held()
    assert (order["externalId"], order["memo"], order["otherRefNum"]) == ("ORDER2ACME", "c-acme, revision 7", "PO-88")
    assert (order["entity"]["refName"], order["tranDate"]) == ("Acme Corp", "2026-10-01")
    assert site.lines() == [(TEAM.description, Decimal(5)), (BUSINESS.description, Decimal(5))]
    assert {line["amount"] for line in order["_items"]} == {Decimal(0)}
    assert site.simulator.documents() == ()


def test_what_is_agreed_later_takes_its_place(site: Site) -> None:
    site.write(FIRST)

    assert site.write(SECOND) == OrderWritten()
    assert site.held()["memo"] == "c-acme, revision 8"
    assert site.lines() == [(TEAM.description, Decimal(5))]


def test_a_purchase_order_that_no_longer_counts_leaves_the_order(site: Site) -> None:
    site.write(FIRST)

    assert site.write(replace(SECOND, purchase_order="")) == OrderWritten()
    assert site.held()["otherRefNum"] == ""


def test_the_same_revision_again_and_an_earlier_one_change_nothing(site: Site) -> None:
    site.write(SECOND)
    writes = site.simulator.faults.writes

    assert (site.write(SECOND), site.write(FIRST)) == (OrderWritten(), OrderWritten())
    assert site.simulator.faults.writes == writes
    assert site.lines() == [(TEAM.description, Decimal(5))]


@pytest.mark.parametrize("fault", [Fault.LOSE_REPLY, Fault.UNAVAILABLE, Fault.THROTTLE])
def test_after_a_reply_that_is_lost_or_bad_it_is_written_again_to_one_order(site: Site, fault: Fault) -> None:
    site.simulator.faults.script(fault, operation="upsert_sales_order")

    assert isinstance(site.write(FIRST), OrderUnavailable)
    assert site.write(FIRST) == OrderWritten()
    assert len(site.lines()) == 2


def test_an_erp_that_cannot_be_read_is_not_written_to(site: Site) -> None:
    site.simulator.faults.script(Fault.UNAVAILABLE, operation="get_sales_order")

    assert isinstance(site.write(FIRST), OrderUnavailable)
    assert site.simulator.sales_orders() == ()


def test_an_item_that_the_erp_does_not_know_is_refused_with_its_words(open_site: OpenSite) -> None:
    refused = Site(open_site("netsuite"), item="999").write(FIRST)

    assert isinstance(refused, OrderRefused)
    assert "INVALID_KEY_OR_REF" in refused.reason


def test_a_currency_without_a_name_in_the_erp_is_refused_before_any_call(site: Site) -> None:
    assert site.write(replace(FIRST, currency=currency("SEK"))) == OrderRefused("no mapping for currency SEK")


def test_a_subscription_of_more_pauses_than_a_line_takes_is_refused_before_any_call(site: Site) -> None:
    pauses = ", paused from 2026-10-01 to 2026-10-31" * 26
    paused = replace(TEAM, description=f"Team (s-acme){pauses}")

    assert site.write(replace(FIRST, lines=(BUSINESS, paused))) == OrderRefused(
        "a line of 1001 characters; NetSuite takes 999"
    )
    assert site.simulator.sales_orders() == ()


def test_an_erp_is_told_of_orders_only_where_its_entity_says_so(open_site: OpenSite) -> None:
    erp = open_site("netsuite")
    assert erp.master_data.entity is not None

    assert MappedSalesOrderRouting(erp.connections).sales_orders_of(erp.master_data.entity) is None
