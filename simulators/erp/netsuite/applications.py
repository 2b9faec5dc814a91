"""What lowers an invoice: the rows of `apply` by which payments and credit memos name it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from simulators.erp.netsuite import payload
from simulators.erp.netsuite.books import AccountBooks, Record
from simulators.erp.netsuite.dialect import business_rule, unknown_reference
from simulators.erp.netsuite.document_header import APPROVED


@dataclass(frozen=True, slots=True)
class Application:
    invoice: Record
    amount: Decimal


def read_applications(books: AccountBooks, fields: dict[str, Any], *, customer_id: str) -> list[Application]:
    """Return which invoices are to be lowered by how much; refuse another customer's, and more than they have left."""
    found = []
    for index, row in enumerate(payload.rows(fields, "apply")):
        path = f"apply.items[{index}]"
        if row.get("apply") is not True:
            continue
        invoice = books.invoices.referred(payload.reference(row, "doc", path=f"{path}.doc"))
        if invoice is None or invoice["entity"]["id"] != customer_id or not is_open(invoice):
            raise unknown_reference(f"{path}.doc", row["doc"])
        amount = payload.number(row, "amount", path=f"{path}.amount")
        if amount is None or not 0 <= amount <= invoice["amountRemaining"]:
            text = f"The amount due of {invoice['tranId']} is {invoice['amountRemaining']}."
            raise business_rule(text, path=f"{path}.amount")
        found.append(Application(invoice, amount))
    return found


def total_of(applications: Sequence[Application]) -> Decimal:
    return sum((application.amount for application in applications), start=Decimal(0))


def apply(books: AccountBooks, applications: Sequence[Application], *, by: Record) -> None:
    """Lower each invoice by what is applied to it, and note what did it."""
    for application in applications:
        invoice = application.invoice
        invoice["amountPaid"] += application.amount
        invoice["amountRemaining"] -= application.amount
        if not invoice["amountRemaining"]:
            invoice["status"] = {"id": "Paid In Full", "refName": "Paid In Full"}
        books.changed(invoice)
        books.links.append((invoice["id"], by["id"], application.amount))


def is_open(invoice: Record) -> bool:
    return invoice["approvalStatus"]["id"] == APPROVED and invoice["status"]["id"] != "Voided"  # type: ignore[no-any-return]
