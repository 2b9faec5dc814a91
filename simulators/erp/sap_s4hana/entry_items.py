"""Reads the items of a journal entry against a company's accounts, customers and tax codes."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from xml.etree.ElementTree import Element

from simulators.erp.company import AccountRole, rounded
from simulators.erp.sap_s4hana.books import CompanyBooks, Item
from simulators.erp.sap_s4hana.messages import WARNING, Message, unknown_account, unknown_customer
from simulators.erp.sap_s4hana.request_schema import amount_of, day_of, text_of

Found = Item | Message


def read_items(books: CompanyBooks, entry: Element) -> tuple[list[Item], list[Message]]:
    """Return the items, and what is wrong with them or noteworthy."""
    found = [
        *(each for part in entry.findall("Item") for each in _ledger_item(books, part)),
        *(each for part in entry.findall("DebtorItem") for each in _debtor_item(books, part)),
        *(each for part in entry.findall("ProductTaxItem") for each in _tax_item(books, part)),
    ]
    items = [each for each in found if isinstance(each, Item)]
    messages = [each for each in found if isinstance(each, Message)]
    return items, messages + list(_taxes_off(books, items, currencies(entry)))


def currencies(entry: Element) -> set[str]:
    parts = (part for name in ("Item", "DebtorItem", "ProductTaxItem") for part in entry.findall(name))
    return {amount_of(part, "AmountInTransactionCurrency")[1] for part in parts}


def _ledger_item(books: CompanyBooks, part: Element) -> Iterator[Found]:
    key = text_of(part, "GLAccount")
    account = books.account(key)
    if account is None:
        yield from unknown_account(key)
        return
    if books.setup.chart()[account] is AccountRole.RECEIVABLE:
        yield Message("351(F5)", f"Account {key} in company code {books.setup.company} cannot be directly posted to")
        return
    tax_code = text_of(part, "Tax/TaxCode")
    assigned = {name: text_of(part, f"AccountAssignment/{name}") for name in ("ProfitCenter", "CostCenter")}
    yield from _wrong_code(books, tax_code)
    yield from _wrong_sign(part, key)
    yield from _wrong_assignment(books.setup.dimensions, assigned)
    yield Item(
        account_type="S",
        account=account,
        amount=amount_of(part, "AmountInTransactionCurrency")[0],
        local_amount=_local(part),
        text=text_of(part, "DocumentItemText"),
        assignment=text_of(part, "AssignmentReference"),
        tax_code=tax_code,
        profit_center=assigned["ProfitCenter"],
        cost_center=assigned["CostCenter"],
    )


def _debtor_item(books: CompanyBooks, part: Element) -> Iterator[Found]:
    debtor = text_of(part, "Debtor")
    customer = books.reconciliation_account_of(debtor)
    if customer is None:
        yield unknown_customer(debtor, books.setup.company)
        return
    yield from _wrong_sign(part, debtor)
    has_terms = part.find("CashDiscountTerms") is not None
    yield Item(
        account_type="D",
        account=customer[1],
        customer=customer[0],
        amount=amount_of(part, "AmountInTransactionCurrency")[0],
        local_amount=_local(part),
        text=text_of(part, "DocumentItemText"),
        assignment=text_of(part, "AssignmentReference"),
        due_from=day_of(part, "CashDiscountTerms/DueCalculationBaseDate") if has_terms else None,
        net_days=int(text_of(part, "CashDiscountTerms/NetPaymentDays").strip("PD") or 0),
    )


def _tax_item(books: CompanyBooks, part: Element) -> Iterator[Found]:
    code = text_of(part, "TaxCode")
    yield from _wrong_code(books, code)
    yield from _wrong_sign(part, code)
    yield Item(
        account_type="S",
        account=books.setup.tax_account,
        amount=amount_of(part, "AmountInTransactionCurrency")[0],
        local_amount=_local(part),
        tax_code=code,
        is_tax=True,
        tax_base=amount_of(part, "TaxBaseAmountInTransCrcy")[0],
        tax_class=text_of(part, "TaxItemClassification"),
    )


def _wrong_code(books: CompanyBooks, code: str) -> Iterator[Message]:
    if code and code not in books.setup.tax_codes:
        yield Message("713(FF)", f"Tax code {code} in procedure 0TXD is invalid")


def _wrong_sign(part: Element, key: str) -> Iterator[Message]:
    """Compare S (debit) and H (credit) with the sign, where the code is sent."""
    code, amount = text_of(part, "DebitCreditCode"), amount_of(part, "AmountInTransactionCurrency")[0]
    if code not in {"", "S", "H"} or (code == "S" and amount < 0) or (code == "H" and amount > 0):
        yield Message("021(RW)", f"Debit/credit code {code} and the sign of {amount} disagree for {key}")


def _wrong_assignment(known: Mapping[str, frozenset[str]], assigned: Mapping[str, str]) -> Iterator[Message]:
    for name, value in assigned.items():
        if value and value not in known.get(name, frozenset()):
            yield Message("265(KI)", f"{name} {value} does not exist in controlling area A000")


def _taxes_off(books: CompanyBooks, items: list[Item], used: set[str]) -> Iterator[Message]:
    """Compare the tax items with the items of their codes: bases must agree, amounts only ought to."""
    codes = {item.tax_code for item in items if item.tax_code in books.setup.tax_codes}
    for code in sorted(codes):
        base = _total(item.amount for item in items if item.tax_code == code and not item.is_tax)
        taxes = [item for item in items if item.tax_code == code and item.is_tax]
        if not taxes and base and books.setup.tax_codes[code]:
            yield Message("805(FF)", f"Tax statement item missing for tax code {code}")
        elif taxes and _total(item.tax_base or Decimal(0) for item in taxes) != base:
            yield Message("817(FF)", f"Tax base of tax code {code} is not the amount of its items")
        elif taxes and len(used) == 1 and _calculated(books, code, base, min(used)) != _total(i.amount for i in taxes):
            yield Message("747(FF)", f"Tax entered with code {code} differs from the calculated one", WARNING)


def _calculated(books: CompanyBooks, code: str, base: Decimal, currency: str) -> Decimal:
    return rounded(base * books.setup.tax_codes[code], currency=currency)


def _total(amounts: Iterator[Decimal]) -> Decimal:
    return sum(amounts, start=Decimal(0))


def _local(part: Element) -> Decimal | None:
    name = "AmountInCompanyCodeCurrency"
    return None if part.find(name) is None else amount_of(part, name)[0]
