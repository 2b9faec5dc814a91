from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.invoicing.credit_note import Credited, LinesCredit, ShareCredit, WholeCredit
from shared.domain.invoicing.crediting import CreditRefusedError, credited, is_complete
from shared.domain.invoicing.invoice import Invoice
from shared.domain.money import Money, currency, exact_sum, total
from shared.domain.vat_category import VatCategory
from tests.builders.credit_notes import EUR, a_line, an_issued_invoice, credited_one_by_one, of_lines

CURRENCIES = [currency(code) for code in ("JPY", "EUR", "KWD", "CLF")]  # 0, 2, 3 and 4 decimals


def eur(amount: str) -> Money:
    return Money(Decimal(amount), EUR)


def assert_sums_to(invoice: Invoice, notes: Sequence[Credited]) -> None:
    of = invoice.net.currency
    assert total((note.net for note in notes), of) == invoice.net
    assert total((note.gross for note in notes), of) == invoice.gross
    for tax in invoice.taxes:
        parts = [one for note in notes for one in note.taxes if (one.code, one.rate) == (tax.code, tax.rate)]
        assert total((one.amount for one in parts), of) == tax.amount
        assert total((one.base for one in parts), of) == tax.base


def test_a_whole_credit_is_the_invoice() -> None:
    invoice = an_issued_invoice(a_line("fee", "99.00"), a_line("calls", "12.34"), a_line("books", "8.00", rate="0.07"))

    whole = credited(invoice, [], WholeCredit())

    assert (whole.net, whole.tax, whole.gross) == (invoice.net, invoice.tax, invoice.gross)
    assert [line.line_id for line in whole.lines] == ["fee", "calls", "books"]
    assert is_complete(invoice, [whole])


def test_a_credit_is_taxed_at_the_rate_of_its_invoice_line() -> None:
    invoice = an_issued_invoice(a_line("fee", "99.00", rate="0.16"), a_line("books", "8.00", rate="0.05"))

    note = credited(invoice, [], of_lines(fee="10.00"))

    assert [(tax.code, tax.base, tax.amount) for tax in note.taxes] == [("VAT-16", eur("10.00"), eur("1.60"))]
    assert note.gross == eur("11.60")


def test_four_credit_notes_of_a_line_each_do_not_exceed_the_invoice_by_a_cent() -> None:
    """Lago, issue 2643: 8200 + 6900 + 10200 + 8200 cents of an invoice of 33499."""
    invoice = an_issued_invoice(
        *(a_line(name, net) for name, net in (("a", "68.33"), ("b", "68.33"), ("c", "57.50"), ("d", "85.00")))
    )

    notes = credited_one_by_one(
        invoice, [of_lines(a="68.33"), of_lines(c="57.50"), of_lines(d="85.00"), of_lines(b="68.33")]
    )

    assert [str(note.gross.amount) for note in notes] == ["82.00", "69.00", "102.00", "81.99"]
    assert_sums_to(invoice, notes)


def test_thirds_of_ten_euros_leave_the_cent_to_the_last_one() -> None:
    invoice = an_issued_invoice(a_line("fee", "10.00"))
    third = ShareCredit(Decimal(1) / 3)

    notes = [credited(invoice, [], third)]
    notes.append(credited(invoice, notes, third))
    notes.append(credited(invoice, notes, WholeCredit()))

    assert [str(note.gross.amount) for note in notes] == ["4.00", "4.00", "4.00"]
    assert [str(note.net.amount) for note in notes] == ["3.33", "3.33", "3.34"]
    assert_sums_to(invoice, notes)


def test_two_halves_of_an_odd_cent_are_the_whole() -> None:
    invoice = an_issued_invoice(a_line("fee", "0.05"), a_line("calls", "0.05"), a_line("storage", "0.05"))
    half = ShareCredit(Decimal("0.5"))

    first = credited(invoice, [], half)
    second = credited(invoice, [first], half)

    assert first.net == eur("0.08")  # half of 0.15, rounded once, not three times 0.03
    assert_sums_to(invoice, [first, second])


