"""Invoices voided among credit notes that correct them and credits that none could take: nothing is given twice."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import cast

from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.issue_credit_note.left_over import LeftOverCredited, LeftOverCreditor
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import InvoiceId, PostingId
from shared.domain.invoicing.credit_note import CreditPurpose, LineAmount, LinesCredit
from shared.domain.invoicing.crediting import CreditRefusedError
from shared.domain.invoicing.invoice import Invoice, InvoiceState, period_of
from shared.domain.posting.compose import posting_id
from shared.domain.rating.charge_models import PerUnit
from shared.domain.reconciliation.billed_before import taken_off
from shared.domain.reconciliation.cash import invoice_checks
from shared.domain.reconciliation.tie_out import Check, TieOut
from shared.domain.time_period import Period
from shared.ports.credit_notes import CreditNotes
from tests.builders.billing import (
    ACME,
    OCTOBER,
    SINCE_OCTOBER,
    calls,
    catalog,
    contract,
    euros,
    nimbus,
    plan,
    price,
    usage_charge,
)
from tests.fakes.crediting_world import CALLS, MONTHS, ONE_EURO_A_CALL, StoredExceptions
from tests.fakes.voiding_world import VoidingWorld

NOTHING_DONE = LeftOverCredited()
# Several credits of a few cents come to tax that Business Central would work out otherwise.
SELLER = replace(nimbus(), erp=replace(nimbus().erp, settings={"no_tax_code": "NOVAT"}))


class Months(VoidingWorld):
    """Acme's calls at one euro each; usage comes whenever a test says."""

    def __init__(self, active: Period = SINCE_OCTOBER) -> None:
        super().__init__()
        self.exceptions: StoredExceptions = StoredExceptions()
        self.publish(catalog(plans=[plan(ONE_EURO_A_CALL)], contracts=[contract(active=active)], entity=SELLER))

    def use(self, count: int, month: int = 0) -> None:
        self.usage.come_late(calls(count, at=MONTHS[month].start + timedelta(days=3)))

    def close(self, month: int, *, days: int = 2) -> None:
        """Run the bill run so many days after the month; its invoices are posted."""
        self.usage.sealed = max(self.usage.sealed or MONTHS[month].end, MONTHS[month].end)
        self.bill((MONTHS[month].end + timedelta(days=days)).replace(hour=6))
        for invoice in self.live():
            self.post(posting_id(invoice.invoice_id, invoice.revision))

    def credit_left_over(self) -> LeftOverCredited:
        self.clock.instant += timedelta(hours=1)
        creditor = LeftOverCreditor(issuer=self.issuer, open_exceptions=self.exceptions.store)
        return creditor.credit_all(self.clock.instant)

    def correct(self, month: int, line_id: str, amount: str, request_id: str = "by-hand") -> None:
        invoice = self.newest(month)
        asked = replace(
            self.asked(invoice.invoice_id, invoice.revision),
            request_id=request_id,
            credit=LinesCredit((LineAmount(line_id, euros(amount)),)),
            purpose=CreditPurpose.CORRECTION,
        )
        self.issuer.answer(asked)

    def correct_some(self, month: int, percent: int, request_id: str) -> None:
        """Correct the first line of an invoice by a share, as far as something is left of it."""
        invoice = self.newest(month)
        if not invoice.lines or invoice.number is None:
            return
        amount = (invoice.lines[0].amount * (Decimal(percent) / 100)).rounded()
        with suppress(CreditRefusedError):
            self.correct(month, invoice.lines[0].line_id, f"{amount.amount:f}", request_id)

    def void_month(self, month: int) -> None:
        self.void(name_of(month))

    def void_if_posted(self, month: int) -> None:
        if self.newest(month).state is InvoiceState.POSTED:
            with suppress(CreditRefusedError):  # nothing is left of it
                self.void_month(month)

    def void_what_bills_too_much(self) -> bool:
        """Void, as the exceptions ask for, what bills more of a month than it comes to now that it is billed anew."""
        beyond = {one.subject for one in self.exceptions.open.values() if one.code is ExceptionCode.INVOICE_INVALID}
        billing = [one for one in self.live() if any(period_of(line, one) in beyond for line in one.lines)]
        for invoice in billing:
            self.void(invoice.invoice_id)
        return bool(beyond)

    def newest(self, month: int) -> Invoice:
        return self.invoices.newest([name_of(month)])[name_of(month)]

    def checks(self) -> tuple[Check, ...]:
        """Return the tie-out's checks of everything that was ever issued."""
        every = list(self.invoices.every())
        notes = [stored.note for stored in self.invoices.credit_notes.values()]
        return invoice_checks([one for one in every if one.number is not None], taken_off(every, notes))

    def net_of(self, month: int) -> Decimal:
        """Return what all live documents, less their corrections, have of a month."""
        documents = self.invoices.documents([name_of(each) for each in range(len(MONTHS))]).values()
        live = [one for one in documents if one.invoice in self.live()]
        billed = ((line, one.invoice) for one in live for line in one.corrected().lines)
        return sum((line.amount.amount for line, on in billed if period_of(line, on) == name_of(month)), Decimal(0))


