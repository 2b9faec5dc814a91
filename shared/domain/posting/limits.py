"""What a document must have for its ERP to take it: names there for everything in it, texts that fit. We cut nothing.

Asked before a number is taken or anybody approves a journal, since a refusal cannot be mended after that, and again
before the ERP is called.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeAlias

from shared.domain.erp_files.file_format import Encoding
from shared.domain.identifiers import ProductId
from shared.domain.master_data.catalog import ErpMapping, revenue_of
from shared.domain.money import Currency
from shared.domain.posting.document import PostingDocument, PostingParty
from shared.domain.posting.journal import Document, Journal
from shared.domain.posting.outcome import Rejected, RejectionCode
from shared.domain.posting.systems.erp_system import ErpSystem, Named
from shared.domain.posting.tax_difference import tax_difference

Dimensions: TypeAlias = tuple[tuple[str, str], ...]  # of one line, by our names


class MisfitCode(StrEnum):
    """The rejections that can be told before there is a document."""

    NOT_MAPPED = RejectionCode.NOT_MAPPED.value  # the text names what the mapping has no name for
    TEXT_TOO_LONG = RejectionCode.TEXT_TOO_LONG.value
    NOT_IN_ENCODING = RejectionCode.NOT_IN_ENCODING.value
    TOO_MANY_LINES = RejectionCode.TOO_MANY_LINES.value


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
    """What an invoice or a credit memo says, as far as it is known before there is a document of it.

    `may_be_new`: its customer may have to be created. That of an invoice may be there already, under a shorter name,
    but only its ERP could tell, which is asked once there is a number: what would not fit then is taken not to fit.
    """

    number: str
    lines: Sequence[Line]
    currency: Currency
    party: PostingParty | None
    may_be_new: bool
    purchase_order: str = ""


@dataclass(frozen=True, slots=True)
class _Text:
    what: str
    text: str
    width: int | None
    part: Part
    line: int = 0


def misfits(contents: Contents, mapping: ErpMapping, system: ErpSystem) -> Iterator[Misfit]:
    """Yield everything that the ERP would not take; its lines have the dimensions that the mapping gives them."""
    yield from _misfits(contents, [mapping.dimensions_of(line.product_id) for line in contents.lines], mapping, system)


def _misfits(
    contents: Contents, dimensions: Sequence[Dimensions], mapping: ErpMapping, system: ErpSystem
) -> Iterator[Misfit]:
    unmapped = [*_unmapped(contents, mapping, system), *_unmapped_revenue(contents, dimensions, mapping, system)]
    if any(dimensions):
        unmapped += _unplaced(dimensions, mapping, system)
    yield from (Misfit(MisfitCode.NOT_MAPPED, name) for name in dict.fromkeys(unmapped))
    yield from _of_texts(_texts(contents, mapping, system), mapping, system)
    told = system.mapping.tells_customer(mapping.settings, may_be_new=contents.may_be_new)
    if contents.party is not None and told:
        yield from _of_customer(contents.party, mapping, system)
    most = system.capabilities.as_set(mapping.settings).max_lines
    if len(contents.lines) > most:
        yield Misfit(MisfitCode.TOO_MANY_LINES, f"{len(contents.lines)} lines, {most} fit")


def unfit(document: Document, mapping: ErpMapping, system: ErpSystem) -> Rejected | None:
    """Return a rejection that names everything the ERP would not take; None when it would."""
    if document.kind not in system.capabilities.kinds:
        text = f"no {document.kind} of ours is posted to {system.title}"
        return Rejected.of(RejectionCode.KIND_NOT_SUPPORTED, text)
    found = list(_found(document, mapping, system))
    missing = [one.text for one in found if one.code is MisfitCode.NOT_MAPPED]
    missing += [f"setting {name}" for name in _needed(document, mapping, system) if name not in mapping.settings]
    if missing:
        return Rejected.of(RejectionCode.NOT_MAPPED, "no mapping for " + ", ".join(missing))
    for code in MisfitCode:
        texts = [f"line {one.line}: {one.text}" if one.line else one.text for one in found if one.code is code]
        if texts:
            return Rejected.of(RejectionCode(code), "; ".join(texts))
    return None


def unfit_customer(party: PostingParty, mapping: ErpMapping, system: ErpSystem) -> Rejected | None:
    """Return a rejection that names what the ERP would not take of a customer that has to be created."""
    found = list(_of_customer(party, mapping, system))
    return Rejected.of(RejectionCode(found[0].code), "; ".join(one.text for one in found)) if found else None


def _found(document: Document, mapping: ErpMapping, system: ErpSystem) -> Iterator[Misfit]:
    if isinstance(document, Journal):
        yield from _of_journal(document, mapping, system)
    else:
        yield from _misfits(_contents_of(document), [line.dimensions for line in document.lines], mapping, system)


def _needed(document: Document, mapping: ErpMapping, system: ErpSystem) -> tuple[str, ...]:
    required, untaxed_code = system.mapping.required_settings, system.mapping.untaxed_code_setting
    if isinstance(document, Journal):
        return (*required, *system.mapping.journal_settings)
    lines = ((line.tax_code, line.tax_rate, line.amount) for line in document.lines)
    if untaxed_code and tax_difference(lines, document.tax, mapping.tax_codes).amount:
        return (*required, untaxed_code)
    return required


def _contents_of(document: PostingDocument) -> Contents:
    return Contents(
        number=document.human_number,
        lines=document.lines,
        currency=document.gross.currency,
        party=document.party,
        may_be_new=False,  # the adapter asks when it has to
        purchase_order=document.purchase_order,
    )


def _of_journal(journal: Journal, mapping: ErpMapping, system: ErpSystem) -> Iterator[Misfit]:
    of_items = {revenue_of(item) for item in mapping.products.keys() - mapping.revenue_accounts.keys()}
    unnamed = of_items if system.mapping.names_items else frozenset()
    accounts = (one.account for one in journal.lines if one.account in unnamed or not mapping.has_account(one.account))
    names = [f"account {account}" for account in dict.fromkeys(accounts)]
    names += _unmapped_currency(journal.gross.currency, mapping, system)
    names += _unplaced([line.dimensions for line in journal.lines], mapping, system)
    yield from (Misfit(MisfitCode.NOT_MAPPED, name) for name in names)
    yield from _of_texts(_journal_texts(journal, system), mapping, system)
    most = system.capabilities.as_set(mapping.settings).lines_of(journal.kind)
    if len(journal.lines) > most:
        yield Misfit(MisfitCode.TOO_MANY_LINES, f"{len(journal.lines)} lines, {most} fit")


def _unmapped(contents: Contents, mapping: ErpMapping, system: ErpSystem) -> Iterator[str]:
    yield from (f"product {line.product_id}" for line in contents.lines if line.product_id not in mapping.products)
    for line in contents.lines:
        if line.tax_rate is not None and line.tax_code not in mapping.tax_codes:
            yield f"tax code {line.tax_code}"
    yield from _unmapped_currency(contents.currency, mapping, system)


def _unmapped_revenue(
    contents: Contents, dimensions: Sequence[Dimensions], mapping: ErpMapping, system: ErpSystem
) -> Iterator[str]:
    """Yield the revenue accounts that lines with dimensions name, and that the names of items are not."""
    if any(dimensions) and system.mapping.named_accounts.revenue is Named.WITH_DIMENSIONS:
        products = (line.product_id for line in contents.lines if line.product_id not in mapping.revenue_accounts)
        yield from (f"revenue account of {product}" for product in products)


def _unplaced(lines: Sequence[Dimensions], mapping: ErpMapping, system: ErpSystem) -> Iterator[str]:
    """Yield the dimensions without a name or a place there, then the places that a line leaves empty."""
    places = system.mapping.dimension_places
    held = places.of(mapping.settings) if places else {}
    for name in dict.fromkeys(name for line in lines for name, _ in line):
        if name not in mapping.dimensions:
            yield f"dimension {name}"
        elif places and (field := mapping.dimensions[name].field) not in held:
            yield f"dimension {name} ({places.setting} has no place for {field})"
    yield from _of_another_form(lines, mapping, system)
    said = [{mapping.dimensions[name].field for name, _ in line if name in mapping.dimensions} for line in lines]
    for field, default in held.items():
        if places and default is None and any(field not in fields for fields in said):
            yield f"{field} ({places.setting} has nothing for lines without it)"


def _of_another_form(lines: Sequence[Dimensions], mapping: ErpMapping, system: ErpSystem) -> Iterator[str]:
    """Yield the values of dimensions that their fields do not take."""
    forms = system.mapping.dimension_fields or {}
    for name, value in dict.fromkeys(one for line in lines for one in line if one[0] in mapping.dimensions):
        form = forms.get(mapping.dimensions[name].field)
        if form is not None and not form.admits(value):
            yield f"dimension {name} of {value!r} (it is {form.words})"


def _unmapped_currency(currency: Currency, mapping: ErpMapping, system: ErpSystem) -> list[str]:
    named = system.mapping.names_currencies and currency.code not in mapping.currencies
    return [f"currency {currency.code}"] if named else []


def _journal_texts(journal: Journal, system: ErpSystem) -> Iterator[_Text]:
    widths = system.widths
    yield _Text("a number", journal.human_number, widths.journal_number or widths.number, Part.NUMBER)
    yield _Text("a text of the whole", journal.text, widths.journal_header, Part.WHOLE)
    for side in journal.lines:
        yield _Text("a text", side.text, widths.journal_text or widths.line_text, Part.LINE, side.line_no)


def _texts(contents: Contents, mapping: ErpMapping, system: ErpSystem) -> Iterator[_Text]:
    widths = system.widths
    is_elsewhere = system.mapping.keeps_number_elsewhere(mapping.settings)
    yield _Text("a number", contents.number, None if is_elsewhere else widths.number, Part.NUMBER)
    for number, line in enumerate(contents.lines, start=1):
        yield _Text("a description", line.description, widths.line_text, Part.LINE, number)
    yield _Text("a purchase order", contents.purchase_order, widths.purchase_order, Part.ORDER)


def _of_customer(party: PostingParty, mapping: ErpMapping, system: ErpSystem) -> Iterator[Misfit]:
    widths, tax_id = system.widths, party.tax_id if system.mapping.sends_tax_id(mapping.settings) else ""
    lines = widths.name_in_lines(party.name)
    if len(lines) > widths.customer_name_lines:
        told = f"a customer's name of {len(lines)} lines of {widths.customer_name} characters"
        yield Misfit(
            MisfitCode.TEXT_TOO_LONG, f"{told}; {system.name} takes {widths.customer_name_lines}", Part.CUSTOMER
        )
    texts = [
        *(_Text("a customer's name", line, widths.customer_name, Part.CUSTOMER) for line in lines),
        _Text("a customer's tax number", tax_id, widths.tax_id, Part.CUSTOMER),
        _Text("a customer's email address", party.email, widths.email, Part.CUSTOMER),
    ]
    yield from _of_texts(texts, mapping, system)


def _of_texts(texts: Iterable[_Text], mapping: ErpMapping, system: ErpSystem) -> Iterator[Misfit]:
    setting = system.mapping.encoding_setting
    encoding = Encoding(mapping.settings.get(setting, Encoding.UTF_8)) if setting else None
    for one in texts:
        if one.width is not None and len(one.text) > one.width:
            told = f"{one.what} of {len(one.text)} characters; {system.name} takes {one.width}"
            yield Misfit(MisfitCode.TEXT_TOO_LONG, told, one.part, one.line)
        if encoding is not None and (lacking := encoding.lacks(one.text)):
            told = f"{one.what} with {lacking!r}, which cannot be written in {encoding}"
            yield Misfit(MisfitCode.NOT_IN_ENCODING, told, one.part, one.line)
