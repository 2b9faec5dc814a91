"""The sides of our documents as SAP books them: customer, revenue and tax of an invoice, the lines of a journal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from shared.domain.identifiers import CustomerId
from shared.domain.master_data.catalog import ErpMapping, LegalEntity
from shared.domain.money import Money, total
from shared.domain.posting.document import DocumentKind, PostingDocument, PostingLine
from shared.domain.posting.journal import Document, Journal

_TEXT_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One item of an entry: the list that it stands in, the account in that list's words, a debit positive.

    `assigned` are dimensions by SAP's names; `net_days` says when a customer pays; `tax_base` is of a tax item alone.
    """

    part: str
    account: str
    amount: Money
    text: str = ""
    reference: str = ""
    tax_code: str = ""
    assigned: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    net_days: int | None = None
    tax_base: Money | None = None


def sides_of(document: Document, mapping: ErpMapping, debtors: Mapping[CustomerId, str]) -> list[Side]:
    """Return what is booked; a line of nothing is left out, for SAP takes none."""
    if isinstance(document, Journal):
        return [*_of_journal(document, mapping, debtors)]
    return [side for side in _of_billed(document, mapping, debtors) if side.amount.amount or side.tax_base]


def in_own_currency(sides: Sequence[Side], document: Document, entity: LegalEntity) -> list[Money | None]:
    """Return each amount at our rate, where the books have another currency; the first takes what rounding leaves.

    SAP would take the rate of its own table.
    """
    rate = document.rate if isinstance(document, PostingDocument) else None
    if rate is None:
        return [None for _ in sides]
    rest = [rate.converted(side.amount) for side in sides[1:]]
    return [-total(rest, entity.functional_currency), *rest]


def _of_billed(document: PostingDocument, mapping: ErpMapping, debtors: Mapping[CustomerId, str]) -> Iterator[Side]:
    """Yield the customer's side first. A credit memo is an invoice the other way round."""
    sign = Decimal(-1) if document.kind is DocumentKind.CREDIT_MEMO else Decimal(1)
    yield Side(
        part="DebtorItem",
        account=debtors[document.party.customer_id],
        amount=document.gross * sign,
        text=document.posting_id if len(document.posting_id) <= _TEXT_MAX else "",
        # What open items are cleared together by: a credit memo goes with its invoice.
        reference=document.corrects.human_number if document.corrects else document.human_number,
        net_days=(document.due_date - document.document_date).days,
    )
    for line in document.lines:
        yield Side(
            part="Item",
            account=mapping.revenue_account(line.product_id),
            amount=line.amount * -sign,
            text=line.description,
            reference=_days_of_service(line),
            tax_code=mapping.tax_codes[line.tax_code],
            assigned=_assigned(line.dimensions, mapping),
        )
    for tax in document.taxes:
        code = mapping.tax_codes[tax.code]
        yield Side(part="ProductTaxItem", account=code, amount=tax.amount * -sign, tax_base=tax.base * -sign)


def _of_journal(journal: Journal, mapping: ErpMapping, debtors: Mapping[CustomerId, str]) -> Iterator[Side]:
    for line in journal.lines:
        yield Side(
            part="Item" if line.customer_id is None else "DebtorItem",
            account=mapping.account(line.account) if line.customer_id is None else debtors[line.customer_id],
            amount=line.amount,
            text=line.text,
            reference=journal.human_number,
            assigned=_assigned(line.dimensions if line.customer_id is None else (), mapping),
        )


def _assigned(dimensions: Sequence[tuple[str, str]], mapping: ErpMapping) -> Mapping[str, str]:
    return {mapping.dimensions[name].field: value for name, value in dimensions}


def _days_of_service(line: PostingLine) -> str:
    return f"{line.service_from:%Y%m%d}-{line.service_to:%Y%m%d}"
