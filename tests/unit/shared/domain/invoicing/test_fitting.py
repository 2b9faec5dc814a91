"""What an invoice takes of earlier periods: debits first, and what would make it less than nothing waits."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from shared.domain.identifiers import CatalogVersion, CustomerId, InvoiceId
from shared.domain.invoicing.adjustments import Fitted, OwnLines, fitting
from shared.domain.invoicing.draft import DraftOrigin, draft_invoice
from shared.domain.invoicing.invoice import AdjustedPeriod, Invoice, InvoiceLine, InvoiceState, PeriodAdjustment
from shared.domain.invoicing.kept_back import KeptBack, as_issue
from shared.domain.invoicing.standing import Standing
from shared.domain.issue import Issue, Severity
from tests.builders.billing import NOTHING_READ, OCTOBER, TENANT, a_draft, calls, contract, euros

FEE = a_draft().lines[0]  # 99.00 of the platform, taxed as standard
OWN = OwnLines(taking=(FEE,), without=(FEE,))
UNPRICED = KeptBack(InvoiceId("c-acme/2026-05"), "no EUR price")


def of(month: str, *amounts: str, category: str = "standard") -> PeriodAdjustment:
    lines = tuple(
        replace(FEE, line_id=f"{FEE.line_id}@{month}/{number}", amount=euros(amount), tax_category=category)
        for number, amount in enumerate(amounts)
    )
    own_invoice = InvoiceId(f"c-acme/{month}")
    return PeriodAdjustment(AdjustedPeriod(invoice_id=own_invoice, manifest=NOTHING_READ, was_kept_back=False), lines)


def amounts(lines: Sequence[InvoiceLine]) -> list[str]:
    return [str(line.amount.amount) for line in lines]


def test_debits_go_first_so_that_a_credit_finds_them() -> None:
    """150.00 of August are taken back, which September's 60.00 more and the fee of 99.00 can bear."""
    august, september = of("2026-08", "-150.00"), of("2026-09", "60.00")

    assert fitting(OWN, [august, september]) == Fitted(
        lines=(FEE, *september.lines, *august.lines), adjusted=(september.adjusted, august.adjusted), kept_back=()
    )


def test_a_credit_that_is_too_great_waits_and_is_told_apart_from_what_is_kept_back_for_another_reason() -> None:
    august, july = of("2026-08", "-99.01"), of("2026-07", "-9.00")

    fitted = fitting(OWN, [august, UNPRICED, july])

    why = "the credit is too great: with it the invoice would come to -0.01 EUR of tax category standard"
    assert amounts(fitted.lines) == ["99.00", "-9.00"]
    assert fitted.adjusted == (july.adjusted,)
    assert fitted.kept_back[0] == UNPRICED
    assert KeptBack(InvoiceId("c-acme/2026-08"), why) in fitted.kept_back
    assert fitted.left_over == (august,)


def test_a_credit_may_use_an_invoice_up_but_only_of_its_own_tax_category() -> None:
    whole, reduced = of("2026-08", "-99.00"), of("2026-08", "-1.00", category="reduced")

    assert fitting(OWN, [whole]).kept_back == ()
    assert "would come to -1.00 EUR of tax category reduced" in fitting(OWN, [reduced]).kept_back[0].why


def test_what_no_invoice_has_room_for_is_kept_back_and_not_left_over() -> None:
    long, short = of("2026-08", *["0.01"] * 1_000), of("2026-09", "1.00")

    fitted = fitting(OWN, [long, short])

    assert fitted.kept_back == (KeptBack(InvoiceId("c-acme/2026-08"), "the invoice would have 1001 lines, 1000 fit"),)
    assert (amounts(fitted.lines), fitted.left_over) == (["99.00", "1.00"], ())


def test_an_invoice_has_room_for_no_more_lines_than_its_erp_takes() -> None:
    in_sap, august = replace(OWN, most=980), of("2026-08", *["0.01"] * 980)

    assert [one.why for one in fitting(in_sap, [august]).kept_back] == ["the invoice would have 981 lines, 980 fit"]
    assert fitting(OWN, [august]).kept_back == ()


TOGETHER = OwnLines(taking=(FEE,), without=(replace(FEE, amount=euros("95.00")),), together=True)


