"""u2c account shows what is parked, and releases it once."""

from argparse import ArgumentParser
from io import StringIO

from rich.console import Console

from operations.u2c.commands.account import DONE, UNUSABLE_REQUEST, register
from shared.domain.identifiers import CatalogVersion, CustomerId, InvoiceId
from shared.domain.invoicing.parking import ParkedAccount, is_parked
from tests.builders.billing import FIRST_RUN, SECOND_OF_NOVEMBER
from tests.fakes.in_memory_billing_accounts import InMemoryParkedAccounts

V1 = CatalogVersion("v1")
PARKED = ParkedAccount(
    invoice_id=InvoiceId("c-acme/2026-10"),
    customer_id=CustomerId("acme"),
    attempts=7,
    bill_run_id=FIRST_RUN,
    parked_at=SECOND_OF_NOVEMBER,
    catalog_version=V1,
)
UNPARK = ("unpark", "c-acme/2026-10", "--by", "carl@nimbus.example", "--note", "the hold is released")


def told(accounts: InMemoryParkedAccounts, *arguments: str) -> tuple[int, str]:
    parser = ArgumentParser(exit_on_error=False)
    register(parser.add_subparsers())
    parsed, text = parser.parse_args(["account", *arguments]), StringIO()
    return parsed.act(parsed, accounts, Console(file=text, width=200)), text.getvalue()


def test_the_list_says_what_unparks_an_account() -> None:
    accounts = InMemoryParkedAccounts()
    assert told(accounts, "list") == (DONE, "No account was ever parked.\n")

    accounts.save(PARKED)

    assert told(accounts, "list") == (
        DONE,
        "c-acme/2026-10: 7 attempts, parked 2026-11-02 under catalogue v1; another one unparks it\n",
    )


def test_a_person_unparks_an_account_and_says_why() -> None:
    accounts = InMemoryParkedAccounts()
    accounts.save(PARKED)

    status, text = told(accounts, *UNPARK)

    assert status == DONE
    assert "by carl@nimbus.example: the hold is released" in text
    assert not is_parked(accounts.read(PARKED.invoice_id), catalog_version=V1)


def test_the_first_release_counts() -> None:
    accounts = InMemoryParkedAccounts()
    accounts.save(PARKED)
    told(accounts, *UNPARK)
    before = accounts.read(PARKED.invoice_id)

    told(accounts, *UNPARK[:-1], "another note")

    assert accounts.read(PARKED.invoice_id) == before


def test_an_account_that_is_not_parked_is_named() -> None:
    status, text = told(InMemoryParkedAccounts(), *UNPARK)

    assert status == UNUSABLE_REQUEST
    assert "c-acme/2026-10 is not parked" in text
