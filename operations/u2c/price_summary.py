"""What a preview of prices comes to, over all invoices, and as one document for tools."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from shared.domain.invoicing.price_preview import PreviewedInvoice
from shared.domain.money import Money, total


class Sums:
    """What all invoices of a currency come to."""

    def __init__(self, invoices: Sequence[PreviewedInvoice]) -> None:
        currency = invoices[0].after.currency
        self.before = total((one.before for one in invoices), currency)
        self.after = total((one.after for one in invoices), currency)

    @property
    def difference(self) -> Money:
        return self.after - self.before


def totals(found: Iterable[PreviewedInvoice]) -> dict[str, Sums]:
    by_currency: defaultdict[str, list[PreviewedInvoice]] = defaultdict(list)
    for one in found:
        by_currency[one.after.currency.code].append(one)
    return {currency: Sums(invoices) for currency, invoices in sorted(by_currency.items())}


def come_and_gone(found: Iterable[PreviewedInvoice]) -> tuple[dict[str, list[Money]], dict[str, list[Money]]]:
    """Return the charges that invoices have lines of by one catalogue only, with what these come to."""
    come: defaultdict[str, list[Money]] = defaultdict(list)
    gone: defaultdict[str, list[Money]] = defaultdict(list)
    for line in (line for one in found for line in one.lines):
        if line.before is None and line.after is not None:
            come[line.charge].append(line.after)
        elif line.after is None and line.before is not None:
            gone[line.charge].append(line.before)
    return dict(sorted(come.items())), dict(sorted(gone.items()))


def document(found: Sequence[PreviewedInvoice], month: date) -> dict[str, Any]:
    changed = [one for one in found if one.changes]
    come, gone = come_and_gone(found)
    return {
        "period": f"{month:%Y-%m}",
        "invoices": [_invoice(one) for one in changed],
        "totals": {
            currency: {"now": _text(one.before), "proposed": _text(one.after), "change": _text(one.difference)}
            for currency, one in totals(found).items()
        },
        "new_charges": {charge: len(amounts) for charge, amounts in come.items()},
        "vanishing_charges": {charge: len(amounts) for charge, amounts in gone.items()},
        "invoices_unchanged": len(found) - len(changed),
        "customers_not_affected": len({one.customer_id for one in found} - {one.customer_id for one in changed}),
    }


def _invoice(one: PreviewedInvoice) -> dict[str, Any]:
    return {
        "customer": one.customer_id,
        "contract": one.contract_id,
        "period": one.period,
        "currency": one.after.currency.code,
        "now": _text(one.before),
        "proposed": _text(one.after),
        "change": _text(one.difference),
        "lines": [
            {
                "line": line.name,
                "now": _text(line.before),
                "proposed": _text(line.after),
                "price_now": line.price_before,
                "price_proposed": line.price_after,
            }
            for line in one.lines
        ],
        "waits": [{"code": issue.code, "path": issue.path, "message": issue.message} for issue in one.waits],
    }


def _text(amount: Money | None) -> str | None:
    return None if amount is None else f"{amount.amount:f}"
