"""The money half of the tie-out: what is rated is invoiced, what is invoiced or credited is posted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.identifiers import LegalEntityId, PostingId
from shared.domain.invoicing.credit_note import CreditNote, CreditNoteState
from shared.domain.invoicing.invoice import Invoice, InvoiceLine
from shared.domain.money import EXACT, Money, exact_sum
from shared.domain.posting.compose import posting_id
from shared.domain.reconciliation.billed_before import (
    NOTHING_TAKEN_OFF,
    LineOfPeriod,
    TakenOff,
    with_what_was_billed_before,
)
from shared.domain.reconciliation.tie_out import Check, Explanation


def invoice_checks(
    invoices: Sequence[Invoice], taken_off: Mapping[LineOfPeriod, Sequence[TakenOff]] = NOTHING_TAKEN_OFF
) -> tuple[Check, ...]:
    """Per legal entity and currency: charges equal lines but for rounding, lines and tax equal the invoices.

    `taken_off` is what credit notes that correct invoices have taken off the lines of which others bill the rest.
    """
    checks: list[Check] = []
    for (entity, unit), group in sorted(_by_entity_and_currency(invoices).items()):
        lines = list(with_what_was_billed_before(group, taken_off))
        precise = exact_sum(_charge(line) for line, _ in lines)
        rounded = exact_sum(line.amount.amount for line, _ in lines)
        rounding = exact_sum(_rounding(line, before) for line, before in lines)
        checks.append(
            Check(
                name=f"charges of {entity}",
                left_name=f"{entity}: charges",
                left=precise,
                right_name="invoice lines",
                right=rounded,
                unit=unit,
                explanations=(Explanation("rounding of each line to the minor unit", rounding),) if rounding else (),
            )
        )
        taxes = exact_sum(tax.amount.amount for invoice in group for tax in invoice.taxes)
        checks.append(
            Check(
                name=f"invoices of {entity}",
                left_name=f"{entity}: lines + tax",
                left=EXACT.add(rounded, taxes),
                right_name="invoices, gross",
                right=exact_sum(invoice.gross.amount for invoice in group),
                unit=unit,
            )
        )
    return tuple(checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFigures:
    """What the ERPs hold of one legal entity in one currency: posted documents and the receivable balance.

    `gross` is that of invoices less that of credit memos.
    """

    documents: int
    gross: Decimal
    receivable: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedDocument:
    """An invoice or a credit note as the ERP has to hold it; the gross of a credit note is negative."""

    posting_id: PostingId
    legal_entity_id: LegalEntityId
    gross: Money


def issued_documents(invoices: Iterable[Invoice], credit_notes: Iterable[CreditNote]) -> tuple[IssuedDocument, ...]:
    """Return what was issued; credit notes that are not issued are left out."""
    return (
        *(
            IssuedDocument(
                posting_id=posting_id(invoice.invoice_id, invoice.revision),
                legal_entity_id=invoice.legal_entity_id,
                gross=invoice.gross,
            )
            for invoice in invoices
        ),
        *(
            IssuedDocument(
                posting_id=PostingId(note.credit_note_id),
                legal_entity_id=note.legal_entity_id,
                gross=-note.credited.gross,
            )
            for note in credit_notes
            if note.state is CreditNoteState.ISSUED
        ),
    )


def posting_checks(
    issued: Iterable[IssuedDocument],
    erp: Mapping[tuple[LegalEntityId, str], LedgerFigures],
    not_posted: Mapping[PostingId, str],
) -> tuple[Check, ...]:
    """Per legal entity and currency: what is issued are ERP documents, documents are the receivable in its ledger.

    `not_posted` gives the reason for issued documents that are known not to be in the ERP.
    """
    checks: list[Check] = []
    groups: dict[tuple[LegalEntityId, str], list[IssuedDocument]] = defaultdict(list)
    for document in issued:
        groups[document.legal_entity_id, document.gross.currency.code].append(document)
    for entity, unit in sorted({*groups, *erp}):
        group = groups.get((entity, unit), [])
        held = erp.get((entity, unit), LedgerFigures(documents=0, gross=Decimal(0), receivable=Decimal(0)))
        waiting = [(one, not_posted[one.posting_id]) for one in group if one.posting_id in not_posted]
        reasons = sorted({reason for _, reason in waiting})
        checks += [
            Check(
                name=f"documents of {entity}",
                left_name=f"{entity}: invoices and credit notes issued",
                left=Decimal(len(group)),
                right_name="ERP documents posted",
                right=Decimal(held.documents),
                unit=f"documents ({unit})",
                explanations=tuple(
                    Explanation(reason, Decimal(sum(1 for _, why in waiting if why == reason))) for reason in reasons
                ),
            ),
            Check(
                name=f"amount of {entity}",
                left_name=f"{entity}: invoices less credit notes, gross",
                left=exact_sum(one.gross.amount for one in group),
                right_name="ERP documents, gross",
                right=held.gross,
                unit=unit,
                explanations=tuple(
                    Explanation(reason, exact_sum(i.gross.amount for i, why in waiting if why == reason))
                    for reason in reasons
                ),
            ),
            Check(
                name=f"ledger of {entity}",
                left_name=f"{entity}: ERP documents, gross",
                left=held.gross,
                right_name="receivables in the ERP's ledger",
                right=held.receivable,
                unit=unit,
            ),
        ]
    return tuple(checks)


def _charge(line: InvoiceLine) -> Decimal:
    """Work the line's charge out again from quantities and prices; what a part says it comes to is not believed."""
    precise = _precise(line)
    return EXACT.subtract(precise, line.adjusts.amount.amount) if line.adjusts else precise


def _rounding(line: InvoiceLine, billed_before: Money) -> Decimal:
    """Return what rounding took from a line; nothing when the line is not its charge rounded, so that it shows.

    The charge of a line that adjusts is rounded before what was billed is taken off it; that must be what was billed.
    """
    rounded = Money(_precise(line), line.amount.currency).rounded()
    if line.adjusts is not None:
        rounded -= line.adjusts.amount
        if line.adjusts.amount != billed_before:
            return Decimal(0)
    return EXACT.subtract(_charge(line), line.amount.amount) if rounded == line.amount else Decimal(0)


def _precise(line: InvoiceLine) -> Decimal:
    return exact_sum(EXACT.fma(part.quantity, part.unit_price, part.flat_amount) for part in line.parts)


def _by_entity_and_currency(invoices: Iterable[Invoice]) -> dict[tuple[LegalEntityId, str], list[Invoice]]:
    groups: dict[tuple[LegalEntityId, str], list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        groups[invoice.legal_entity_id, invoice.gross.currency.code].append(invoice)
    return groups
