"""Issuing: the number, the dates, and what an approved invoice waits for when something it rests on has changed."""

from dataclasses import replace
from datetime import date

from shared.domain.currency_exchange.converted import converted
from shared.domain.exception_record import ExceptionCode, exception_id
from shared.domain.identifiers import InvoiceId, LegalEntityId
from shared.domain.invoicing.invoice import AdjustedPeriod, InvoiceState
from shared.domain.invoicing.issuing import credited_meanwhile, exceptions_settled_by, is_credited_meanwhile, issued
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.invoicing.standing import Standing
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.payment_terms import DayOfNextMonth
from tests.builders.billing import NOTHING_READ, a_draft, calls
from tests.builders.exchange_rates import FRIDAYS_RATE
from tests.builders.tax import taxed

SERIES = InvoiceSeries(legal_entity_id=LegalEntityId("nimbus-de"), prefix="DE-", last=7, last_date=date(2026, 11, 2))
APPROVED = replace(taxed(a_draft(calls(150))), state=InvoiceState.APPROVED)
AUGUST, SEPTEMBER = InvoiceId("c-acme/2026-08"), InvoiceId("c-acme/2026-09")


def test_an_invoice_is_issued_with_the_number_and_date_of_its_series_and_due_by_its_terms() -> None:
    by_the_tenth = DayOfNextMonth(10)

    invoice = issued(APPROVED, series=SERIES, terms=by_the_tenth)

    assert (invoice.state, invoice.number) == (InvoiceState.ISSUED, "DE-000007")
    assert (invoice.invoice_date, invoice.due_date) == (date(2026, 11, 2), date(2026, 12, 10))
    assert (invoice.payment_terms, invoice.converted) == (by_the_tenth, None)
    assert invoice.lines == APPROVED.lines


def test_an_invoice_is_converted_at_the_rate_of_its_date() -> None:
    invoice = issued(APPROVED, series=SERIES, terms=DayOfNextMonth(10), rate=FRIDAYS_RATE)

    assert invoice.converted == converted(APPROVED.net, APPROVED.tax, FRIDAYS_RATE)


def test_what_was_credited_meanwhile_is_drafted_anew_and_says_what_has_changed() -> None:
    warning = Issue(severity=Severity.WARNING, code="FEE_NOT_PRORATED", message="active for a part")
    rests_on = (Standing(invoice_id=SEPTEMBER, revision=1), Standing(invoice_id=AUGUST, revision=1))

    waiting = credited_meanwhile(replace(APPROVED, set_right=rests_on, issues=(warning,)))

    assert waiting.state is InvoiceState.INVALID
    assert waiting.issues == (
        warning,
        Issue(
            severity=Severity.CRITICAL,
            code="CREDITED_MEANWHILE",
            message=(
                "a credit note or an invoice has changed since what is left of c-acme/2026-08, c-acme/2026-09; "
                "a later bill run drafts it anew"
            ),
            path="",
        ),
    )
    assert is_credited_meanwhile(waiting)
    assert not is_credited_meanwhile(replace(APPROVED, issues=(warning,)))


def test_an_invoice_settles_what_its_drafts_have_raised_and_what_was_kept_back_before() -> None:
    adjusted = tuple(
        AdjustedPeriod(invoice_id=of, manifest=NOTHING_READ, was_kept_back=kept)
        for of, kept in ((AUGUST, True), (SEPTEMBER, False))
    )

    settled = exceptions_settled_by(replace(APPROVED, adjusted=adjusted), [ExceptionCode.PRICE_MISSING])

    assert settled == (
        exception_id(ExceptionCode.PRICE_MISSING, "c-acme/2026-10"),
        exception_id(ExceptionCode.ADJUSTMENT_KEPT_BACK, AUGUST),
    )
