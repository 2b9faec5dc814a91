"""How far other documents have changed what an issued invoice bills: the fence of whoever writes one more."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.identifiers import InvoiceId


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Standing:
    """An invoice, with the number of its credit notes and of the later invoices that adjust what it bills.

    Who credits or adjusts has worked that out from an invoice as it stood; if it stands otherwise by the time, the
    work is done again.
    """

    invoice_id: InvoiceId
    revision: int
    credited: int = 0
    adjusted: int = 0


def as_first_read(standings: Iterable[Standing]) -> tuple[Standing, ...]:
    """Return one standing of each invoice: of those that were read twice the older one, so that a change is noticed."""
    first: dict[tuple[InvoiceId, int], Standing] = {}
    for one in sorted(standings):
        first.setdefault((one.invoice_id, one.revision), one)
    return tuple(first.values())
