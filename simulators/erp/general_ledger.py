"""The general ledger behind a simulated ERP: balanced entries only, so that a doubled invoice doubles the revenue."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from simulators.erp.beancount_text import (
    account_name,
    balance_directive,
    company_part,
    entry_directive,
    open_directive,
)
from simulators.erp.company import AccountRole, CompanySetup

BEANCOUNT_ROOTS: Mapping[AccountRole, str] = MappingProxyType(
    {
        AccountRole.RECEIVABLE: "Assets",
        AccountRole.BANK: "Assets",
        AccountRole.ASSET: "Assets",
        AccountRole.LIABILITY: "Liabilities",
        AccountRole.TAX: "Liabilities",
        AccountRole.REVENUE: "Income",
        AccountRole.EXPENSE: "Expenses",
    }
)


class UnbalancedEntryError(ValueError):
    """Debits and credits of an entry differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """One side of an entry: debits are positive, credits negative, in currency units of the entry."""

    role: AccountRole
    account: str
    amount: Decimal
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one document did to one company's ledger, in the document's currency."""

    company: str
    posting_date: date
    document_number: str
    external_ref: str
    customer: str
    currency: str
    lines: tuple[EntryLine, ...]
    document_type: str = "Invoice"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueLine:
    """What an invoice line credits, in currency units; an account of tax stays one."""

    account: str
    amount: Decimal


def invoice_lines(
    setup: CompanySetup, *, revenue: Sequence[RevenueLine], net: Decimal, tax: Decimal
) -> tuple[EntryLine, ...]:
    """Debit the receivable with the gross, credit revenue line by line, and the tax where there is any."""
    debit = EntryLine(role=AccountRole.RECEIVABLE, account=setup.receivable_account, amount=net + tax)
    credited = [
        EntryLine(role=_role(setup, line.account), account=line.account, amount=-line.amount)
        for line in revenue
        if line.amount
    ]
    if tax:
        credited.append(EntryLine(role=AccountRole.TAX, account=setup.tax_account, amount=-tax))
    return debit, *credited


def credit_memo_lines(
    setup: CompanySetup, *, revenue: Sequence[RevenueLine], net: Decimal, tax: Decimal
) -> tuple[EntryLine, ...]:
    """Book what an invoice books, the other way round."""
    return tuple(replace(line, amount=-line.amount) for line in invoice_lines(setup, revenue=revenue, net=net, tax=tax))


def payment_lines(setup: CompanySetup, *, amount: Decimal) -> tuple[EntryLine, ...]:
    """Debit the bank with what a customer paid, credit the receivable."""
    return (
        EntryLine(role=AccountRole.BANK, account=setup.bank_account, amount=amount),
        EntryLine(role=AccountRole.RECEIVABLE, account=setup.receivable_account, amount=-amount),
    )


def journal_line(setup: CompanySetup, *, account: str, amount: Decimal, text: str = "") -> EntryLine:
    """Return one side of a journal (debit positive); raises KeyError for an account the company does not have."""
    return EntryLine(role=setup.chart()[account], account=account, amount=amount, text=text)


def _role(setup: CompanySetup, account: str) -> AccountRole:
    return AccountRole.TAX if account == setup.tax_account else AccountRole.REVENUE


class GeneralLedger:
    """Entries of all companies of one ERP in posting order."""

    def __init__(self, companies: Iterable[CompanySetup]) -> None:
        """Start empty; raises ValueError where two companies would share one name in the export."""
        self._parts: dict[str, str] = {}
        for setup in companies:
            part = company_part(setup.name)
            if part in self._parts.values():
                raise ValueError(f"two companies are called {part}")
            self._parts[setup.company] = part
        self._entries: list[Entry] = []

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    def post(self, entry: Entry) -> None:
        """Append an entry; raises UnbalancedEntryError, and KeyError for a company this ERP does not have."""
        if sum(line.amount for line in entry.lines) != 0:
            raise UnbalancedEntryError(f"{entry.document_number}: {[str(line.amount) for line in entry.lines]}")
        self._parts[entry.company]
        self._entries.append(entry)

    def forget_after(self, count: int) -> None:
        """Keep the first entries only: a transaction of several postings was rolled back."""
        del self._entries[count:]

    def balance(self, *, company: str, role: AccountRole, currency: str) -> Decimal:
        """Debits less credits of all accounts of one role."""
        return self.balances(company=company, role=role).get(currency, Decimal(0))

    def balances(self, *, company: str, role: AccountRole) -> dict[str, Decimal]:
        """Debits less credits of all accounts of one role, by currency."""
        totals: defaultdict[str, Decimal] = defaultdict(Decimal)
        for entry in self.entries:
            if entry.company == company:
                totals[entry.currency] += sum(
                    (line.amount for line in entry.lines if line.role is role), start=Decimal(0)
                )
        return dict(totals)

    def trial_balance(self, *, company: str) -> dict[tuple[str, str], Decimal]:
        """Debits less credits by account and currency; accounts that come to nothing are left out."""
        totals: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for entry in self.entries:
            if entry.company == company:
                for line in entry.lines:
                    totals[line.account, entry.currency] += line.amount
        return {key: total for key, total in sorted(totals.items()) if total}

    def to_beancount(self) -> str:
        """Return the ledger as text that beancount loads without a complaint, oldest entry first.

        It ends with the closing balance of every account: beancount itself would not miss an entry.
        """
        entries = sorted(self.entries, key=lambda entry: entry.posting_date)
        opened: dict[str, date] = {}
        for entry in entries:
            for line in entry.lines:
                opened.setdefault(self._account(entry, line), entry.posting_date)
        directives = [open_directive(account, opened_on) for account, opened_on in sorted(opened.items())]
        directives += [
            entry_directive(
                posting_date=entry.posting_date,
                payee=entry.customer,
                narration=entry.document_number,
                links=(entry.external_ref, entry.document_number),
                postings=[(self._account(entry, line), line.amount, entry.currency) for line in entry.lines],
            )
            for entry in entries
        ]
        directives += self._closing(entries)
        return "\n".join(directives) + "\n" if directives else ""

    def _closing(self, entries: Sequence[Entry]) -> list[str]:
        totals: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for entry in entries:
            for line in entry.lines:
                totals[self._account(entry, line), entry.currency] += line.amount
        return [
            balance_directive(account, amount=total, currency=currency, at_start_of=_day_after(entries))
            for (account, currency), total in sorted(totals.items())
        ]

    def _account(self, entry: Entry, line: EntryLine) -> str:
        return account_name(root=BEANCOUNT_ROOTS[line.role], company=self._parts[entry.company], account=line.account)


def _day_after(entries: Sequence[Entry]) -> date:
    return max(entry.posting_date for entry in entries) + timedelta(days=1)
