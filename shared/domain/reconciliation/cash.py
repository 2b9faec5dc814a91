"""The money half of the tie-out: what is rated is invoiced, what is invoiced is posted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.identifiers import InvoiceId, LegalEntityId
from shared.domain.invoicing.billed_period import LineName
from shared.domain.invoicing.invoice import Invoice, InvoiceLine
from shared.domain.money import EXACT, Money, exact_sum
from shared.domain.reconciliation.tie_out import Check, Explanation


def invoice_checks(invoices: Sequence[Invoice]) -> tuple[Check, ...]:
    """Per legal entity and currency: charges equal lines but for rounding, lines and tax equal the invoices."""
    checks: list[Check] = []
    for (entity, unit), group in sorted(_by_entity_and_currency(invoices).items()):
        lines = list(_lines_with_what_was_billed_before(group))
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
    """What the ERPs hold of one legal entity in one currency: posted documents and the receivable balance."""

    documents: int
    gross: Decimal
    receivable: Decimal


def posting_checks(
    invoices: Sequence[Invoice],
    erp: Mapping[tuple[LegalEntityId, str], LedgerFigures],
    not_posted: Mapping[InvoiceId, str],
) -> tuple[Check, ...]:
    """Per legal entity and currency: invoices issued are ERP documents, documents are the receivable in its ledger.

    `not_posted` gives the reason for issued invoices that are known not to be in the ERP.
    """
    checks: list[Check] = []
    issued = _by_entity_and_currency(invoices)
    for entity, unit in sorted({*issued, *erp}):
        group = issued.get((entity, unit), [])
        held = erp.get((entity, unit), LedgerFigures(documents=0, gross=Decimal(0), receivable=Decimal(0)))
        waiting = [(invoice, not_posted[invoice.invoice_id]) for invoice in group if invoice.invoice_id in not_posted]
        reasons = sorted({reason for _, reason in waiting})
        checks += [
            Check(
                name=f"documents of {entity}",
                left_name=f"{entity}: invoices issued",
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
                left_name=f"{entity}: invoices issued, gross",
                left=exact_sum(invoice.gross.amount for invoice in group),
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


def _lines_with_what_was_billed_before(group: Iterable[Invoice]) -> Iterator[tuple[InvoiceLine, Money]]:
    """Yield each line, and what the lines before it have billed by its name and billing period."""
    billed: dict[tuple[InvoiceId, LineName], Money] = {}
    for invoice in sorted(group, key=lambda one: one.billing_period.start):
        for line in invoice.lines:
            own_invoice = line.adjusts.invoice_id if line.adjusts else invoice.invoice_id
            name = (own_invoice, line.name)
            before = billed.get(name, Money.zero(line.amount.currency))
            billed[name] = before + line.amount
            yield line, before


def _by_entity_and_currency(invoices: Iterable[Invoice]) -> dict[tuple[LegalEntityId, str], list[Invoice]]:
    groups: dict[tuple[LegalEntityId, str], list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        groups[invoice.legal_entity_id, invoice.gross.currency.code].append(invoice)
    return groups
