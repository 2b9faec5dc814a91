"""The tie-out of credit notes: they are their lines and taxes, and none goes beyond its invoice."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from shared.domain.identifiers import InvoiceId, LegalEntityId
from shared.domain.invoicing.credit_note import CreditNote, CreditNoteState
from shared.domain.invoicing.invoice import Invoice
from shared.domain.money import EXACT, exact_sum
from shared.domain.reconciliation.tie_out import Check


def credit_checks(invoices: Sequence[Invoice], credit_notes: Sequence[CreditNote]) -> tuple[Check, ...]:
    """Per legal entity and currency: lines and tax equal the credit notes, and no invoice is credited beyond itself."""
    issued = [note for note in credit_notes if note.state is CreditNoteState.ISSUED]
    groups: dict[tuple[LegalEntityId, str], list[CreditNote]] = defaultdict(list)
    for note in issued:
        groups[note.legal_entity_id, note.credited.gross.currency.code].append(note)
    gross = {(invoice.invoice_id, invoice.revision): invoice.gross.amount for invoice in invoices}
    checks: list[Check] = []
    for (entity, unit), group in sorted(groups.items()):
        credited: dict[tuple[InvoiceId, int], Decimal] = defaultdict(Decimal)
        for note in group:
            of = note.request.invoice_id, note.request.revision
            credited[of] = EXACT.add(credited[of], note.credited.gross.amount)
        in_all = exact_sum(credited.values())
        checks += [
            Check(
                name=f"credit notes of {entity}",
                left_name=f"{entity}: credited lines + tax",
                left=EXACT.add(
                    exact_sum(line.amount.amount for note in group for line in note.credited.lines),
                    exact_sum(tax.amount.amount for note in group for tax in note.credited.taxes),
                ),
                right_name="credit notes, gross",
                right=in_all,
                unit=unit,
            ),
            Check(
                name=f"credited of {entity}",
                left_name=f"{entity}: credit notes, gross",
                left=in_all,
                right_name="of it within their invoices",
                right=exact_sum(min(amount, gross.get(of, Decimal(0))) for of, amount in credited.items()),
                unit=unit,
            ),
        ]
    return tuple(checks)