def test_tax_that_rounds_to_nothing_each_time_does_not_pile_up_until_the_last() -> None:
    invoice = an_issued_invoice(a_line("calls", "0.36"))  # 0.07 of tax; 0.004 on each 0.02

    notes = credited_one_by_one(invoice, [of_lines(calls="0.02")] * 18)

    assert_sums_to(invoice, notes)
    assert max(note.tax.amount for note in notes) == Decimal("0.01")


def test_tax_that_is_rounded_up_each_time_is_never_more_than_the_invoice_has() -> None:
    invoice = an_issued_invoice(a_line("calls", "0.36"))  # 0.07 of tax; 0.006 on each 0.03

    notes = credited_one_by_one(invoice, [of_lines(calls="0.03")] * 12)

    assert_sums_to(invoice, notes)
    assert min(note.tax.amount for note in notes) == 0


def test_a_tax_that_an_engine_has_rounded_line_by_line_comes_back_line_by_line() -> None:
    invoice = an_issued_invoice(
        a_line("fee", "10.00", rate="0.0825", tax="0.83"), a_line("calls", "10.00", rate="0.0825", tax="0.83")
    )

    notes = credited_one_by_one(
        invoice, [of_lines(fee="5.00"), of_lines(calls="10.00"), of_lines(fee="2.50"), WholeCredit()]
    )

    assert [str(note.tax.amount) for note in notes] == ["0.42", "0.83", "0.20", "0.21"]
    assert_sums_to(invoice, notes)


def test_a_discount_is_taken_back_with_what_it_lowered() -> None:
    invoice = an_issued_invoice(a_line("fee", "100.00"), a_line("discount", "-20.00"))

    note = credited(invoice, [], ShareCredit(Decimal("0.5")))

    assert [(line.line_id, str(line.amount.amount)) for line in note.lines] == [
        ("fee", "50.00"),
        ("discount", "-10.00"),
    ]
    assert note.gross == eur("48.00")


def test_more_than_is_left_of_a_line_is_refused() -> None:
    invoice = an_issued_invoice(a_line("fee", "99.00"), a_line("calls", "6.00"))
    earlier = [credited(invoice, [], of_lines(fee="40.00"))]

    with pytest.raises(CreditRefusedError, match=r"59.01 EUR of line fee, of which 59.00 EUR is left; 6.01"):
        credited(invoice, earlier, of_lines(fee="59.01", calls="6.01"))


def test_a_line_without_its_discount_is_more_than_was_charged() -> None:
    invoice = an_issued_invoice(a_line("fee", "100.00"), a_line("discount", "-20.00"), a_line("calls", "30.00"))

    with pytest.raises(CreditRefusedError, match=r"120.00 EUR taxed by VAT-20 at 0.20, of which 110.00 EUR is left"):
        credited(invoice, [], of_lines(fee="90.00", calls="30.00"))


def test_a_discount_alone_is_no_credit() -> None:
    invoice = an_issued_invoice(a_line("fee", "100.00"), a_line("discount", "-20.00"))

    with pytest.raises(CreditRefusedError, match=r"-20.00 EUR taxed by VAT-20 at 0.20, of which 80.00 EUR is left"):
        credited(invoice, [], of_lines(discount="-20.00"))


def test_a_credit_of_one_rate_that_leaves_less_than_nothing_of_the_invoice_is_refused() -> None:
    invoice = an_issued_invoice(a_line("fee", "100.00"), a_line("reclass", "-40.00", rate="0.05"))

    with pytest.raises(CreditRefusedError, match=r"it comes to 120.00 EUR, and 78.00 EUR is left of DE-000001"):
        credited(invoice, [], of_lines(fee="100.00"))


def test_a_base_beyond_what_its_rate_has_left_is_refused() -> None:
    invoice = an_issued_invoice(
        a_line("books", "50.00", rate="0.05"), a_line("coupon", "-40.00", rate="0.05"), a_line("fee", "100.00")
    )

    with pytest.raises(CreditRefusedError, match=r"50.00 EUR taxed by VAT-5 at 0.05, of which 10.00 EUR is left"):
        credited(invoice, [], of_lines(books="50.00"))


