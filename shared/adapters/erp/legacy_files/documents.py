"""Our documents as the records of a file, and what is known of them as a reading of the ERP."""

from collections.abc import Iterator
from decimal import Decimal

from shared.adapters.erp.customer_key import customer_key
from shared.domain.erp_files.record import Record, RecordType, width_of
from shared.domain.erp_files.staged_document import FileStream, StagedDocument, VerdictStatus
from shared.domain.master_data.catalog import ErpMapping
from shared.domain.money import Money
from shared.domain.posting.digest import payload_digest
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.journal import Document, Journal
from shared.domain.posting.outcome import ErpRef, PostedDocument


def staged(document: Document, mapping: ErpMapping) -> StagedDocument:
    """Return a document as it will stand in a file. Everything in it has a mapping (domain/posting/limits)."""
    return StagedDocument(
        stream=FileStream(document.legal_entity_id, mapping.company, document.kind),
        external_ref=document.external_ref,
        digest=payload_digest(document),
        number=document.human_number,
        period=document.accounting_period,
        posting_date=document.posting_date,
        net=document.net,
        tax=document.tax,
        gross=document.gross,
        records=tuple(_records(document, mapping)),
    )


def reading(document: StagedDocument) -> PostedDocument:
    """Return what the receiver says of it once it has posted it; before that, what it was told."""
    verdict = document.verdict
    if verdict is None or verdict.status is not VerdictStatus.POSTED:
        return _reading(document, document.period, document.net, document.tax, document.gross)
    day, nothing = verdict.posting_date, Money.zero(document.net.currency)
    assert day is not None, "nothing is posted without a day"
    amounts = (amount or nothing for amount in (verdict.net, verdict.tax, verdict.gross))
    return _reading(document, day.strftime("%Y-%m"), *amounts, number=verdict.number, posted=True)


def _reading(
    document: StagedDocument,
    period: str,
    net: Money,
    tax: Money,
    gross: Money,
    *,
    number: str = "",
    posted: bool = False,
) -> PostedDocument:
    return PostedDocument(
        ref=ErpRef(document.external_ref),
        external_ref=document.external_ref,
        number=number,
        posted=posted,
        accounting_period=period,
        net=net,
        tax=tax,
        gross=gross,
    )


def _records(document: Document, mapping: ErpMapping) -> Iterator[Record]:
    yield _document_record(document)
    if isinstance(document, Journal):
        yield from _journal_lines(document, mapping)
    else:
        yield from _lines(document, mapping)


def _document_record(document: Document) -> Record:
    origin = document.posting_id
    values = {
        "external_ref": document.external_ref,
        "number": document.human_number,
        "document_date": document.document_date.isoformat(),
        "posting_date": document.posting_date.isoformat(),
        "currency": document.gross.currency.code,
        "net": _minor(document.net),
        "tax": _minor(document.tax),
        "gross": _minor(document.gross),
        # The way back to us is a help, not a key: where it is too long for its field, it stays away.
        "origin": origin if len(origin) <= width_of(RecordType.DOCUMENT, "origin") else "",
    }
    if isinstance(document, Journal):
        return Record(RecordType.DOCUMENT, values | {"text": document.text})
    return Record(RecordType.DOCUMENT, values | _of_customer(document))


def _of_customer(document: PostingDocument) -> dict[str, str]:
    party, corrects, rate = document.party, document.corrects, document.exchange_rate
    return {
        "due_date": document.due_date.isoformat(),
        "customer": customer_key(party.customer_id),
        "customer_name": party.name,
        "country": party.country,
        "tax_id": party.tax_id,
        "email": party.email,
        "purchase_order": document.purchase_order,
        "exchange_rate": "" if rate is None else f"{rate:f}",
        "corrects_ref": corrects.erp_ref if corrects else "",
        "corrects_number": corrects.human_number if corrects else "",
    }


def _lines(document: PostingDocument, mapping: ErpMapping) -> Iterator[Record]:
    for line in document.lines:
        values = {
            "external_ref": document.external_ref,
            "line_no": str(line.line_no),
            "account": mapping.revenue_account(line.product_id),
            "text": line.description,
            "amount": _minor(line.amount),
            "tax_code": mapping.tax_codes[line.tax_code],
            "tax_percent": _percent(line.tax_rate),
            "service_from": line.service_from.isoformat(),
            "service_to": line.service_to.isoformat(),
        }
        yield Record(RecordType.LINE, values | _dimensions(line.dimensions, mapping))
    for tax in document.taxes:
        values = {
            "external_ref": document.external_ref,
            "account": mapping.tax_account,
            "tax_code": mapping.tax_codes[tax.code],
            "tax_percent": _percent(tax.rate),
            "base": _minor(tax.base),
            "amount": _minor(tax.amount),
        }
        yield Record(RecordType.TAX, values)


def _journal_lines(journal: Journal, mapping: ErpMapping) -> Iterator[Record]:
    for line in journal.lines:
        values = {
            "external_ref": journal.external_ref,
            "line_no": str(line.line_no),
            "account": mapping.account(line.account),
            "amount": _minor(line.amount),
            "text": line.text,
            "customer": customer_key(line.customer_id) if line.customer_id else "",
        }
        yield Record(RecordType.JOURNAL_LINE, values | _dimensions(line.dimensions, mapping))


def _dimensions(of_line: tuple[tuple[str, str], ...], mapping: ErpMapping) -> dict[str, str]:
    return {mapping.dimensions[name].field: value for name, value in of_line}


def _minor(money: Money) -> str:
    """Write a rounded amount as a whole number of minor units; raises ValueError for one with a fraction of them."""
    minor = money.amount.scaleb(money.currency.minor_units)
    if minor != minor.to_integral_value():
        raise ValueError(f"{money} is no whole number of minor units")
    return str(int(minor))


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f}"
