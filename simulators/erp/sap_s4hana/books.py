"""One company code's books: accounting documents with their items, what clears them, and which periods are open."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from simulators.erp.company import CompanySetup
from simulators.erp.general_ledger import GeneralLedger

AccountType = Literal["S", "D"]  # general ledger, customers
FIRST_NUMBER = {"SA": 100_000_000, "AB": 100_500_000, "DZ": 1_400_000_000, "DG": 1_600_000_000, "DR": 1_800_000_000}
KINDS: dict[str, Literal["invoice", "credit_memo", "journal"]] = {
    "DR": "invoice",
    "DG": "credit_memo",
    "SA": "journal",
}


@dataclass(slots=True, kw_only=True)
class Clearing:
    """What took an item out of the open ones."""

    number: str
    fiscal_year: str
    posted_on: date
    entered_on: date


@dataclass(slots=True, kw_only=True)
class Item:
    """One side of a document; a debit is positive. The account of a customer's item is the reconciliation account."""

    account_type: AccountType
    account: str
    amount: Decimal
    local_amount: Decimal | None = None
    customer: str = ""
    text: str = ""
    assignment: str = ""
    tax_code: str = ""
    is_tax: bool = False
    tax_base: Decimal | None = None
    tax_class: str = ""
    profit_center: str = ""
    cost_center: str = ""
    due_from: date | None = None
    net_days: int = 0
    pays_for: str = ""  # the invoice that a partial payment names
    pays_for_year: str = ""
    clearing: Clearing | None = None


@dataclass(slots=True, kw_only=True)
class AccountingDocument:
    """A posted document: nothing of it ever changes but what clears its items, and that it was reversed."""

    number: str
    type: str
    document_reference: str
    original_reference: str
    logical_system: str
    header_text: str
    document_date: date
    posting_date: date
    currency: str
    created_by: str
    created_at: datetime
    items: list[Item]
    reversed_by: str = ""
    reverses: str = ""

    @property
    def fiscal_year(self) -> str:
        return f"{self.posting_date.year:04d}"

    @property
    def fiscal_period(self) -> str:
        return f"{self.posting_date.month:03d}"

    def customer_items(self) -> Iterator[Item]:
        return (item for item in self.items if item.account_type == "D")

    def owed(self) -> Decimal:
        """Return what customers owe by it; of a credit memo that is negative."""
        return sum((item.amount for item in self.customer_items()), start=Decimal(0))

    @property
    def is_cleared(self) -> bool:
        return all(item.clearing for item in self.customer_items())


@dataclass(slots=True)
class CompanyBooks:
    """Everything a company code holds. Each account type has a posting window, both days inclusive, None is open."""

    setup: CompanySetup
    ledger: GeneralLedger
    now: Callable[[], datetime]
    windows: dict[AccountType, tuple[date | None, date | None]]
    documents: list[AccountingDocument] = field(default_factory=list)
    customers: dict[str, str] = field(default_factory=dict)  # number: reconciliation account
    _numbers: Counter[str] = field(default_factory=Counter)

    def next_number(self, document_type: str) -> str:
        self._numbers[document_type] += 1
        return f"{FIRST_NUMBER[document_type] + self._numbers[document_type] - 1:010d}"

    def is_open(self, account_type: AccountType, day: date) -> bool:
        opens, closes = self.windows[account_type]
        return (opens is None or opens <= day) and (closes is None or day <= closes)

    def account(self, key: str) -> str | None:
        """Return the account that a key names, with or without zeros before it."""
        return next((account for account in self.setup.chart() if _same(account, key)), None)

    def reconciliation_account_of(self, debtor: str) -> tuple[str, str] | None:
        """Return a customer of this company code and its account, by a number with or without zeros before it."""
        return next((each for each in self.customers.items() if _same(each[0], debtor)), None)

    def open_amount(self, document: AccountingDocument) -> Decimal:
        """Return what is left of a document: nothing once it is cleared, less the partial payments until then."""
        if document.is_cleared:
            return Decimal(0)
        return abs(document.owed() + sum(item.amount for item in self.partial_payments(document)))

    def partial_payments(self, document: AccountingDocument) -> list[Item]:
        named = (document.number, document.fiscal_year)
        return [
            item
            for payment in self.documents
            for item in payment.customer_items()
            if (item.pays_for, item.pays_for_year) == named and item.clearing is None
        ]


def _same(left: str, right: str) -> bool:
    return left.lstrip("0") == right.lstrip("0")
