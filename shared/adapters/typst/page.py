"""A document as the template wants it: texts only, so that the template decides about nothing but the looks."""

from collections.abc import Iterator
from itertools import groupby
from types import MappingProxyType
from typing import TypeAlias

from shared.adapters.typst.kinds import facts, headline, notes, payment, terms, title
from shared.adapters.typst.wording import days, money, number, percent, quantity, unrounded
from shared.domain.invoice_document.document import DocumentLine, DocumentParty, InvoiceDocument
from shared.domain.rating.rated_charge import RatedPart
from shared.domain.vat_category import VatCategory

Page: TypeAlias = dict[str, object]

_OF_THE_CONTRACT = "Contract"
_SAYS_NOTHING = frozenset({"flat", "per unit"})  # labels of arithmetic that quantity and unit price already show
_NOTES = MappingProxyType(
    {
        VatCategory.REVERSE_CHARGE: "Reverse charge: the customer accounts for the VAT.",
        VatCategory.EXPORT: "VAT is not charged on this export.",
        VatCategory.OUTSIDE_SCOPE: "This supply is outside the scope of VAT.",
        VatCategory.EXEMPT: "Exempt from VAT.",
    }
)


def page_of(document: InvoiceDocument) -> Page:
    """Return everything that the template shows."""
    code = document.gross.currency.code
    return {
        "title": title(document),
        "number": document.number,
        "issued": [document.issue_date.year, document.issue_date.month, document.issue_date.day],
        "currency": code,
        "seller": _party(document.seller),
        "buyer": _party(document.buyer),
        "facts": [[name, value] for name, value in facts(document) if value],
        "groups": [_group(name, lines) for name, lines in _groups(document)],
        "net": money(document.net),
        "tax-word": _tax_word(document),
        "taxes": [
            [f"{_tax_word(document)} {percent(tax.rate)}", money(tax.base), money(tax.amount)] for tax in document.taxes
        ],
        "gross": money(document.gross),
        "headline": headline(document),
        "terms": terms(document),
        "payment": [[name, value] for name, value in payment(document) if value],
        "notes": [*_reasons(document), *notes(document)],
        "contact": list(_contact(document.seller)),
        "legal_note": document.seller.legal_note,
    }


def _party(party: DocumentParty) -> Page:
    address = party.address
    place = ", ".join(filter(None, (address.city, address.region, party.country))) if address else party.country
    return {
        "name": party.name,
        "address": [*address.lines, f"{address.postal_code} {place}".strip()] if address else [place],
        "ids": [f"{name} {value}" for name, value in _ids(party) if value],
    }


def _ids(party: DocumentParty) -> Iterator[tuple[str, str]]:
    yield "VAT id" if party.vat_id else "Tax id", party.tax_id
    yield "Registration", party.registration_number


def _groups(document: InvoiceDocument) -> Iterator[tuple[str, list[DocumentLine]]]:
    """Yield the lines by contract and subscription, in the order of the invoice; those of earlier periods last."""
    current = [line for line in document.lines if line.adjusts is None]
    for name, lines in groupby(sorted(current, key=_rank(current)), key=_subscription):
        yield name, list(lines)
    earlier = [line for line in document.lines if line.adjusts is not None]
    for contract, lines in groupby(earlier, key=lambda line: line.contract):
        yield _of(contract, "Adjustments of earlier periods"), list(lines)


def _rank(lines: list[DocumentLine]) -> "_Rank":
    return _Rank({name: place for place, name in enumerate(dict.fromkeys(map(_subscription, lines)))})


class _Rank:
    def __init__(self, places: dict[str, int]) -> None:
        self._places = places

    def __call__(self, line: DocumentLine) -> int:
        return self._places[_subscription(line)]


def _subscription(line: DocumentLine) -> str:
    if not line.subscription:
        return _of(line.contract, _OF_THE_CONTRACT)
    named = f"{line.plan} \N{MIDDLE DOT} {line.subscription}" if line.plan else line.subscription
    return _of(line.contract, named)


def _of(contract: str, name: str) -> str:
    """Say which contract a group of lines is of, where it is not the invoice's own."""
    return f"{contract} \N{MIDDLE DOT} {name}" if contract else name


def _group(name: str, lines: list[DocumentLine]) -> Page:
    """Return the lines under their name. A service period that they share stands beside it, once."""
    periods = {(line.service_from, line.service_to) for line in lines}
    shared = days(*periods.pop()) if len(periods) == 1 else ""
    return {"name": name, "period": shared, "lines": [_line(line, with_period=not shared) for line in lines]}


def _line(line: DocumentLine, *, with_period: bool) -> Page:
    unit_price = line.parts[0].unit_price if len(line.parts) == 1 and not line.adjusts else None
    return {
        "description": line.description,
        "period": days(line.service_from, line.service_to) if with_period else "",
        "quantity": quantity(line.quantity, line.unit) if line.unit or line.quantity != 1 else "",
        "unit_price": unrounded(unit_price) if unit_price else "",
        "tax": percent(line.tax_rate),
        "amount": money(line.amount),
        "details": list(_details(line)),
    }


def _details(line: DocumentLine) -> Iterator[str]:
    shown = len(line.parts) > 1 or line.adjusts is not None
    for part in line.parts:
        if shown:
            yield f"{part.label.replace(': ', ', ')}: {_arithmetic(part)}"
        elif part.label not in _SAYS_NOTHING:
            yield part.label
    if line.adjusts is not None:
        of_what = f"invoice {line.adjusts.number}" if line.adjusts.number else "no invoice"
        before = f"{quantity(line.adjusts.quantity, line.unit)} for {money(line.adjusts.amount)}"
        yield f"less what was billed before ({of_what}): {before}"


def _arithmetic(part: RatedPart) -> str:
    if not part.unit_price and part.flat_amount:
        return unrounded(part.amount)
    flat = f" + {unrounded(part.flat_amount)}" if part.flat_amount else ""
    product = f"{number(part.quantity)} \N{MULTIPLICATION SIGN} {unrounded(part.unit_price)}"
    return f"{product}{flat} = {unrounded(part.amount)}"


def _tax_word(document: InvoiceDocument) -> str:
    """Return what the tax is called: a seller without a VAT id charges none."""
    return "VAT" if document.seller.vat_id else "Tax"


def _reasons(document: InvoiceDocument) -> Iterator[str]:
    """Yield why no tax is charged, where it is not."""
    for category, taxes in groupby(document.taxes, key=lambda tax: tax.category):
        reason = next((tax.exemption_reason for tax in taxes if tax.exemption_reason), "")
        if reason:
            yield reason
        elif category in _NOTES and document.seller.vat_id:
            yield _NOTES[category]


def _contact(seller: DocumentParty) -> Iterator[str]:
    if seller.contact is not None:
        yield from (one for one in (seller.contact.name, seller.contact.phone, seller.contact.email) if one)
