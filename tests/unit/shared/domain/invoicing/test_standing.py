"""Which standing of an invoice counts where several were read."""

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.standing import Standing, as_first_read

OCTOBER, NOVEMBER = InvoiceId("c-acme/2026-10"), InvoiceId("c-acme/2026-11")


def test_the_older_standing_of_each_revision_counts_so_that_a_change_is_noticed() -> None:
    old = Standing(invoice_id=OCTOBER, revision=1, credited=0, adjusted=1)
    new = Standing(invoice_id=OCTOBER, revision=1, credited=2, adjusted=1)
    rebilled = Standing(invoice_id=OCTOBER, revision=2)
    november = Standing(invoice_id=NOVEMBER, revision=1, credited=1)

    assert as_first_read([november, new, rebilled, old, november]) == (old, rebilled, november)