def test_what_is_left_is_told_after_earlier_credits() -> None:
    invoice = an_issued_invoice(a_line("fee", "100.00"), a_line("reclass", "-40.00", rate="0.05"))
    earlier = [credited(invoice, [], of_lines(fee="10.00"))]

    with pytest.raises(CreditRefusedError, match=r"^it comes to 108.00 EUR, and 66.00 EUR is left of DE-000001$"):
        credited(invoice, earlier, of_lines(fee="90.00"))


def test_a_base_is_held_against_what_earlier_credits_have_left_of_it() -> None:
    invoice = an_issued_invoice(a_line("fee", "100.00"), a_line("discount", "-20.00"))
    earlier = [credited(invoice, [], of_lines(fee="50.00"))]

    with pytest.raises(CreditRefusedError, match=r"^40.00 EUR taxed by VAT-20 at 0.20, of which 30.00 EUR is left"):
        credited(invoice, earlier, of_lines(fee="40.00"))


def test_lines_may_be_credited_against_each_other() -> None:
    invoice = an_issued_invoice(a_line("fee", "100.00"), a_line("discount", "-20.00"))

    note = credited(invoice, [], of_lines(fee="20.00", discount="-20.00"))

    assert (note.net, note.gross) == (eur("0.00"), eur("0.00"))


def test_every_fault_is_told() -> None:
    invoice = an_issued_invoice(a_line("fee", "99.00"), a_line("book", "5.00", rate="0.05"))
    discounted = an_issued_invoice(
        a_line("fee", "99.00"),
        a_line("less", "-90.00"),
        a_line("book", "5.00", rate="0.05"),
        a_line("free", "-4.00", rate="0.05"),
    )

    with pytest.raises(CreditRefusedError, match=r"^the invoice has no line seats; 1.001 EUR of line fee is no amount"):
        credited(invoice, [], of_lines(seats="1.00", fee="1.001"))
    with pytest.raises(CreditRefusedError, match=r"is left \(with what lowers it\); 5.00 EUR taxed by VAT-5 at 0.05"):
        credited(discounted, [], of_lines(fee="99.00", book="5.00"))


def test_nobody_is_credited_what_a_later_invoice_has_taken_off_and_no_less_than_nothing() -> None:
    invoice = an_issued_invoice(a_line("fee", "99.00"))

    partly = credited(invoice, [], WholeCredit(), lowered={"fee": eur("-40.00")})

    assert partly.net == eur("59.00")
    with pytest.raises(CreditRefusedError, match=r"1.00 EUR of line fee, of which 0.00 EUR is left"):
        credited(invoice, [], of_lines(fee="1.00"), lowered={"fee": eur("-100.00")})


def test_a_share_is_of_the_lines_of_every_rate_and_may_be_the_whole() -> None:
    invoice = an_issued_invoice(a_line("fee", "100.00"), a_line("books", "8.00", rate="0.05"))

    half, whole = (credited(invoice, [], ShareCredit(Decimal(share))) for share in ("0.5", "1"))

    assert [(line.line_id, line.amount) for line in half.lines] == [("fee", eur("50.00")), ("books", eur("4.00"))]
    assert whole.gross == invoice.gross


def test_a_line_is_credited_in_its_own_category_of_vat() -> None:
    reverse = replace(a_line("fee", "100.00", rate="0"), vat_category=VatCategory.REVERSE_CHARGE)
    invoice = an_issued_invoice(reverse)
    (tax,) = invoice.taxes
    of_category = replace(invoice, taxes=(replace(tax, vat_category=VatCategory.REVERSE_CHARGE),))

    (line,) = credited(of_category, [], WholeCredit()).lines

    assert line.vat_category is VatCategory.REVERSE_CHARGE


