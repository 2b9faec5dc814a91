"""One invoice over several contracts: that of the lead has the lines of all bills, and nothing else is sent.

Each contract is rated by itself, as if it had an invoice of its own, and keeps that as its bill. What settles late
usage, commitments and fees in advance reads bills. Tax, approval, number and posting are those of the one invoice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceState, MemberBill
from shared.domain.invoicing.issuing import BILLED_STATES
from shared.domain.invoicing.states import InvoiceTrigger, moved
from shared.domain.invoicing.totals import totals
from shared.domain.issue import Issue, Severity


@dataclass(frozen=True, slots=True)
class StoredBill:
    """A member's bill in the version that is stored."""

    bill: Invoice
    version: int


def consolidated(own: Invoice, bills: Sequence[StoredBill]) -> Invoice:
    """Return the draft of a lead with the lines of the members' bills, and whatever stops one of them.

    Bills with nothing to bill have no part in it. Without a line and without a fault there is nothing to bill at all.
    """
    drafts = [one for one in bills if one.bill.state is InvoiceState.DRAFT]
    if not drafts:
        return own
    lines = (*own.lines, *(_on_invoice(line, one.bill) for one in drafts for line in one.bill.lines))
    sums = totals(lines, (), own.net.currency)
    return replace(
        own,
        state=InvoiceState.DRAFT,
        lines=lines,
        net=sums.net,
        tax=sums.tax,
        gross=sums.gross,
        issues=(*own.issues, *(issue for one in drafts for issue in _what_stops(one.bill))),
        members=tuple(
            MemberBill(
                invoice_id=one.bill.invoice_id,
                customer_id=one.bill.customer_id,
                contract_id=one.bill.contract_id,
                revision=one.bill.revision,
                version=one.version,
                rests_on=one.bill.rests_on,
                voids_known=one.bill.voids_known,
            )
            for one in drafts
        ),
    )


def waits_for_its_lead(bill: Invoice | None, of_lead: Invoice | None) -> bool:
    """Whether a member's billing period is left to the invoice of its lead, given the newest revisions of both.

    What the lead's invoice was issued without has an invoice of its own, and what was begun as one goes on so.
    """
    if of_lead is not None and of_lead.state in BILLED_STATES:
        return False
    return bill is None or bill.consolidated_on is not None


def issued_with(bill: Invoice, document: Invoice) -> Invoice:
    """Return a member's bill as it is once the invoice that it is on has its number."""
    return replace(
        moved(bill, InvoiceTrigger.CONSOLIDATE),
        number=document.number,
        invoice_date=document.invoice_date,
        due_date=document.due_date,
    )


def line_on_bill(line: InvoiceLine) -> str:
    """Return the id that a line of an invoice has on the bill of its contract."""
    return line.line_id.removeprefix(f"{line.contract_id}|") if line.contract_id is not None else line.line_id


def _on_invoice(line: InvoiceLine, bill: Invoice) -> InvoiceLine:
    return replace(line, line_id=bill.id_on_invoice(line), contract_id=bill.contract_id)


def _what_stops(bill: Invoice) -> tuple[Issue, ...]:
    return tuple(
        replace(issue, path=f"{bill.contract_id}: {issue.path}" if issue.path else bill.contract_id)
        for issue in bill.issues
        if issue.severity is Severity.CRITICAL
    )
