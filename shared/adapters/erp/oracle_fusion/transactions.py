"""Our invoices and credit memos in Fusion's attributes, and its attributes as our reading."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from shared.adapters.erp.oracle_fusion.resources import Row, children
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.adapters.erp.oracle_fusion.taxes import taxes_by_line
from shared.adapters.erp.oracle_fusion.transaction_names import TRANSACTIONS, TransactionNames
from shared.domain.money import Money, UnknownCurrencyError, currency, exact_sum
from shared.domain.posting.document import DocumentKind, PostingDocument, PostingLine
from shared.domain.posting.outcome import ErpRef, LookupFailed, PostedDocument

COMPLETE: Final = "Complete"
INCOMPLETE: Final = "Incomplete"
_CREDITS: Final = ", credits "
_POSTING: Final = ", posting "


def transaction_fields(document: PostingDocument, settings: FusionSettings, *, customer: str) -> dict[str, object]:
    """Return the body of the call that creates a document. Everything in it fits (domain/posting/limits)."""
    names = TRANSACTIONS[document.kind]
    of_invoice = {} if document.kind is DocumentKind.CREDIT_MEMO else _invoice_fields(document, settings)
    return {
        "BusinessUnit": settings.mapping.company,
        "TransactionSource": settings.of("transaction_source"),
        "TransactionType": settings.of(names.type_setting),
        **_numbers(document, settings),
        "TransactionDate": document.document_date.isoformat(),
        "AccountingDate": document.posting_date.isoformat(),
        "BillToCustomerNumber": customer,
        names.currency: settings.mapping.currencies.get(document.gross.currency.code, document.gross.currency.code),
        **_rate(document, settings, names),
        names.comments: _comments(document),
        **of_invoice,
        names.status: settings.of("create_as", INCOMPLETE),
        names.lines: _lines(document, settings, names),
        **_distributions(document, settings, names),
    }


def posted_document(
    fields: Mapping[str, Any], settings: FusionSettings, kind: DocumentKind
) -> PostedDocument | LookupFailed:
    names = TRANSACTIONS[kind]
    try:
        unit = currency(_our_currency(str(fields[names.currency]), settings))
        lines = children(fields, names.lines)
        taxes = [tax for line in lines for tax in children(line, names.tax_lines)]
        sign = -1 if kind is DocumentKind.CREDIT_MEMO and settings.of("credit_memo_sign") != "positive" else 1
        rate = fields.get("ConversionRate")
        return PostedDocument(
            ref=ErpRef(str(fields["CustomerTransactionId"])),
            external_ref=str(fields[settings.key_field]),
            number=str(fields["TransactionNumber"]),
            posted=fields[names.status] == COMPLETE,
            accounting_period=date.fromisoformat(fields["AccountingDate"]).strftime("%Y-%m"),
            net=Money(exact_sum(read_number(line[names.amount]) for line in lines) * sign, unit),
            tax=Money(exact_sum(read_number(tax["TaxAmount"]) for tax in taxes) * sign, unit),
            gross=Money(read_number(fields["EnteredAmount"]) * sign, unit),
            exchange_rate=None if rate is None else read_number(rate),
            human_number=_our_number(fields, settings, names),
        )
    except (KeyError, TypeError, ValueError, InvalidOperation, UnknownCurrencyError) as error:
        return LookupFailed(f"the transaction cannot be read: {type(error).__name__}")


def open_and_gross(fields: Row, settings: FusionSettings, kind: DocumentKind) -> tuple[Money, Money]:
    """Return what is open of a transaction and what it came to; of a credit memo without a sign.

    Raises KeyError, TypeError and UnknownCurrencyError for what cannot be read.
    """
    names = TRANSACTIONS[kind]
    unit = currency(_our_currency(str(fields[names.currency]), settings))
    left, gross = read_number(fields[names.balance]), read_number(fields["EnteredAmount"])
    if kind is DocumentKind.CREDIT_MEMO:
        left, gross = abs(left), abs(gross)
    return Money(left, unit), Money(gross, unit)


def _numbers(document: PostingDocument, settings: FusionSettings) -> dict[str, object]:
    """Return our key and the legal number in the two fields for them; a source may number by itself."""
    if settings.key_field == "TransactionNumber":
        return {"TransactionNumber": document.external_ref, "CrossReference": document.human_number}
    number = {} if settings.of("numbering") == "erp" else {"TransactionNumber": document.human_number}
    return {**number, "CrossReference": document.external_ref}


def _our_number(fields: Mapping[str, Any], settings: FusionSettings, names: TransactionNames) -> str | None:
    """Return the legal number from where `_numbers` puts it, or else from the comments."""
    if settings.key_field == "TransactionNumber":
        return str(fields["CrossReference"] or "") or None
    if settings.of("numbering") != "erp":
        return str(fields["TransactionNumber"])
    said, has_posting, _ = str(fields.get(names.comments) or "").rpartition(_POSTING)
    return said.partition(_CREDITS)[0] if has_posting else None


def _invoice_fields(document: PostingDocument, settings: FusionSettings) -> dict[str, object]:
    terms, order = settings.of("payment_terms"), document.purchase_order
    return {
        "DueDate": document.due_date.isoformat(),
        **({"PaymentTerms": terms} if terms else {}),
        **({"PurchaseOrder": order} if order else {}),
    }


def _comments(document: PostingDocument) -> str:
    """Return what a person in the ERP needs to find the document's origin."""
    credited = f"{_CREDITS}{document.corrects.human_number}" if document.corrects else ""
    return f"{document.human_number}{credited}{_POSTING}{document.posting_id}"


