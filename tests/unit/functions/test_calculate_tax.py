"""calculate_tax: once on a draft, and never again on what has gone on."""

import pytest

from functions.calculate_tax.use_case import InvoiceNotFoundError
from tests.builders.billing import calls, catalog, euros
from tests.fakes.billing_world import BillingWorld


def test_a_draft_gets_its_tax() -> None:
    world = BillingWorld(calls(150))
    world.build(world.select())

    assert world.tax().tax == euros("21.19")
    assert world.invoice.gross == euros("132.69")


def test_a_missing_rate_is_an_issue_of_the_draft() -> None:
    world = BillingWorld(calls(150))
    world.publish(catalog(tax_rates=[]))
    world.build(world.select())

    assert {issue.code for issue in world.tax().issues} == {"TAX_RATE_MISSING"}


def test_an_issued_invoice_keeps_its_tax_whatever_the_table_says() -> None:
    world = BillingWorld(calls(150))
    world.run()
    world.publish(catalog(tax_rates=[]))

    assert world.tax().tax == euros("21.19")


def test_there_is_no_tax_without_an_invoice() -> None:
    with pytest.raises(InvoiceNotFoundError):
        BillingWorld().tax()
