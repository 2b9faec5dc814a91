"""Our documents in NetSuite's fields, and its fields as our reading."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from typing import Any

from shared.adapters.erp.netsuite.customers import customer_external_id
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import EXACT, Money, UnknownCurrencyError, currency
from shared.domain.posting.document import DocumentKind, PostingDocument, PostingLine, PostingTax
from shared.domain.posting.journal import Document, Journal
from shared.domain.posting.outcome import ErpRef, LookupFailed, PostedDocument

_APPROVED = "2"  # inferred, so a setting may say otherwise


def document_fields(document: PostingDocument, entity: LegalEntity, *, period_id: str) -> dict[str, object]:
    fields: dict[str, object] = {
        "externalId": document.external_ref,
        "tranId": document.human_number,
        "entity": {"externalId": customer_external_id(document.party, document.gross.currency.code, entity)},
        # Must lie in the posting period, so a document of a closed month has the date it is posted at.
        "tranDate": document.posting_date.isoformat(),
        "postingPeriod": reference(period_id),
        "subsidiary": reference(entity.erp.company),
        "currency": reference(entity.erp.currencies[document.gross.currency.code]),
        "memo": memo(document),
        "taxDetailsOverride": True,
        "item": {"items": [_line_fields(line, entity) for line in document.lines]},
        "taxDetails": {"items": list(_tax_details(document, entity))},
    }
    fields |= _applied(document) if document.corrects else _payable(document, entity)
    if document.exchange_rate is not None:  # or NetSuite would take its own of the day
        fields["exchangeRate"] = document.exchange_rate
    return fields | ({"otherRefNum": document.purchase_order} if document.purchase_order else {})


def memo(document: Document) -> str:
    """Return what leads from the record back to us: its number, its date and the posting that wrote it."""
    about = f"{document.text}: " if isinstance(document, Journal) and document.text else ""
    return f"{about}{document.human_number} of {document.document_date.isoformat()}, {document.posting_id}"


def _payable(document: PostingDocument, entity: LegalEntity) -> dict[str, object]:
    return {"dueDate": document.due_date.isoformat(), "approvalStatus": reference(_approved(entity))}


def _approved(entity: LegalEntity) -> str:
    return entity.erp.settings.get("approval_status", _APPROVED)


def _applied(document: PostingDocument) -> dict[str, object]:
    """Return what makes a credit memo lower its own invoice, and no other one; credit memos await no approval."""
    assert document.corrects is not None
    row = {"doc": reference(document.corrects.erp_ref), "apply": True, "amount": document.gross.amount}
    return {"autoApply": False, "apply": {"items": [row]}}


def posted_document(
    fields: Mapping[str, Any], entity: LegalEntity, *, kind: DocumentKind, accounting_period: str
) -> PostedDocument | LookupFailed:
    codes = {theirs: ours for ours, theirs in entity.erp.currencies.items()}
    try:
        unit = currency(codes[str(fields["currency"]["id"])])
        return PostedDocument(
            ref=ErpRef(str(fields["id"])),
            external_ref=str(fields["externalId"]),
            number=str(fields["tranId"]),
            posted=kind is DocumentKind.CREDIT_MEMO or str(fields["approvalStatus"]["id"]) == _approved(entity),
            accounting_period=accounting_period,
            net=Money(Decimal(fields["subtotal"]), unit),
            tax=Money(Decimal(fields["taxTotal"]), unit),
            gross=Money(Decimal(fields["total"]), unit),
            exchange_rate=Decimal(fields["exchangeRate"]),
            human_number=str(fields["tranId"]),
        )
    except (KeyError, TypeError, ValueError, InvalidOperation, UnknownCurrencyError) as error:
        return LookupFailed(f"the document cannot be read: {type(error).__name__}")


def _line_fields(line: PostingLine, entity: LegalEntity) -> dict[str, object]:
    fields: dict[str, object] = {
        "item": reference(entity.erp.products[line.product_id]),
        # Quantity 1 at the line's amount: usage quantities do not fit, and a product could round otherwise.
        "quantity": 1,
        "rate": line.amount.amount,
        "amount": line.amount.amount,
        # Not in revRecStartDate and revRecEndDate, which start revenue recognition of NetSuite's own.
        "description": f"{line.description} ({line.service_from} to {line.service_to})",
        "taxDetailsReference": _taxreference(line),
    }
    return fields | dimension_fields(line.dimensions, entity)


def dimension_fields(dimensions: Iterable[tuple[str, str]], entity: LegalEntity) -> dict[str, object]:
    """Return the dimensions of a line in NetSuite's fields; one of its own comes before the setting for all lines."""
    default = entity.erp.settings.get("department")
    fields: dict[str, object] = {"department": reference(default)} if default else {}
    return fields | {entity.erp.dimensions[name].field: reference(value) for name, value in dimensions}


def _tax_details(document: PostingDocument, entity: LegalEntity) -> Iterator[dict[str, object]]:
    """Yield one row per line: our tax is rounded per rate on the invoice, so each amount is split over its lines."""
    names = _tax_detail_names(entity)
    for tax in document.taxes:
        lines = [line for line in document.lines if (line.tax_code, line.tax_rate) == (tax.code, tax.rate)]
        for line, amount in zip(lines, _shares(tax, lines), strict=True):
            row: dict[str, object] = {
                "taxDetailsReference": _taxreference(line),
                "taxType": reference(entity.erp.settings["tax_type"]),
                "taxCode": reference(entity.erp.tax_codes[tax.code]),
                "taxBasis": line.amount.amount,
                "taxRate": tax.rate * 100,
                "taxAmount": amount.amount,
            }
            yield {names.get(name, name): value for name, value in row.items()}


def _tax_detail_names(entity: LegalEntity) -> Mapping[str, str]:
    """Return what the account calls fields of a tax row, where that is not what they are called here."""
    renamed = entity.erp.settings.get("tax_detail_fields", "")
    pairs = (one.partition("=") for one in renamed.split(",") if one)
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def _shares(tax: PostingTax, lines: list[PostingLine]) -> list[Money]:
    """Split a tax at its rate, so that a line which lowers the invoice lowers its tax.

    What rounding leaves is spread in minor units, first over the lines that have lost most by it.
    """
    unit = tax.amount.currency.minor_unit
    exact = [EXACT.divide(EXACT.multiply(line.amount.amount, tax.rate), unit) for line in lines]
    shares = [int(share.to_integral_value(ROUND_FLOOR)) for share in exact]
    for_each, for_some = divmod(int(EXACT.divide(tax.amount.amount, unit)) - sum(shares), len(lines))
    by_loss = sorted(range(len(lines)), key=lambda place: shares[place] - exact[place])
    for rank, place in enumerate(by_loss):
        shares[place] += for_each + (rank < for_some)
    return [Money(share * unit, tax.amount.currency) for share in shares]


def _taxreference(line: PostingLine) -> str:
    return f"L{line.line_no}"


def reference(internal_id: str) -> dict[str, str]:
    return {"id": internal_id}