def name_of(month: int) -> InvoiceId:
    return InvoiceId(f"c-acme/{MONTHS[month].name}")


def sixty_left_over_of_october() -> Months:
    months = Months()
    months.use(100)
    months.close(0)
    months.use(-60)
    months.close(1)
    assert months.exceptions.kept_back() == ["c-acme/2026-10"]
    return months


def test_what_is_left_over_of_a_voided_invoice_is_not_credited_but_billed_anew() -> None:
    months = sixty_left_over_of_october()

    months.void_month(0)
    assert months.credit_left_over() == NOTHING_DONE
    months.close(1, days=3)

    assert months.newest(0).net == euros("40.00")
    assert months.exceptions.kept_back() == []
    assert months.credit_left_over() == NOTHING_DONE


class _VoidsFirst:
    """Credit notes of somebody who is overtaken: October is voided before the first of them is issued."""

    def __init__(self, months: Months) -> None:
        self._months = months

    def __getattr__(self, name: str) -> object:
        if name == "issue" and self._months.newest(0).state is InvoiceState.POSTED:
            self._months.void_month(0)
        return getattr(self._months.notes, name)


def test_what_is_voided_while_it_is_being_credited_is_billed_anew_and_nothing_else() -> None:
    months = sixty_left_over_of_october()
    overtaken = replace(months.issuer, notes=cast("CreditNotes", _VoidsFirst(months)))

    done = LeftOverCreditor(issuer=overtaken, open_exceptions=months.exceptions.store).credit_all(months.clock.now())
    months.close(1, days=3)

    assert (done.issued, len(done.refused)) == (0, 1)
    assert months.net_of(0) == Decimal(40)
    assert months.exceptions.kept_back() == []


def test_what_was_credited_before_a_void_is_not_reversed_again() -> None:
    months = sixty_left_over_of_october()
    months.credit_left_over()

    months.void_month(0)
    months.close(1, days=3)

    (credit, reversal) = months.notes.of_invoice(name_of(0), 1)
    assert (credit.credited.net, reversal.credited.net) == (euros("60.00"), euros("40.00"))
    assert months.net_of(0) == Decimal(40)


def test_of_what_an_invoice_has_left_over_only_the_rest_is_credited_after_one_of_its_months_was_billed_anew() -> None:
    months = Months()
    for month in range(2):
        months.use(100, month)
        months.close(month)
    for month in range(2):
        months.use(-60, month)
    months.close(2)
    assert months.exceptions.kept_back() == ["c-acme/2026-10", "c-acme/2026-11"]

    months.void_month(0)
    months.close(2, days=3)
    months.credit_left_over()

    assert [months.net_of(month) for month in range(2)] == [Decimal(40), Decimal(40)]
    assert months.newest(0).revision == 2
    assert months.notes.of_invoice(name_of(0), 2) == ()
    assert months.exceptions.kept_back() == []


