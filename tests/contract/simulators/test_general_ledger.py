"""The ledger behind every simulator takes balanced entries only and exports what beancount accepts."""

from datetime import date
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core.data import Transaction

from simulators.erp import AccountRole, CompanySetup, Entry, EntryLine, GeneralLedger, UnbalancedEntryError
from simulators.erp.general_ledger import journal_line, payment_lines

ACME = CompanySetup(
    company="acme",
    name="Acme & Söhne GmbH",
    local_currency="EUR",
    receivable_account="13100",
    tax_account="22500",
    revenue_accounts={},
    tax_codes={},
    bank_account="12000",
    accounts={"60100": AccountRole.EXPENSE, "24000": AccountRole.LIABILITY, "12900": AccountRole.ASSET},
)


def an_entry(*, receivable: str = "120.00", **changes: object) -> Entry:
    fields: dict[str, object] = {
        "company": "acme",
        "posting_date": date(2026, 3, 31),
        "document_number": "PS-INV103001",
        "external_ref": "7Q2M4K2D3XAB5C6T",
        "customer": 'Wayne "Bruce" \\ Sons\nLtd',
        "currency": "EUR",
        "lines": (
            EntryLine(role=AccountRole.RECEIVABLE, account="13100", amount=Decimal(receivable)),
            EntryLine(role=AccountRole.REVENUE, account="40100", amount=Decimal("-100.00")),
            EntryLine(role=AccountRole.TAX, account="22500", amount=Decimal("-20.00")),
        ),
    }
    return Entry(**(fields | changes))  # type: ignore[arg-type]


def test_an_entry_whose_sides_differ_is_refused() -> None:
    ledger = GeneralLedger([ACME])

    with pytest.raises(UnbalancedEntryError):
        ledger.post(an_entry(receivable="120.01"))

    assert ledger.entries == ()


def test_balances_are_kept_by_company_role_and_currency() -> None:
    ledger = GeneralLedger([ACME])
    ledger.post(an_entry())
    ledger.post(an_entry(currency="USD"))
    ledger.post(an_entry())

    assert ledger.balances(company="acme", role=AccountRole.RECEIVABLE) == {"EUR": Decimal(240), "USD": Decimal(120)}
    assert ledger.balance(company="acme", role=AccountRole.REVENUE, currency="EUR") == Decimal(-200)
    assert ledger.balance(company="globex", role=AccountRole.TAX, currency="EUR") == Decimal(0)


def test_the_export_loads_in_beancount_without_errors() -> None:
    ledger = GeneralLedger([ACME])
    ledger.post(an_entry(posting_date=date(2026, 4, 30)))
    ledger.post(an_entry(document_number="PS INV/103002 é", external_ref=""))

    entries, errors, _ = loader.load_string(ledger.to_beancount())

    assert errors == []
    transactions = [entry for entry in entries if isinstance(entry, Transaction)]
    assert [entry.date for entry in transactions] == [date(2026, 3, 31), date(2026, 4, 30)]
    assert transactions[1].links == {"7Q2M4K2D3XAB5C6T", "PS-INV103001"}
    assert transactions[1].payee == 'Wayne "Bruce" \\ Sons Ltd'
    assert {posting.account for posting in transactions[1].postings} == {
        "Assets:Acme-S-hne-GmbH:13100",
        "Income:Acme-S-hne-GmbH:40100",
        "Liabilities:Acme-S-hne-GmbH:22500",
    }


def test_a_payment_turns_what_is_receivable_into_money_at_the_bank() -> None:
    ledger = GeneralLedger([ACME])
    ledger.post(an_entry())
    ledger.post(an_entry(lines=payment_lines(ACME, amount=Decimal("120.00"))))

    assert ledger.trial_balance(company="acme") == {
        ("12000", "EUR"): Decimal(120),
        ("22500", "EUR"): Decimal(-20),
        ("40100", "EUR"): Decimal(-100),
    }


def test_a_journal_moves_accounts_of_every_role_under_their_roots_in_the_export() -> None:
    ledger = GeneralLedger([ACME])
    moved = (("60100", "30.00"), ("12900", "12.00"), ("24000", "-42.00"))
    ledger.post(an_entry(lines=tuple(journal_line(ACME, account=on, amount=Decimal(by)) for on, by in moved)))

    text = ledger.to_beancount()

    assert "open Expenses:Acme-S-hne-GmbH:60100" in text
    assert "open Assets:Acme-S-hne-GmbH:12900" in text
    assert "open Liabilities:Acme-S-hne-GmbH:24000" in text
    with pytest.raises(KeyError):
        journal_line(ACME, account="99999", amount=Decimal(1))


def test_closing_balances_of_the_export_miss_an_entry_that_is_not_there_and_a_cent() -> None:
    ledger = GeneralLedger([ACME])
    ledger.post(an_entry())
    ledger.post(an_entry(document_number="PS-INV103002"))
    text = ledger.to_beancount()
    one_entry = text[text.index("2026-03-31 *") : text.rindex("2026-03-31 *")]

    _, errors_without_one, _ = loader.load_string(text.replace(one_entry, "", 1))
    _, errors_with_a_cent_more, _ = loader.load_string(
        text.replace("120.00", "120.01", 1).replace("-20.00", "-20.01", 1)
    )

    assert len(errors_without_one) == 3
    assert len(errors_with_a_cent_more) == 2


def test_an_empty_ledger_exports_nothing() -> None:
    assert GeneralLedger([ACME]).to_beancount() == ""


def test_two_companies_that_would_share_accounts_are_refused() -> None:
    with pytest.raises(ValueError, match="Acme"):
        GeneralLedger([ACME, ACME])