def test_what_is_settled_together_is_taken_whole() -> None:
    august, september = of("2026-08", "-50.00"), of("2026-09", "60.00")

    assert fitting(TOGETHER, [august, september]) == Fitted(
        lines=(FEE, *august.lines, *september.lines), adjusted=(august.adjusted, september.adjusted), kept_back=()
    )


def test_or_nothing_of_it_is_and_each_period_says_why() -> None:
    august, september = of("2026-08", "-50.00"), of("2026-09", "60.00")

    fitted = fitting(TOGETHER, [august, UNPRICED, september])

    with_it = "it is settled together with c-acme/2026-05"
    assert amounts(fitted.lines) == ["95.00"]
    assert fitted.kept_back == (
        UNPRICED,
        KeptBack(InvoiceId("c-acme/2026-08"), with_it),
        KeptBack(InvoiceId("c-acme/2026-09"), with_it),
    )
    assert (fitted.adjusted, fitted.left_over) == ((), ())


def test_a_credit_that_is_too_great_leaves_all_that_is_settled_with_it_over() -> None:
    august, september = of("2026-08", "-150.00"), of("2026-09", "1.00")

    fitted = fitting(TOGETHER, [august, september])

    assert amounts(fitted.lines) == ["95.00"]
    assert {one.why for one in fitted.kept_back} == {
        "the credit is too great: with it the invoice would come to -50.00 EUR of tax category standard"
    }
    assert fitted.left_over == (august, september)


def test_too_many_lines_are_settled_by_no_credit_note() -> None:
    fitted = fitting(TOGETHER, [of("2026-08", *["0.01"] * 1_000)])

    assert [one.why for one in fitted.kept_back] == ["the invoice would have 1001 lines, 1000 fit"]
    assert fitted.left_over == ()


def test_lines_of_its_own_that_come_to_less_than_nothing_are_no_matter_of_earlier_periods() -> None:
    below = replace(TOGETHER, taking=(replace(FEE, amount=euros("-1.00")),))

    assert amounts(fitting(below, []).lines) == ["-1.00"]


ORIGIN = DraftOrigin(
    tenant=TENANT, manifest=NOTHING_READ, catalog_version=CatalogVersion("v7"), prepared_by="bill-run-9"
)


def drafted(own: OwnLines, *earlier: PeriodAdjustment | KeptBack, issues: tuple[Issue, ...] = ()) -> Invoice:
    return draft_invoice(
        contract=replace(contract(), bill_to=CustomerId("holding")),
        billing_period=OCTOBER,
        own=own,
        issues=issues,
        origin=ORIGIN,
        earlier=earlier,
        revision=2,
        set_right=(Standing(invoice_id=InvoiceId("c-acme/2026-09"), revision=1),),
    )


def test_a_draft_has_what_it_takes_and_tells_what_it_cannot() -> None:
    taken, too_great = of("2026-09", "1.00"), of("2026-08", "-500.00")

    draft = drafted(OWN, taken, too_great, UNPRICED)

    assert (draft.state, draft.revision, draft.bill_to) == (InvoiceState.DRAFT, 2, "holding")
    assert (draft.tenant, draft.manifest, draft.catalog_version, draft.prepared_by) == (
        TENANT,
        NOTHING_READ,
        "v7",
        "bill-run-9",
    )
    assert (draft.net, draft.tax, draft.gross, draft.taxes) == (euros("100.00"), euros("0.00"), euros("100.00"), ())
    assert (draft.adjusted, draft.left_over) == ((taken.adjusted,), (too_great,))
    assert draft.set_right == (Standing(invoice_id=InvoiceId("c-acme/2026-09"), revision=1),)
    assert [issue.path for issue in draft.issues] == ["c-acme/2026-05", "c-acme/2026-08"]
    assert draft.issues[0] == as_issue(UNPRICED)


def test_without_a_line_there_is_nothing_to_bill_unless_something_is_at_fault() -> None:
    warning = Issue(severity=Severity.WARNING, code="FEE_NOT_PRORATED", message="active for a part")
    nothing = OwnLines(taking=(), without=())

    assert drafted(nothing, issues=(warning,)).state is InvoiceState.NOTHING_TO_BILL
    assert drafted(nothing, issues=(replace(warning, severity=Severity.CRITICAL),)).state is InvoiceState.DRAFT
    assert drafted(nothing).net.amount == Decimal(0)
    assert a_draft(calls(1)).bill_to is None