def _rate(document: PostingDocument, settings: FusionSettings, names: TransactionNames) -> dict[str, object]:
    if document.rate is None:
        return {}
    return {
        "ConversionRateType": settings.of("rate_type", "User"),
        "ConversionRate": document.exchange_rate,
        names.rate_date: document.rate.published_on.isoformat(),
    }


def _lines(document: PostingDocument, settings: FusionSettings, names: TransactionNames) -> list[dict[str, object]]:
    taxes = taxes_by_line(document) if settings.of("tax_regime") else {}
    return [
        {
            "LineNumber": line.line_no,
            "MemoLine": settings.mapping.products[line.product_id],
            names.description: f"{line.description} ({line.service_from} to {line.service_to})",
            # Quantity 1 at the line's amount: the ERP's own product of quantity and price could round otherwise.
            names.quantity: 1,
            "UnitSellingPrice": _signed(line.amount.amount, document, settings),
            "TaxClassificationCode": settings.mapping.tax_codes[line.tax_code],
            **_tax_lines(taxes.get(line.line_no, []), document, settings, names),
            **_flexfield(line, document, settings, names),
        }
        for line in document.lines
    ]


def _tax_lines(
    taxes: list[tuple[str, Decimal]], document: PostingDocument, settings: FusionSettings, names: TransactionNames
) -> dict[str, object]:
    rows = [
        {
            "TaxRegimeCode": settings.of("tax_regime"),
            "TaxRateCode": settings.mapping.tax_codes.get(code, code),
            "TaxAmount": _signed(amount, document, settings),
        }
        for code, amount in taxes
    ]
    return {names.tax_lines: rows} if rows else {}


def _flexfield(
    line: PostingLine, document: PostingDocument, settings: FusionSettings, names: TransactionNames
) -> dict[str, object]:
    context = settings.of("line_flexfield")
    if not context:
        return {}
    row = {
        "__FLEX_Context": context,
        settings.of("line_flexfield_document", "documentId"): document.external_ref,
        settings.of("line_flexfield_line", "lineNo"): str(line.line_no),
    }
    return {names.flexfield: [row]}


def _distributions(document: PostingDocument, settings: FusionSettings, names: TransactionNames) -> dict[str, object]:
    """Name the revenue accounts where lines have dimensions; else Fusion's AutoAccounting finds them."""
    if not any(line.dimensions for line in document.lines):
        return {}
    rows = [
        {
            "AccountClass": "Revenue",
            "AccountCombination": settings.combination(
                settings.mapping.revenue_account(line.product_id), line.dimensions
            ),
            "Amount": _signed(line.amount.amount, document, settings),
            names.distribution_line: line.line_no,
        }
        for line in document.lines
    ]
    return {names.distributions: rows}


def _signed(amount: Decimal, document: PostingDocument, settings: FusionSettings) -> Decimal:
    turned = document.kind is DocumentKind.CREDIT_MEMO and settings.of("credit_memo_sign") != "positive"
    return -amount if turned else amount


def _our_currency(erp_code: str, settings: FusionSettings) -> str:
    ours = {theirs: code for code, theirs in settings.mapping.currencies.items()}
    return ours.get(erp_code, erp_code)


def read_number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError("no number")
    return Decimal(value)
