"""Acme and its daughter Acme Labs, each with a contract of its own and usage: on one invoice to Acme, or on two."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shared.domain.identifiers import ContractId, CustomerId
from shared.domain.invoicing.bill_run import BillingAccount
from shared.domain.master_data.catalog import Catalog, Contract, LegalEntity
from shared.domain.master_data.customer import Customer, Dated
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.time_period import BillingPeriod
from tests.builders.billing import (
    ACME,
    ALWAYS,
    BERLIN,
    GRADUATED_CALLS,
    MID_OCTOBER,
    calls,
    catalog,
    contract,
    plan,
    subscription,
)
from tests.builders.billing import BASE_FEE as FEE

LABS = Customer(
    customer_id=CustomerId("acme-labs"),
    name="ACME Labs GmbH",
    country="AT",  # nobody there is taxed: its invoices go to acme
    time_zone=BERLIN,
    known_as=(Dated("acme-labs", ALWAYS),),
)
C_ACME = contract()
PAYG = plan(GRADUATED_CALLS, plan_id="payg")
C_LABS = replace(
    contract(subscription(name="s-labs", plan_id="payg"), contract_id="c-labs"),
    customer_id=LABS.customer_id,
    bill_to=ACME.customer_id,
)
TOGETHER = replace(C_LABS, invoiced_with=C_ACME.contract_id)


def two_contracts(*members: Contract, lead: Contract = C_ACME, entity: LegalEntity | None = None) -> Catalog:
    """Return the catalogue with acme's contract and those that may be invoiced with it."""
    plans = (plan(FEE, GRADUATED_CALLS), PAYG)
    source = catalog(plans=plans, contracts=(lead, *members), entity=entity)
    return replace(source, customers=(ACME, LABS))


def calls_of_labs(count: int, *, at: datetime = MID_OCTOBER) -> WindowUsage:
    usage = calls(count, at=at)
    return replace(usage, key=replace(usage.key, customer_id=LABS.customer_id))


def account_of(of: Contract, period: BillingPeriod) -> BillingAccount:
    return BillingAccount(customer_id=of.customer_id, contract_id=of.contract_id, billing_period=period)


def names(accounts: Sequence[BillingAccount]) -> list[str]:
    return [str(account.invoice_id) for account in accounts]


def contract_ids(*contracts: Contract) -> set[ContractId]:
    return {one.contract_id for one in contracts}