@pytest.mark.parametrize(
    ("credit", "why"),
    [
        (of_lines(seats="1.00"), "the invoice has no line seats"),
        (LinesCredit(of_lines(fee="1.00").amounts * 2), "line fee is named twice"),
        (of_lines(fee="1.001"), "1.001 EUR of line fee is no amount of EUR to its minor unit"),
        (of_lines(currency("USD"), fee="1.00"), "1.00 USD of line fee is no amount of EUR"),
        (of_lines(fee="-1.00"), "more than is left of DE-000001: -1.00 EUR of line fee"),
        (of_lines(fee="0.00"), "nothing is left of DE-000001 to credit"),
        (ShareCredit(Decimal(0)), "a share is more than 0 and at most 1, not 0"),
        (ShareCredit(Decimal("1.01")), "a share is more than 0 and at most 1, not 1.01"),
    ],
)
def test_what_is_no_credit_of_the_invoice_is_refused_in_words(credit: LinesCredit | ShareCredit, why: str) -> None:
    with pytest.raises(CreditRefusedError, match=why):
        credited(an_issued_invoice(a_line("fee", "99.00")), [], credit)


def test_nothing_is_left_of_an_invoice_that_is_credited_whole() -> None:
    invoice = an_issued_invoice(a_line("fee", "99.00"))
    whole = credited(invoice, [], WholeCredit())

    with pytest.raises(CreditRefusedError, match="nothing is left"):
        credited(invoice, [whole], WholeCredit())


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    of = draw(st.sampled_from(CURRENCIES))
    rates = st.sampled_from(["0.20", "0.19", "0.07", "0.0825", "0"])
    units = draw(st.lists(st.integers(-300, 100_000), min_size=1, max_size=6))
    lines = [
        a_line(f"line-{place}", str(Decimal(unit) * of.minor_unit), rate=draw(rates), of=of)
        for place, unit in enumerate(units)
    ]
    return an_issued_invoice(*lines)


@st.composite
def partial_credits(draw: st.DrawFn, invoice: Invoice, notes: Sequence[Credited]) -> ShareCredit | LinesCredit:
    if draw(st.booleans()):
        return ShareCredit(Decimal(draw(st.integers(1, 99))) / 100)
    asked = {}
    for line in draw(st.lists(st.sampled_from(invoice.lines), min_size=1, unique_by=lambda line: line.line_id)):
        before = exact_sum(one.amount.amount for note in notes for one in note.lines if one.line_id == line.line_id)
        left = int((line.amount.amount - before) / invoice.net.currency.minor_unit)
        asked[line.line_id] = str(draw(st.integers(min(left, 0), max(left, 0))) * invoice.net.currency.minor_unit)
    return of_lines(invoice.net.currency, **asked)


@given(data=st.data(), invoice=invoices())
def test_credit_notes_that_end_complete_sum_to_the_invoice_and_never_exceed_it(
    data: st.DataObject, invoice: Invoice
) -> None:
    notes: list[Credited] = []
    for _ in range(data.draw(st.integers(0, 5))):
        try:
            notes.append(credited(invoice, notes, data.draw(partial_credits(invoice, notes))))
        except CreditRefusedError:
            continue
        assert notes[-1].gross.amount >= 0
        assert total((note.gross for note in notes), invoice.gross.currency).amount <= invoice.gross.amount
    if invoice.gross.amount >= 0 and not is_complete(invoice, notes):
        notes.append(credited(invoice, notes, WholeCredit()))
        assert_sums_to(invoice, notes)


@given(data=st.data(), invoice=invoices())
def test_the_tax_of_what_is_credited_is_within_a_minor_unit_of_its_base_at_the_rate(
    data: st.DataObject, invoice: Invoice
) -> None:
    notes: list[Credited] = []
    for _ in range(4):
        try:
            notes.append(credited(invoice, notes, data.draw(partial_credits(invoice, notes))))
        except CreditRefusedError:
            continue
        for tax in invoice.taxes:
            taxes = [one for note in notes for one in note.taxes if (one.code, one.rate) == (tax.code, tax.rate)]
            so_far = total((one.base for one in taxes), tax.base.currency) * tax.rate
            off = total((one.amount for one in taxes), tax.base.currency) - so_far.rounded()
            assert abs(off.amount) <= tax.base.currency.minor_unit