def test_what_an_invoice_billed_anew_has_taken_is_not_credited_by_what_a_later_one_had_left_over() -> None:
    ends = Period(OCTOBER.start, MONTHS[2].end)
    months = Months(ends)
    months.use(100)
    months.close(0)
    months.use(30, 1)
    months.close(1)
    months.use(-60)
    months.close(2)
    assert months.exceptions.kept_back() == ["c-acme/2026-10"]

    months.void_month(1)
    months.use(70, 1)
    months.close(2, days=3)

    assert months.newest(1).net == euros("40.00")
    assert months.credit_left_over() == NOTHING_DONE
    assert [months.net_of(month) for month in range(2)] == [Decimal(40), Decimal(100)]
    assert months.exceptions.kept_back() == []


def test_what_was_left_over_by_a_bill_that_a_void_has_lowered_waits_for_the_invoice_to_be_billed_anew() -> None:
    months = Months()
    months.use(100)
    months.close(0)
    months.use(20)
    months.close(1)
    months.use(-50)
    months.close(2)

    months.void_month(1)
    assert months.credit_left_over() == NOTHING_DONE
    months.close(2, days=3)
    months.credit_left_over()

    assert months.net_of(0) == Decimal(70)
    assert [note.credited.net for note in months.notes.of_invoice(name_of(0), 1)] == [euros("30.00")]
    assert months.exceptions.kept_back() == []


def october_kept_back_by_november() -> Months:
    months = Months()
    months.use(100)
    months.close(0)
    months.use(-60)
    months.use(30, 1)
    months.close(1)
    assert months.exceptions.kept_back() == ["c-acme/2026-10"]
    return months


def test_what_a_voided_invoice_could_not_take_is_kept_back_no_more_once_it_is_on_the_new_one() -> None:
    months = october_kept_back_by_november()

    months.void_month(1)
    months.use(70, 1)
    months.close(2, days=3)

    assert [months.net_of(month) for month in range(2)] == [Decimal(40), Decimal(100)]
    assert months.exceptions.kept_back() == []


def test_what_a_voided_invoice_could_not_take_is_kept_back_no_more_once_its_own_month_is_billed_anew() -> None:
    months = october_kept_back_by_november()

    months.void_month(0)
    months.void_month(1)
    months.close(2, days=3)

    assert [months.net_of(month) for month in range(2)] == [Decimal(40), Decimal(30)]
    assert months.exceptions.kept_back() == []


def test_a_draft_that_has_to_wait_for_a_void_still_keeps_back_what_it_kept_back() -> None:
    months = Months()
    months.use(100)
    months.close(0)
    months.use(30, 1)
    months.close(1)
    months.use(-60)
    months.use(20, 2)
    months.holds.place(ACME.customer_id, "2026-12", "conflict")
    months.close(2)
    months.holds.release(ACME.customer_id, "2026-12", "conflict")

    months.void(name_of(1), posted=False)
    months.close(2, days=3)  # November's reversal is not posted yet: December takes nothing
    assert months.newest(2).net == euros("20.00")
    months.post(PostingId(f"{name_of(1)}/r1/credit/void"))
    months.use(70, 1)
    months.close(2, days=4)

    assert [months.net_of(month) for month in range(3)] == [Decimal(40), Decimal(100), Decimal(20)]
    assert months.exceptions.kept_back() == []


def test_a_correction_of_a_voided_invoice_counts_no_more_for_what_is_rated_after() -> None:
    months = Months()
    months.use(100)
    months.close(0)
    months.correct(0, CALLS, "30.00")
    months.close(1)  # usage does not confirm it: it is billed again
    assert months.net_of(0) == Decimal(100)

    months.void_month(0)
    months.close(1, days=3)
    assert months.net_of(0) == Decimal(100)
    months.use(5)
    months.close(2)

    assert months.exceptions.kept_back() == []
    assert months.net_of(0) == Decimal(105)


def test_a_correction_of_a_voided_adjustment_counts_no_more_for_what_is_rated_after() -> None:
    months = Months()
    months.close(0)
    months.use(20)
    months.use(11, 1)
    months.close(1)
    months.correct(1, f"{CALLS}@2026-10", "20.00")
    months.use(7)
    months.close(2)
    assert months.net_of(0) == Decimal(27)

    months.void_month(1)
    months.close(2, days=3)
    months.use(5)
    months.close(3)

    assert months.exceptions.kept_back() == []
    assert months.net_of(0) == Decimal(32)
    assert months.newest(0).state is InvoiceState.NOTHING_TO_BILL


