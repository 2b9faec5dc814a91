"""What an invoice could not take of earlier periods: a warning on it, and one exception a period."""

from dataclasses import replace

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.invoice import AdjustedPeriod, Invoice
from shared.domain.invoicing.kept_back import KeptBack, Told, as_issue, exceptions_about, kept_back_by
from shared.domain.issue import Issue, Severity
from tests.builders.billing import NOTHING_READ, SECOND_OF_NOVEMBER, TENANT, a_draft

OF_AUGUST = KeptBack(InvoiceId("c-acme/2026-08"), "the credit is too great")
WARNING = Issue(
    severity=Severity.WARNING,
    code="ADJUSTMENT_KEPT_BACK",
    message="the credit is too great",
    path="c-acme/2026-08",
)
ANOTHER = Issue(severity=Severity.WARNING, code="FEE_NOT_PRORATED", message="active for a part", path="s-acme/fee")


def test_it_is_a_warning_that_names_the_period_and_why() -> None:
    assert as_issue(OF_AUGUST) == WARNING


def test_an_invoice_tells_which_periods_it_could_not_take() -> None:
    assert kept_back_by(replace(a_draft(), issues=(ANOTHER, WARNING))) == {"c-acme/2026-08"}
    assert kept_back_by(replace(a_draft(), issues=(ANOTHER,))) == frozenset()


AUGUST, SEPTEMBER = InvoiceId("c-acme/2026-08"), InvoiceId("c-acme/2026-09")


def rated(day: int, *issues: Issue) -> Invoice:
    return replace(a_draft(), prepared_by=f"2026-11-{day:02}", issues=issues)


def test_a_period_is_kept_back_until_it_is_read_again() -> None:
    told = Told(invoices=(rated(2), rated(4, ANOTHER, WARNING)), draft=None)

    assert told.of(AUGUST, read_last=rated(3))
    assert not told.of(AUGUST, read_last=rated(5))
    assert not told.of(SEPTEMBER, read_last=rated(3))


def test_what_a_draft_keeps_back_or_takes_is_kept_back_until_an_invoice_is_settled() -> None:
    taken = AdjustedPeriod(invoice_id=SEPTEMBER, manifest=NOTHING_READ, was_kept_back=True)
    read = AdjustedPeriod(invoice_id=InvoiceId("c-acme/2026-07"), manifest=NOTHING_READ, was_kept_back=False)
    told = Told(invoices=(), draft=replace(rated(2, WARNING), adjusted=(taken, read)))

    assert told.by_draft == {AUGUST, SEPTEMBER}
    assert told.of(AUGUST, read_last=rated(3))
    assert Told(invoices=(), draft=None).by_draft == frozenset()


def test_each_period_has_an_exception_that_names_the_invoice_which_left_it_out() -> None:
    long = replace(WARNING, path="c-acme/2026-07", message="x" * 2_000)

    told, cut = exceptions_about(replace(a_draft(), issues=(ANOTHER, WARNING, long)), raised_at=SECOND_OF_NOVEMBER)

    assert told == ExceptionRecord(
        exception_id=exception_id(ExceptionCode.ADJUSTMENT_KEPT_BACK, "c-acme/2026-08"),
        tenant=TENANT,
        code=ExceptionCode.ADJUSTMENT_KEPT_BACK,
        subject="c-acme/2026-08",
        message="the credit is too great",
        raised_at=SECOND_OF_NOVEMBER,
        detail={
            "left_out_of": "c-acme/2026-10",
            "customer": "acme",
            "contract": "c-acme",
            "catalog_version": "v1",
        },
    )
    assert (cut.subject, cut.message) == ("c-acme/2026-07", "x" * 1_000)
