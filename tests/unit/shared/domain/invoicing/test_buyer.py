"""Whom an invoice names, and which contracts and customers its documents need."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from shared.domain.identifiers import ContractId, CustomerId, InvoiceId
from shared.domain.invoicing.buyer import buyer_of, concerned, contract_of, member_contracts
from shared.domain.invoicing.invoice import Invoice, MemberBill
from shared.domain.master_data.catalog import CustomerAccount
from tests.builders.billing import ACME, BERLIN, a_draft, account, contract

HOLDING = replace(ACME, customer_id=CustomerId("holding"), name="ACME Holding", time_zone=ZoneInfo("America/New_York"))
OF_HOLDING = replace(contract(contract_id="c-holding"), customer_id=HOLDING.customer_id)
ACCOUNTS = {
    ACME.customer_id: account(contract(), contract(contract_id="c-other")),
    HOLDING.customer_id: CustomerAccount(customer=HOLDING, contracts=(OF_HOLDING,)),
}


def member(customer: str, of: str) -> MemberBill:
    return MemberBill(
        invoice_id=InvoiceId(f"{of}/2026-10"),
        customer_id=CustomerId(customer),
        contract_id=ContractId(of),
        revision=1,
        version=1,
    )


def invoice(*members: MemberBill, bill_to: str | None = None) -> Invoice:
    return replace(a_draft(), members=members, bill_to=CustomerId(bill_to) if bill_to else None)


def test_an_invoice_names_its_customer_or_whom_it_is_sent_to_in_the_customers_time_zone() -> None:
    assert buyer_of(invoice(), ACCOUNTS) == ACME
    assert buyer_of(invoice(bill_to="holding"), ACCOUNTS) == replace(HOLDING, time_zone=BERLIN)


def test_an_unknown_customer_or_buyer_is_nobody() -> None:
    assert buyer_of(invoice(bill_to="nobody"), ACCOUNTS) is None
    assert buyer_of(replace(invoice(), customer_id=CustomerId("nobody")), ACCOUNTS) is None
    assert buyer_of(replace(invoice(bill_to="holding"), customer_id=CustomerId("nobody")), ACCOUNTS) is None


def test_everybody_concerned_is_named_once() -> None:
    members = (member("acme", "c-other"), member("holding", "c-holding"), member("third", "c-third"))

    assert concerned(invoice(*members, bill_to="holding")) == ("acme", "holding", "third")
    assert concerned(invoice()) == ("acme",)


def test_the_contract_of_an_invoice_is_its_customers_own() -> None:
    assert contract_of(invoice(), ACCOUNTS) == contract()
    assert contract_of(replace(invoice(), contract_id=ContractId("c-holding")), ACCOUNTS) is None
    assert contract_of(replace(invoice(), customer_id=CustomerId("nobody")), ACCOUNTS) is None


def test_contracts_of_members_are_those_that_are_known() -> None:
    members = (member("acme", "c-other"), member("holding", "c-gone"), member("holding", "c-holding"))

    assert [one.contract_id for one in member_contracts(invoice(*members), ACCOUNTS)] == ["c-other", "c-holding"]
