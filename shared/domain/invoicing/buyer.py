"""Whom an invoice names: the customer whose contract it is, or the one that the contract has its invoices sent to."""

from collections.abc import Mapping
from dataclasses import replace

from shared.domain.identifiers import ContractId, CustomerId
from shared.domain.invoicing.invoice import Invoice
from shared.domain.master_data.catalog import Contract, CustomerAccount
from shared.domain.master_data.customer import Customer


def concerned(invoice: Invoice) -> tuple[CustomerId, ...]:
    """Return the customers that documents of an invoice need: whose contracts it is about, and who gets and owes it."""
    members = (one.customer_id for one in invoice.members)
    return tuple(dict.fromkeys((invoice.customer_id, invoice.buyer_id, *members)))


def buyer_of(invoice: Invoice, accounts: Mapping[CustomerId, CustomerAccount]) -> Customer | None:
    """Return who gets and owes an invoice, as all its documents name it; None if either customer is unknown.

    It stands in the time zone of the customer whose contract it is: the days of that one were billed.
    """
    user, buyer = accounts.get(invoice.customer_id), accounts.get(invoice.buyer_id)
    if user is None or buyer is None:
        return None
    return replace(buyer.customer, time_zone=user.customer.time_zone)


def contract_of(invoice: Invoice, accounts: Mapping[CustomerId, CustomerAccount]) -> Contract | None:
    """Return the contract that an invoice bills; None if its customer is unknown, or has no such contract."""
    return _contract(invoice.customer_id, invoice.contract_id, accounts)


def member_contracts(invoice: Invoice, accounts: Mapping[CustomerId, CustomerAccount]) -> tuple[Contract, ...]:
    """Return the contracts whose lines an invoice has beside its own, as far as they are known."""
    found = (_contract(one.customer_id, one.contract_id, accounts) for one in invoice.members)
    return tuple(one for one in found if one is not None)


def _contract(
    customer_id: CustomerId, contract_id: ContractId, accounts: Mapping[CustomerId, CustomerAccount]
) -> Contract | None:
    account = accounts.get(customer_id)
    contracts = account.contracts if account else ()
    return next((one for one in contracts if one.contract_id == contract_id), None)