def test_the_tie_out_knows_what_was_billed_less_what_was_corrected_of_it() -> None:
    months = Months()
    a_third_of_a_cent = usage_charge(price(PerUnit(Decimal("0.333"))))
    months.publish(catalog(plans=[plan(a_third_of_a_cent)], contracts=[contract()], entity=SELLER))
    months.use(10)
    months.close(0)
    months.correct(0, CALLS, "1.00")
    months.use(1)
    months.use(5, 1)
    months.close(1)  # 3.66 less 3.33, of which 1.00 was corrected

    assert TieOut(months.checks()).ties
    months.void_month(0)
    months.close(1, days=3)
    assert TieOut(months.checks()).ties


_ENOUGH = 10**6  # of the last month, which takes everything that is still owed, up or down


@dataclass(frozen=True, kw_only=True)
class Run:
    """A bill run: what is done to which earlier invoice before it, of how many percent, and usage: (month, count)."""

    done: tuple[tuple[str, int, int], ...] = ()
    usage: tuple[tuple[int, int], ...] = ()


@st.composite
def some_runs(draw: st.DrawFn) -> list[Run]:
    months = draw(st.integers(min_value=3, max_value=5))
    known, runs = [0] * months, []
    for run in range(months):
        done = st.tuples(
            st.sampled_from(["void", "correct", "left over"]), st.integers(0, run - 1), st.integers(1, 100)
        )
        usage = []
        for month, count in draw(st.lists(st.tuples(st.integers(0, run), st.integers(-100, 120)), max_size=4)):
            usage.append((month, max(count, -known[month])))
            known[month] += usage[-1][1]
        runs.append(Run(done=tuple(draw(st.lists(done, max_size=4)) if run else ()), usage=tuple(usage)))
    return runs


# January bills a cent of October's only call again, which usage had not confirmed to be too much. Once the call itself
# is taken back, October billed anew would come to a cent less than nothing: January has to be voided, too.
A_CENT_TOO_MUCH = [
    Run(usage=((0, 1),)),
    Run(),
    Run(),
    Run(done=(("correct", 0, 1),)),
    Run(done=(("void", 0, 1),), usage=((0, -1),)),
]
# By hand 0.01 and 0.02 of a call, each without tax, and then by itself 0.97, with a cent more tax than its own.
CENTS_BEFORE_THE_REST = [
    Run(usage=((0, 1),)),
    Run(usage=((0, -1),)),
    Run(done=(("correct", 0, 1), ("correct", 0, 2))),
    Run(done=(("left over", 0, 1),)),
]


@settings(deadline=None, max_examples=40)
@given(some_runs())
@example(A_CENT_TOO_MUCH)
@example(CENTS_BEFORE_THE_REST)
def test_whatever_is_voided_corrected_and_left_over_each_month_comes_to_its_usage(runs: list[Run]) -> None:
    last = len(runs) - 1
    runs = [*runs[:-1], replace(runs[-1], usage=(*runs[-1].usage, (last, _ENOUGH)))]
    months, used = Months(), [0] * len(runs)
    for number, run in enumerate(runs):
        for place, (what, month, percent) in enumerate(run.done):
            match what:
                case "void":
                    months.void_if_posted(month)
                case "correct":
                    months.correct_some(month, percent, f"by-hand-{number}-{place}")
                case _:
                    assert months.credit_left_over().refused == []
        for month, count in run.usage:
            months.use(count, month)
            used[month] += count
        months.close(number)
    months.close(last, days=3)
    for month in range(len(runs), len(MONTHS)):
        if not months.void_what_bills_too_much():
            break
        months.use(_ENOUGH, month)
        used.append(_ENOUGH)
        months.close(month)

    assert [months.net_of(month) for month in range(len(used))] == used
    assert TieOut(months.checks()).ties
    assert months.exceptions.open == {}
    assert months.credit_left_over() == NOTHING_DONE
