"""Our invoices and credit memos in Tryton's fields, and its fields as our reading.

Both are customer invoices to Tryton; a credit memo is one with negative quantities. Its amounts are positive with us.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from shared.adapters.erp.tryton.connection import UNREADABLE, Row
from shared.adapters.erp.tryton.customers import Customer
from shared.adapters.erp.tryton.keys import Keys, Named
from shared.domain.master_data.catalog import ErpMapping
from shared.domain.money import Money, currency
from shared.domain.posting.document import DocumentKind, PostingDocument, PostingLine, PostingTax
from shared.domain.posting.doubles import without_reversed
from shared.domain.posting.outcome import ErpRef, LookupFailed, PostedDocument

INVOICE_MODEL: Final = "account.invoice"
_BEFORE_THE_POSTING: Final = " / "
INVOICE_FIELDS: Final = (
    "reference",
    "description",
    "number",
    "state",
    "accounting_date",
    "currency.code",
    "untaxed_amount",
    "tax_amount",
    "total_amount",
    "move.state",
    "move.period.start_date",
)


def named_by(document: PostingDocument, mapping: ErpMapping, journal: str) -> Mapping[Named, Iterable[str]]:
    """Return everything but the customer that the fields of an invoice name."""
    lines, taxes = document.lines, document.taxes
    return {
        Named.ACCOUNT: [
            mapping.receivable_account,
            mapping.tax_account,
            *(mapping.products[line.product_id] for line in lines),
        ],
        Named.TAX: [mapping.tax_codes[code] for code in (*(line.tax_code for line in lines), *(t.code for t in taxes))],
        Named.CURRENCY: [_erp_currency(document, mapping)],
        Named.JOURNAL: [journal],
    }


def invoice_fields(
    document: PostingDocument, mapping: ErpMapping, journal: str, *, keys: Keys, customer: Customer
) -> dict[str, object]:
    currency_key = keys.of(Named.CURRENCY, _erp_currency(document, mapping))
    lines = [_line(line, document, mapping, keys) | {"currency": currency_key} for line in document.lines]
    taxes = [_tax(tax, document, mapping, keys) for tax in document.taxes if tax.amount.amount]
    return {
        "type": "out",
        "company": keys.company,
        "party": customer.party,
        "invoice_address": customer.address,
        "currency": currency_key,
        "journal": keys.of(Named.JOURNAL, journal),
        "account": keys.of(Named.ACCOUNT, mapping.receivable_account),
        "reference": document.external_ref,
        "description": f"{document.human_number}{_BEFORE_THE_POSTING}{document.posting_id}",
        "comment": f"Purchase order {document.purchase_order}" if document.purchase_order else "",
        "invoice_date": document.document_date,
        "accounting_date": document.posting_date,
        # Without a payment term it is when all of it is due. A credit memo is due when it is posted: Tryton asks about
        # one that was due before.
        "payment_term_date": document.due_date if document.kind is DocumentKind.INVOICE else None,
        "lines": [["create", lines]],
        "taxes": [["create", taxes]] if taxes else [],
    }


def posted_invoice(row: Row, kind: DocumentKind) -> PostedDocument | LookupFailed:
    """Read an invoice back; in the ledger is what has a posted move, whatever became of the invoice since."""
    try:
        unit = currency(row["currency"]["code"])
        move = row["move"]
        period = move["period"]["start_date"] if move else row["accounting_date"]
        net, tax, gross = (
            Money(signed(row[name], kind), unit) for name in ("untaxed_amount", "tax_amount", "total_amount")
        )
        return PostedDocument(
            ref=ErpRef(str(row["id"])),
            external_ref=str(row["reference"] or ""),
            number=str(row["number"] or ""),
            posted=bool(move) and move["state"] == "posted",
            accounting_period=period.strftime("%Y-%m"),
            net=net,
            tax=tax,
            gross=gross,
            human_number=str(row["description"] or "").rpartition(_BEFORE_THE_POSTING)[0] or None,
        )
    except UNREADABLE as error:
        return LookupFailed(f"the invoice cannot be read: {type(error).__name__}")


def signed(amount: Decimal, kind: DocumentKind) -> Decimal:
    """Return an amount of Tryton's as ours, and one of ours as Tryton's."""
    return -amount if kind is DocumentKind.CREDIT_MEMO else amount


def counting_invoices(rows: Sequence[Row], kind: DocumentKind) -> Sequence[Row]:
    """Return which of the rows with one key count as documents of a kind; one credited in whole is cancelled too."""
    of_kind = [row for row in rows if _is_of(row, kind)]
    return without_reversed(of_kind, is_posted=_is_posted, is_reversed=lambda row: row.get("state") == "cancelled")


def _is_posted(row: Row) -> bool:
    move = row.get("move")
    return isinstance(move, dict) and move.get("state") == "posted"


def _is_of(row: Row, kind: DocumentKind) -> bool:
    """Tell an invoice from a credit memo; one that comes to nothing might be either."""
    amount = row.get("total_amount")
    if not isinstance(amount, Decimal):
        return True  # whose it is nobody can tell: it is shown, and cannot be read
    return not amount or (amount < 0) is (kind is DocumentKind.CREDIT_MEMO)


def _line(line: PostingLine, document: PostingDocument, mapping: ErpMapping, keys: Keys) -> dict[str, object]:
    # Tryton's quantities are binary floats: one times the amount is the amount. Where our tax is nothing, Tryton's own
    # tax of the line is nothing too, and only so does the base reach its tax report.
    untaxed = [["add", [keys.of(Named.TAX, mapping.tax_codes[line.tax_code])]]] if not line.tax_rate else []
    return {
        "type": "line",
        "company": keys.company,
        "account": keys.of(Named.ACCOUNT, mapping.products[line.product_id]),
        "description": line.description,
        "note": f"{line.quantity:f} from {line.service_from} to {line.service_to}",
        "quantity": int(signed(Decimal(1), document.kind)),
        "unit_price": line.amount.amount,
        "taxes": untaxed,
    }


def _tax(tax: PostingTax, document: PostingDocument, mapping: ErpMapping, keys: Keys) -> dict[str, object]:
    """Return a tax as our engine worked it out: one that is entered by hand, Tryton books and reports as it is."""
    name = mapping.tax_codes[tax.code]
    return {
        "manual": True,
        "tax": keys.of(Named.TAX, name),
        "description": name,
        "account": keys.of(Named.ACCOUNT, mapping.tax_account),
        "base": signed(tax.base.amount, document.kind),
        "amount": signed(tax.amount.amount, document.kind),
    }


def _erp_currency(document: PostingDocument, mapping: ErpMapping) -> str:
    code = document.gross.currency.code
    return mapping.currencies.get(code, code)
