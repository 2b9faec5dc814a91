"""What bill runs remember of billing accounts, in memory and in DynamoDB."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.billing_accounts import DynamoBillingProgresses, DynamoParkedAccounts
from shared.domain.identifiers import CatalogVersion, ContractId, CustomerId, InvoiceId
from shared.domain.invoicing.billing_progress import BillingProgress
from shared.domain.invoicing.parking import ParkedAccount, released
from shared.ports.billing_progress import BillingProgresses
from shared.ports.parked_accounts import ParkedAccounts
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.billing import FIRST_RUN, SECOND_OF_NOVEMBER, TENANT, THIRD_OF_NOVEMBER
from tests.fakes.in_memory_billing_accounts import InMemoryBillingProgresses, InMemoryParkedAccounts

C_ACME, C_GLOBEX = ContractId("c-acme"), ContractId("c-globex")
HALF_A_YEAR = BillingProgress(contract_id=C_ACME, periods=6, calendar="5f2b", unfinished=(InvoiceId("c-acme/2026-03"),))
PARKED = ParkedAccount(
    invoice_id=InvoiceId("c-acme/2026-10"),
    customer_id=CustomerId("acme"),
    attempts=7,
    bill_run_id=FIRST_RUN,
    parked_at=SECOND_OF_NOVEMBER,
    catalog_version=CatalogVersion("v1"),
)


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Iterator[tuple[BillingProgresses, ParkedAccounts]]:
    if request.param == "memory":
        yield InMemoryBillingProgresses(), InMemoryParkedAccounts()
        return
    with mock_aws():
        table = create_table("invoices")
        yield (
            DynamoBillingProgresses(aws.dynamodb(), table, TENANT),
            DynamoParkedAccounts(aws.dynamodb(), table, TENANT),
        )


def test_progress_is_kept_by_contract_and_the_newest_counts(
    stores: tuple[BillingProgresses, ParkedAccounts],
) -> None:
    progresses, _ = stores
    assert progresses.read_many([C_ACME]) == {}

    progresses.save_many([HALF_A_YEAR, replace(HALF_A_YEAR, contract_id=C_GLOBEX)])
    progresses.save_many([replace(HALF_A_YEAR, periods=7)])

    assert progresses.read_many([C_ACME]) == {C_ACME: replace(HALF_A_YEAR, periods=7)}
    assert progresses.read_many([C_GLOBEX, C_ACME]).keys() == {C_ACME, C_GLOBEX}


def test_parked_accounts_are_found_by_invoice_and_all_together(
    stores: tuple[BillingProgresses, ParkedAccounts],
) -> None:
    _, parked = stores
    assert parked.read(PARKED.invoice_id) is None
    earlier = replace(PARKED, invoice_id=InvoiceId("c-acme/2026-09"))

    parked.save(PARKED)
    parked.save(PARKED)
    parked.save(earlier)
    parked.save(let_go := released(PARKED, by="carl@nimbus.example", at=THIRD_OF_NOVEMBER, note="price is there"))

    assert parked.read(PARKED.invoice_id) == let_go
    assert list(parked.every()) == [earlier, let_go]
