"""What keeps an invoice from being issued, word for word: whoever mends it reads nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from shared.domain.currency_exchange.published_rates import RateMissing
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import ProductId
from shared.domain.invoicing.invoice import Adjustment, Invoice, InvoiceLine
from shared.domain.invoicing.validation import (
    MAX_LINES_PER_INVOICE,
    MAX_MESSAGE_LENGTH,
    exceptions_of,
    is_critical,
    limit_of,
    validate,
)
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.catalog import Contract, DimensionMapping, LegalEntity
from shared.domain.master_data.customer import Customer
from shared.domain.money import Money, currency
from shared.domain.posting.mapping_check import UnknownName
from shared.domain.vat_category import VatCategory
from tests.builders.billing import ACME, SECOND_OF_NOVEMBER, TENANT, a_draft, calls, contract, euros, nimbus
from tests.builders.tax import taxed

INVOICE = taxed(a_draft(calls(150)))  # 99.00 and 12.50, 21.19 of tax
FEE, CALLS = INVOICE.lines
(VAT,) = INVOICE.taxes
USD = currency("USD")


def told(
    invoice: Invoice,
    *,
    entity: LegalEntity | None = None,
    holds: Sequence[str] = (),
    unknown: Sequence[UnknownName] = (),
    agreed: Contract | None = None,
    buyer: Customer | None = None,
    rate: RateMissing | None = None,
) -> list[str]:
    """Return what is critical, each as `code at path: message`."""
    found = validate(
        invoice, entity=entity or nimbus(), holds=holds, unknown=unknown, contract=agreed, buyer=buyer, rate=rate
    )
    assert all(issue.severity is Severity.CRITICAL for issue in found)
    return [f"{issue.code} at {issue.path}: {issue.message}" for issue in found]


def with_totals(invoice: Invoice, *, net: str, tax: str = "0.00") -> Invoice:
    return replace(invoice, net=euros(net), tax=euros(tax), gross=euros(net) + euros(tax))


def in_netsuite(**changes: object) -> LegalEntity:
    entity = nimbus()
    return replace(entity, erp=replace(entity.erp, system="netsuite", **changes))  # type: ignore[arg-type]


def mapped(tax_codes: dict[str, str]) -> LegalEntity:
    return replace(nimbus(), erp=replace(nimbus().erp, tax_codes=tax_codes))


def mapped_to(system: str, **settings: str) -> LegalEntity:
    entity = nimbus()
    return replace(entity, erp=replace(entity.erp, system=system, settings=settings))


in_dynamics = partial(mapped_to, "dynamics_finance")
in_files = partial(mapped_to, "legacy_files")
in_fusion = partial(mapped_to, "oracle_fusion")
in_sap = partial(mapped_to, "sap_s4hana")
MAKES_CUSTOMERS = {"business_partner_grouping": "BP02"}


def test_each_hold_and_a_missing_rate_are_told() -> None:
    missing = RateMissing("no rate of EUR in CHF was published before 2026-11-02")

    assert told(INVOICE, holds=["a conflict", "a recount"], rate=missing) == [
        "USAGE_ON_HOLD at : the usage behind it is held: a conflict",
        "USAGE_ON_HOLD at : the usage behind it is held: a recount",
        "EXCHANGE_RATE_MISSING at : no rate of EUR in CHF was published before 2026-11-02",
    ]


def test_an_invoice_may_come_to_its_limit_and_no_cent_more() -> None:
    at_the_limit = replace(contract(), invoice_limit=euros("132.69"))
    below = replace(contract(), invoice_limit=euros("132.68"))

    assert told(INVOICE, agreed=at_the_limit) == []
    assert told(INVOICE, agreed=below) == [
        "INVOICE_OVER_LIMIT at : 132.69 EUR is over the limit of 132.68 EUR that one invoice of c-acme may come to"
    ]


def test_a_limit_is_the_contracts_own_or_that_of_its_legal_entity_in_its_currency() -> None:
    thousand = Money(Decimal(1000), USD)
    entity = replace(nimbus(), invoice_limits=(thousand, euros("500")))
    own = replace(contract(), invoice_limit=euros("50"))

    assert limit_of(contract(), entity, euros("1").currency) == euros("500")
    assert limit_of(None, entity, USD) == thousand
    assert limit_of(own, entity, euros("1").currency) == euros("50")
    assert limit_of(own, entity, USD) is None


def test_what_the_erp_has_no_name_for_is_told_by_its_kind() -> None:
    foreign = in_netsuite(products={FEE.product_id: "8400"}, tax_codes={}, currencies={"CHF": "3"})

    assert told(INVOICE, entity=foreign) == [
        "MAPPING_MISSING at erp: product api has no name in the netsuite of nimbus-de",
        "MAPPING_MISSING at erp: tax code DE-19 has no name in the netsuite of nimbus-de",
        "MAPPING_MISSING at erp: currency EUR has no name in the netsuite of nimbus-de",
    ]


def test_what_the_erp_was_found_not_to_know_is_told_where_the_invoice_names_it() -> None:
    of_api = UnknownName("product api", "8400")
    vat = UnknownName("tax code DE-19", "VAT19", is_closed=True)
    of_another, mended = UnknownName("product storage", "8420"), UnknownName("product platform", "8399")
    of_journals = UnknownName("receivable_account", "1400")

    assert told(INVOICE, unknown=[of_api, vat, of_another, mended, of_journals]) == [
        "MAPPING_MISSING at erp: product api: the ERP has no 8400, by the last check of the mapping",
        "MAPPING_MISSING at erp: tax code DE-19: VAT19 is closed in the ERP, by the last check of the mapping",
    ]


def test_two_rates_under_a_code_are_told_where_the_erp_knows_one() -> None:
    low = Decimal("0.16")
    lines = (FEE, replace(CALLS, tax_rate=low))
    taxes = (
        replace(VAT, base=euros("99.00"), amount=euros("18.81")),
        replace(VAT, base=euros("12.50"), amount=euros("2.00"), rate=low),
    )
    two_rates = with_totals(replace(INVOICE, lines=lines, taxes=taxes), net="111.50", tax="20.81")

    why = "the 2 rates of tax code DE-19 would be one in business_central, that of VAT19; give each rate a code"
    assert told(two_rates) == [f"MAPPING_MISSING at erp: {why}"]


def test_two_codes_of_two_rates_that_are_one_code_of_the_erp_are_told() -> None:
    low = Decimal("0.07")
    lines = (FEE, replace(CALLS, tax_code="DE-7", tax_rate=low))
    taxes = (
        replace(VAT, base=euros("99.00"), amount=euros("18.81")),
        replace(VAT, code="DE-7", base=euros("12.50"), amount=euros("0.88"), rate=low),
    )
    two_codes = with_totals(replace(INVOICE, lines=lines, taxes=taxes), net="111.50", tax="19.69")

    why = "the 2 rates of tax code DE-19 and DE-7 would be one in business_central, that of VAT; give each rate a code"
    assert told(two_codes, entity=mapped({"DE-19": "VAT", "DE-7": "VAT"})) == [f"MAPPING_MISSING at erp: {why}"]
    assert told(two_codes, entity=mapped({"DE-19": "VAT19", "DE-7": "VAT7"})) == []


def test_a_text_may_be_as_long_as_the_erp_takes() -> None:
    hundred, longer = (replace(FEE, description="x" * length) for length in (100, 101))

    assert told(replace(INVOICE, lines=(hundred, CALLS))) == []
    assert told(replace(INVOICE, lines=(longer, CALLS))) == [
        "TEXT_TOO_LONG at s-acme/base-fee: a description of 101 characters; business_central takes 100"
    ]
    assert (
        told(
            replace(INVOICE, lines=(longer, CALLS)),
            entity=replace(nimbus(), erp=in_netsuite(currencies={"EUR": "1"}).erp),
        )
        == []
    )


def test_a_line_that_is_not_its_parts_is_told_by_its_name() -> None:
    wrong = replace(CALLS, quantity=Decimal(149))

    assert told(replace(INVOICE, lines=(FEE, wrong))) == [
        "LINE_DOES_NOT_TIE at s-acme/api-calls: the amount is not its parts rounded"
    ]


def test_a_line_that_adjusts_is_its_parts_less_what_was_billed() -> None:
    billed = Adjustment(
        invoice_id=INVOICE.invoice_id, invoice_number=None, quantity=Decimal(100), amount=euros("10.00")
    )
    fifty_more = replace(CALLS, adjusts=billed, quantity=Decimal(50), amount=euros("2.50"))
    taxes = (replace(VAT, base=euros("101.50"), amount=euros("19.29")),)
    invoice = with_totals(replace(INVOICE, lines=(FEE, fifty_more), taxes=taxes), net="101.50", tax="19.29")

    assert told(invoice) == []
    assert told(replace(invoice, lines=(FEE, replace(fifty_more, quantity=Decimal(150))))) == [
        "LINE_DOES_NOT_TIE at s-acme/api-calls: the amount is not its parts rounded"
    ]


def test_a_tax_that_is_not_of_its_lines_is_told_with_its_figures() -> None:
    too_much = replace(VAT, amount=euros("21.20"))
    of_too_much = replace(VAT, base=euros("111.60"))

    assert told(with_totals(replace(INVOICE, taxes=(too_much,)), net="111.50", tax="21.20")) == [
        "TAX_DOES_NOT_TIE at : DE-19: 21.20 EUR on 111.50 EUR at 0.19 is not the tax of its lines, 111.50 EUR"
    ]
    assert told(replace(INVOICE, taxes=(of_too_much,))) == [
        "TAX_DOES_NOT_TIE at : DE-19: 21.19 EUR on 111.60 EUR at 0.19 is not the tax of its lines, 111.50 EUR"
    ]


def test_a_tax_of_another_category_is_none_of_the_lines() -> None:
    reverse = replace(VAT, vat_category=VatCategory.REVERSE_CHARGE)

    assert told(replace(INVOICE, taxes=(reverse,))) == [
        "TAX_DOES_NOT_TIE at : DE-19: 21.19 EUR on 111.50 EUR at 0.19 is not the tax of its lines, 0.00 EUR"
    ]


def test_a_code_whose_lines_are_not_taxed_is_told_and_lines_without_a_code_are_not() -> None:
    untaxed = with_totals(replace(INVOICE, taxes=()), net="111.50")
    without_a_code = replace(untaxed, lines=tuple(replace(line, tax_code="", tax_rate=None) for line in untaxed.lines))

    assert told(untaxed) == ["TAX_DOES_NOT_TIE at : DE-19: its lines are not taxed"]
    assert told(without_a_code) == []


def by_line(*taxes: str) -> Invoice:
    """Return the invoice as a tax engine that rounds each line has taxed it: exactly it would be 18.81 and 2.375."""
    lines = tuple(replace(line, tax=euros(tax)) for line, tax in zip(INVOICE.lines, taxes, strict=True))
    amount = sum((Decimal(tax) for tax in taxes), Decimal(0))
    taxed_by_line = replace(INVOICE, lines=lines, taxes=(replace(VAT, amount=euros(f"{amount:.2f}")),))
    return with_totals(taxed_by_line, net="111.50", tax=f"{amount:.2f}")


@pytest.mark.parametrize(
    ("of_fee", "of_calls", "ties"),
    [
        ("18.81", "2.38", True),
        ("18.80", "2.36", True),
        ("18.79", "2.36", True),  # 0.035 off: two lines may be off by two cents each
        ("18.78", "2.36", False),
        ("18.82", "2.40", True),
        ("18.83", "2.40", False),
    ],
)
def test_tax_that_an_engine_rounded_by_line_may_be_off_by_two_cents_a_line(
    of_fee: str, of_calls: str, *, ties: bool
) -> None:
    assert (told(by_line(of_fee, of_calls), entity=in_netsuite(currencies={"EUR": "1"})) == []) is ties


def test_tax_that_an_engine_rounded_by_line_needs_a_code_for_its_cents_where_the_erp_works_tax_out() -> None:
    invoice, entity = by_line("18.81", "2.37"), nimbus()  # of their sum it is 21.19
    with_code = replace(entity, erp=replace(entity.erp, settings={"no_tax_code": "NOVAT"}))

    (missing,) = told(invoice)
    assert missing.startswith("MAPPING_MISSING at erp: its tax is -0.01 EUR off what business_central works out")
    assert missing.endswith("takes only with the setting no_tax_code")
    assert told(invoice, entity=with_code) == []


def test_tax_is_that_of_each_line_rounded_where_the_erp_works_it_out_so() -> None:
    part = replace(FEE.parts[0], quantity=Decimal(1), unit_price=Decimal("0.03"), flat_amount=Decimal(0))
    three_cents = replace(FEE, parts=(part,), quantity=Decimal(1), precise_amount=part.unit_price, amount=euros("0.03"))
    lines = tuple(replace(three_cents, line_id=f"s-acme/fee-{number}") for number in range(3))
    small = replace(INVOICE, lines=lines, taxes=(replace(VAT, base=euros("0.09"), amount=euros("0.02")),))
    invoice = with_totals(small, net="0.09", tax="0.02")

    assert told(invoice, entity=mapped_to("oracle_fusion", tax_regime="DE-VAT")) == []
    assert told(INVOICE, entity=mapped_to("oracle_fusion")) == []
    why = "its tax is -0.01 EUR off what oracle_fusion works out, and takes only with the setting tax_regime"
    assert told(invoice, entity=mapped_to("oracle_fusion")) == [f"MAPPING_MISSING at erp: {why}"]


def test_tax_that_an_engine_rounded_by_line_is_the_sum_of_its_lines() -> None:
    invoice = by_line("18.81", "2.38")
    (vat,) = invoice.taxes
    a_cent_more = with_totals(replace(invoice, taxes=(replace(vat, amount=euros("21.20")),)), net="111.50", tax="21.20")

    assert len(told(a_cent_more)) == 1


@pytest.mark.parametrize("wrong", ["net", "tax", "gross"])
def test_totals_that_are_not_the_sums_are_told(wrong: str) -> None:
    assert told(replace(INVOICE, **{wrong: euros("1.00")})) == [  # type: ignore[arg-type]
        "TOTALS_DO_NOT_TIE at : the totals are not the sums of lines and taxes"
    ]


def test_a_total_below_zero_and_an_invoice_of_nothing_are_told() -> None:
    nothing = with_totals(replace(INVOICE, lines=(), taxes=()), net="0.00")

    assert told(nothing) == ["NO_LINES at : there is nothing to bill; a later bill run records that"]
    assert told(replace(nothing, gross=euros("-5.00"))) == [
        "TOTALS_DO_NOT_TIE at : the totals are not the sums of lines and taxes",
        "NEGATIVE_TOTAL at : a total of -5.00 EUR needs a credit note",
        "NO_LINES at : there is nothing to bill; a later bill run records that",
    ]


def of_so_many_lines(count: int) -> Invoice:
    free: InvoiceLine = replace(
        FEE, parts=(), quantity=Decimal(0), precise_amount=Decimal(0), amount=euros("0.00"), tax_code="", tax_rate=None
    )
    return with_totals(replace(INVOICE, lines=(free,) * count, taxes=()), net="0.00")


def test_an_invoice_has_a_thousand_lines_at_most() -> None:
    assert told(of_so_many_lines(MAX_LINES_PER_INVOICE)) == []
    assert told(of_so_many_lines(1001)) == ["TOO_MANY_LINES at : 1001 lines, 1000 fit"]


def test_an_invoice_has_no_more_lines_than_its_erp_takes() -> None:
    assert told(of_so_many_lines(980), entity=in_sap()) == []
    assert told(of_so_many_lines(981), entity=in_sap()) == ["TOO_MANY_LINES at : 981 lines, 980 fit"]
    assert told(of_so_many_lines(501), entity=in_sap(max_lines="500")) == ["TOO_MANY_LINES at : 501 lines, 500 fit"]


def test_a_purchase_order_and_a_name_may_be_as_long_as_the_erp_takes() -> None:
    ordered, named = replace(contract(), purchase_order="4" * 21), replace(ACME, name="A" * 81)

    assert told(INVOICE, agreed=ordered, buyer=named, entity=in_netsuite(currencies={"EUR": "1"})) == []
    assert told(INVOICE, agreed=contract(), buyer=ACME, entity=in_sap()) == []
    assert told(INVOICE, agreed=ordered, buyer=named) == []
    assert told(INVOICE, agreed=ordered, buyer=replace(ACME, name="A" * 101), entity=in_dynamics()) == [
        "TEXT_TOO_LONG at c-acme: a purchase order of 21 characters; dynamics_finance takes 20",
        "TEXT_TOO_LONG at acme: a customer's name of 101 characters; dynamics_finance takes 100",
    ]


def test_a_name_may_have_as_many_lines_as_the_erp_wraps_it_into() -> None:
    of_71_characters = "Arbeitsgemeinschaft Wasserversorgungsunternehmen Nordwestmecklenburg eG"
    of_80_characters = "A" * 80

    assert told(INVOICE, buyer=replace(ACME, name=of_80_characters), entity=in_sap(**MAKES_CUSTOMERS)) == []
    assert told(INVOICE, buyer=replace(ACME, name=of_71_characters), entity=in_sap(**MAKES_CUSTOMERS)) == [
        "TEXT_TOO_LONG at acme: a customer's name of 3 lines of 40 characters; sap_s4hana takes 2"
    ]


def test_what_is_told_of_a_customer_fits_wherever_the_mapping_has_it_created() -> None:
    long = replace(ACME, name="A" * 361, tax_id="8" * 21, email="a" * 71 + "@acme.example")
    too_long = "TEXT_TOO_LONG at acme: a customer's"
    number = f"{too_long} tax number of 21 characters"

    assert told(INVOICE, buyer=long)[1:] == [
        f"{number}; business_central takes 20",
        f"{too_long} email address of 84 characters; business_central takes 80",
    ]
    assert told(INVOICE, buyer=long, entity=in_sap(**MAKES_CUSTOMERS))[1:] == []
    numbered = in_sap(tax_number_category="0", **MAKES_CUSTOMERS)
    assert told(INVOICE, buyer=long, entity=numbered)[1:] == [f"{number}; sap_s4hana takes 20"]
    assert told(INVOICE, buyer=long, entity=in_sap(tax_number_category="0")) == []  # it only looks for it
    assert told(INVOICE, buyer=long, entity=in_fusion()) == []
    assert told(INVOICE, buyer=long, entity=in_fusion(customer_creation="/customers")) == [
        f"{too_long} name of 361 characters; oracle_fusion takes 360",
        f"{number}; oracle_fusion takes 20",
    ]


def test_a_text_has_no_character_that_the_files_of_its_erp_cannot_have() -> None:
    czech = replace(ACME, name="Žižkov s.r.o.")
    dashed = replace(INVOICE, lines=(replace(FEE, description="Platform, 9 € a seat"), CALLS))

    assert told(dashed, buyer=czech, entity=in_files()) == []
    assert told(INVOICE, buyer=ACME, entity=in_files(encoding="iso-8859-1")) == []
    assert told(dashed, buyer=czech, entity=in_files(encoding="iso-8859-1")) == [
        "NOT_IN_ENCODING at s-acme/base-fee: a description with '€', which cannot be written in iso-8859-1",
        "NOT_IN_ENCODING at acme: a customer's name with 'Ž', which cannot be written in iso-8859-1",
    ]


def test_a_number_is_no_longer_than_the_erp_takes_before_it_is_taken() -> None:
    german = replace(in_sap(), invoice_series="NIMBUS-DEUTSCHLAND-")
    of_fusion = replace(in_fusion(), invoice_series="NIMBUS-DEUTSCHLAND-")
    in_its_netsuite = replace(in_netsuite(currencies={"EUR": "1"}), invoice_series="N" * 40)
    numbering_itself = replace(in_fusion(numbering="erp"), invoice_series="NIMBUS-DEUTSCHLAND-")

    assert told(INVOICE, entity=replace(german, invoice_series="NIMBUS-AUSTRI")) != []
    assert told(INVOICE, entity=replace(german, invoice_series="NIMBUS-AUSTR")) == []
    assert told(INVOICE, entity=german) == [
        "TEXT_TOO_LONG at nimbus-de: a number of 25 characters; sap_s4hana takes 18"
    ]
    assert told(INVOICE, entity=of_fusion) == [
        "TEXT_TOO_LONG at nimbus-de: a number of 25 characters; oracle_fusion takes 20"
    ]
    assert told(INVOICE, entity=in_its_netsuite) == [
        "TEXT_TOO_LONG at nimbus-de: a number of 46 characters; netsuite takes 45"
    ]
    assert told(INVOICE, entity=replace(nimbus(), invoice_series="N" * 30)) == [
        "TEXT_TOO_LONG at nimbus-de: a number of 36 characters; business_central takes 35"
    ]
    assert told(INVOICE, entity=numbering_itself) == []


def test_a_dimension_without_a_place_in_the_erp_is_told_before_a_number_is_taken() -> None:
    def with_regions(entity: LegalEntity, field: str, **settings: str) -> LegalEntity:
        regions = {"region": DimensionMapping(field=field, values={ProductId("api"): "EU"})}
        return replace(entity, erp=replace(entity.erp, dimensions=regions, settings=settings))

    homeless = "MAPPING_MISSING at erp: dimension region"

    assert told(INVOICE, entity=with_regions(in_dynamics(), "Region")) == [
        f"{homeless} (dimension_order has no place for Region) has no name in the dynamics_finance of nimbus-de"
    ]
    assert told(INVOICE, entity=with_regions(in_dynamics(), "Region", dimension_order="CostCenter, Region")) == []
    assert told(INVOICE, entity=with_regions(in_fusion(), "SEGMENT3", account_combination="{account}"))[-1] == (
        f"{homeless} (account_combination has no place for SEGMENT3) has no name in the oracle_fusion of nimbus-de"
    )


def test_what_is_critical_among_warnings_stops_it() -> None:
    warning = Issue(severity=Severity.WARNING, code="FEE_NOT_PRORATED", message="")

    assert not is_critical((warning,))
    assert is_critical((warning, replace(warning, severity=Severity.CRITICAL)))


def test_an_exception_tells_whose_invoice_it_is_and_of_which_run() -> None:
    warning = Issue(severity=Severity.WARNING, code="FEE_NOT_PRORATED", message="active for a part")
    faults = tuple(
        Issue(severity=Severity.CRITICAL, code="NO_LINES", message=message, path=path)
        for message, path in (("nothing to bill", ""), ("no amount", "s-acme/calls"))
    )

    (record,) = exceptions_of(replace(INVOICE, issues=(warning, *faults)), raised_at=SECOND_OF_NOVEMBER)

    assert record == ExceptionRecord(
        exception_id=exception_id(ExceptionCode.INVOICE_INVALID, "c-acme/2026-10"),
        tenant=TENANT,
        code=ExceptionCode.INVOICE_INVALID,
        subject="c-acme/2026-10",
        message="nothing to bill; s-acme/calls: no amount",
        raised_at=SECOND_OF_NOVEMBER,
        detail={
            "revision": "1",
            "customer": "acme",
            "contract": "c-acme",
            "billing_period": "2026-10",
            "bill_run": INVOICE.prepared_by,
            "catalog_version": "v1",
            "faults": "2",
        },
    )


def test_an_exception_is_told_in_a_thousand_characters() -> None:
    long = Issue(severity=Severity.CRITICAL, code="PRICE_MISSING", message="x" * 2_000)

    (record,) = exceptions_of(replace(INVOICE, issues=(long,)), raised_at=SECOND_OF_NOVEMBER)

    assert record.message == "x" * MAX_MESSAGE_LENGTH
