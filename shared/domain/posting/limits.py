"""What a document must have for its ERP to take it: names there for everything in it, texts that fit. We cut nothing.

Asked before a number is taken, since a refusal cannot be mended once one is, and again before the ERP is called.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from shared.domain.identifiers import ProductId
from shared.domain.master_data.catalog import ErpMapping
from shared.domain.money import Currency
from shared.domain.posting.document import PostingDocument, PostingParty
from shared.domain.posting.journal import Document, Journal
from shared.domain.posting.outcome import Rejected, RejectionKind
from shared.domain.posting.systems.erp_system import ErpSystem


class MisfitCode(StrEnum):
    NOT_MAPPED = "NOT_MAPPED"  # the text names what the mapping has no name for
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    TOO_MANY_LINES = "TOO_MANY_LINES"


class Part(StrEnum):
    """Where of a document something does not fit."""

    NUMBER = "number"
    LINE = "line"
    ORDER = "order"
    CUSTOMER = "customer"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing that an ERP would not take. `line` is the number, from 1, of the line that it is on; 0 for others."""

    code: MisfitCode
    text: str
    part: Part = Part.WHOLE
    line: int = 0


class Line(Protocol):
    """A line of an invoice, of a credit note or of what an ERP is told; one without a rate is not taxed yet."""

    @property
    def product_id(self) -> ProductId: ...
    @property
    def description(self) -> str: ...
    @property
    def tax_code(self) -> str: ...
    @property
    def tax_rate(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What an invoice or a credit memo says, as far as it is known before there is a document of it."""

    number: str
    lines: Sequence[Line]
    currency: Currency
    party: PostingParty | None
    purchase_order: str = ""


def misfits(contents: Contents, mapping: ErpMapping, system: ErpSystem) -> Iterator[Misfit]:
    """Yield everything that the ERP would not take."""
    for name in dict.fromkeys(_unmapped(contents, mapping, system)):
        yield Misfit(MisfitCode.NOT_MAPPED, name)
    yield from _too_long(contents, mapping, system)
    most = system.capabilities.as_set(mapping.settings).max_lines
    if len(contents.lines) > most:
        yield Misfit(MisfitCode.TOO_MANY_LINES, f"{len(contents.lines)} lines, {most} fit")


def unfit(
    document: Document, mapping: ErpMapping, system: ErpSystem, *, settings: tuple[str, ...] = ()
) -> Rejected | None:
    """Return a rejection that names everything the ERP would not take; None when it would.

    `settings` are those that this very document needs beside the required ones.
    """
    if document.kind not in system.capabilities.kinds:
        text = f"no {document.kind} of ours is posted to {system.title}"
        return Rejected(RejectionKind.CONFIGURATION, "KIND_NOT_SUPPORTED", text)
    found = list(_found(document, mapping, system))
    needed = (*system.mapping.required_settings, *settings)
    missing = [one.text for one in found if one.code is MisfitCode.NOT_MAPPED]
    missing += [f"setting {name}" for name in dict.fromkeys(needed) if name not in mapping.settings]
    if missing:
        return Rejected(RejectionKind.MAPPING, MisfitCode.NOT_MAPPED.value, "no mapping for " + ", ".join(missing))
    for code in MisfitCode:
        texts = [f"line {one.line}: {one.text}" if one.line else one.text for one in found if one.code is code]
        if texts:
            return Rejected(RejectionKind.VALIDATION, code.value, "; ".join(texts))
    return None


def _found(document: Document, mapping: ErpMapping, system: ErpSystem) -> Iterator[Misfit]:
    names = (name for line in document.lines for name, _ in line.dimensions if name not in mapping.dimensions)
    yield from (Misfit(MisfitCode.NOT_MAPPED, f"dimension {name}") for name in dict.fromkeys(names))
    if isinstance(document, Journal):
        yield from _of_journal(document, mapping, system)
    else:
        yield from misfits(contents_of(document), mapping, system)


def contents_of(document: PostingDocument) -> Contents:
    return Contents(
        number=document.human_number,
        lines=document.lines,
        currency=document.gross.currency,
        party=document.party,
        purchase_order=document.purchase_order,
    )


def _of_journal(journal: Journal, mapping: ErpMapping, system: ErpSystem) -> Iterator[Misfit]:
    accounts = (line.account for line in journal.lines if not mapping.has_account(line.account))
    names = [f"account {account}" for account in dict.fromkeys(accounts)]
    names += _unmapped_currency(journal.gross.currency, mapping, system)
    yield from (Misfit(MisfitCode.NOT_MAPPED, name) for name in names)
    widths = system.widths
    yield from _over("a number", journal.human_number, widths.journal_number or widths.number, system, Part.NUMBER)
    for side in journal.lines:
        width = widths.journal_text or widths.line_text
        yield from _over("a text", side.text, width, system, Part.LINE, line=side.line_no)
    most = system.capabilities.as_set(mapping.settings).lines_of(journal.kind)
    if len(journal.lines) > most:
        yield Misfit(MisfitCode.TOO_MANY_LINES, f"{len(journal.lines)} lines, {most} fit")


def _unmapped(contents: Contents, mapping: ErpMapping, system: ErpSystem) -> Iterator[str]:
    yield from (f"product {line.product_id}" for line in contents.lines if line.product_id not in mapping.products)
    for line in contents.lines:
        if line.tax_rate is not None and line.tax_code not in mapping.tax_codes:
            yield f"tax code {line.tax_code}"
    yield from _unmapped_currency(contents.currency, mapping, system)


def _unmapped_currency(currency: Currency, mapping: ErpMapping, system: ErpSystem) -> list[str]:
    named = system.mapping.names_currencies and currency.code not in mapping.currencies
    return [f"currency {currency.code}"] if named else []


def _too_long(contents: Contents, mapping: ErpMapping, system: ErpSystem) -> Iterator[Misfit]:
    widths = system.widths
    if not system.mapping.keeps_number_elsewhere(mapping.settings):
        yield from _over("a number", contents.number, widths.number, system, Part.NUMBER)
    for number, line in enumerate(contents.lines, start=1):
        yield from _over("a description", line.description, widths.line_text, system, Part.LINE, line=number)
    yield from _over("a purchase order", contents.purchase_order, widths.purchase_order, system, Part.ORDER)
    if contents.party is not None:
        yield from _over("a customer's name", contents.party.name, widths.customer_name, system, Part.CUSTOMER)


def _over(what: str, text: str, width: int | None, system: ErpSystem, part: Part, *, line: int = 0) -> Iterator[Misfit]:
    if width is not None and len(text) > width:
        told = f"{what} of {len(text)} characters; {system.name} takes {width}"
        yield Misfit(MisfitCode.TEXT_TOO_LONG, told, part, line)
