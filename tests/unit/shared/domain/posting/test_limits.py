"""What an ERP is not sent since it would refuse it."""

from dataclasses import replace

import pytest

from shared.domain.identifiers import ProductId
from shared.domain.master_data.catalog import DimensionMapping, ErpMapping
from shared.domain.posting.journal import Journal
from shared.domain.posting.limits import unfit
from shared.domain.posting.outcome import Rejected, RejectionKind
from shared.domain.posting.systems.oracle_fusion import ORACLE_FUSION
from shared.domain.posting.systems.registry import SYSTEMS
from tests.builders.billing import nimbus
from tests.builders.posting import a_document, a_journal

FUSION = replace(
    nimbus().erp,
    system="oracle_fusion",
    products={ProductId("api"): "API requests", ProductId("storage"): "Storage"},
    tax_codes={"VAT19": "DE19"},
    accounts={"unbilled": "1250", "revenue": "8400"},
    settings=dict.fromkeys((*ORACLE_FUSION.mapping.required_settings, *ORACLE_FUSION.mapping.journal_settings), "1"),
)
IN_DYNAMICS = replace(
    FUSION, system="dynamics_finance", settings={"customer_group": "30", "journal_name": "U2C", "no_tax_code": "A/B"}
)
BY_FILES = replace(FUSION, system="legacy_files", settings={})
IN_BUSINESS_CENTRAL = replace(FUSION, system="business_central", settings={})
EU = (("region", "EU"),)


def with_regions(mapping: ErpMapping, *, field: str, **settings: str) -> ErpMapping:
    """Return it with a dimension for the region, which all that the API brings is of the EU."""
    region = DimensionMapping(field=field, values={ProductId("api"): "EU"})
    return replace(mapping, dimensions={"region": region}, settings={**mapping.settings, **settings})


def with_text(text: str, *, header: str = "Accrual of October") -> Journal:
    first, second = a_journal().lines
    return replace(a_journal(), text=header, lines=(first, replace(second, text=text)))


def in_region(*, lines: int) -> Journal:
    """Return a journal of two lines whose first ones are of the EU."""
    journal = a_journal()
    of_eu = tuple(replace(line, dimensions=EU if line.line_no <= lines else ()) for line in journal.lines)
    return replace(journal, lines=of_eu)


def not_mapped(*names: str) -> Rejected:
    return Rejected(RejectionKind.MAPPING, "NOT_MAPPED", f"no mapping for {', '.join(names)}")


def of_lines(count: int) -> Journal:
    return replace(a_journal(), lines=a_journal().lines * (count // 2))


@pytest.mark.parametrize(("lines", "fits"), [(502, True), (1_000, True), (1_002, False)])
def test_a_journal_may_have_more_lines_than_an_invoice(lines: int, *, fits: bool) -> None:
    told = f"{lines} lines, 1000 fit"
    refused = Rejected(RejectionKind.VALIDATION, "TOO_MANY_LINES", told)

    assert unfit(of_lines(lines), FUSION, ORACLE_FUSION) == (None if fits else refused)
    assert unfit(replace(a_document(), lines=a_document().lines * 251), FUSION, ORACLE_FUSION) == Rejected(
        RejectionKind.VALIDATION, "TOO_MANY_LINES", "502 lines, 500 fit"
    )


def test_a_journal_has_a_longer_number_than_an_invoice_where_its_erp_takes_one() -> None:
    long = "accrual-of-october-2026"

    assert unfit(replace(a_journal(), human_number=long), FUSION, ORACLE_FUSION) is None
    assert unfit(replace(a_document(), human_number=long), FUSION, ORACLE_FUSION) == Rejected(
        RejectionKind.VALIDATION, "TEXT_TOO_LONG", "a number of 23 characters; oracle_fusion takes 20"
    )


def test_everything_that_does_not_fit_is_named_with_its_line() -> None:
    document = a_document()
    wide = tuple(replace(line, description="x" * 214) for line in document.lines)

    assert unfit(replace(document, lines=wide, purchase_order="4" * 51), FUSION, ORACLE_FUSION) == Rejected(
        RejectionKind.VALIDATION,
        "TEXT_TOO_LONG",
        "line 1: a description of 214 characters; oracle_fusion takes 213;"
        " line 2: a description of 214 characters; oracle_fusion takes 213;"
        " a purchase order of 51 characters; oracle_fusion takes 50",
    )


@pytest.mark.parametrize(
    ("mapping", "most"), [(IN_BUSINESS_CENTRAL, 88), (IN_DYNAMICS, 60), (FUSION, 240), (BY_FILES, 200)]
)
def test_a_line_of_a_journal_has_the_room_that_its_erp_leaves_for_texts(mapping: ErpMapping, most: int) -> None:
    system = SYSTEMS[mapping.system]
    told = f"line 2: a text of {most + 1} characters; {mapping.system} takes {most}"

    assert unfit(with_text("x" * most), mapping, system) is None
    assert unfit(with_text("x" * (most + 1)), mapping, system) == Rejected(
        RejectionKind.VALIDATION, "TEXT_TOO_LONG", told
    )


@pytest.mark.parametrize(("mapping", "most"), [(FUSION, 240), (BY_FILES, 100)])
def test_the_text_of_the_whole_journal_fits_where_its_erp_is_told_it(mapping: ErpMapping, most: int) -> None:
    system = SYSTEMS[mapping.system]
    told = f"a text of the whole of {most + 1} characters; {mapping.system} takes {most}"

    assert unfit(with_text("api", header="x" * most), mapping, system) is None
    assert unfit(with_text("api", header="x" * (most + 1)), mapping, system) == Rejected(
        RejectionKind.VALIDATION, "TEXT_TOO_LONG", told
    )
    assert unfit(with_text("api", header="x" * 500), IN_DYNAMICS, SYSTEMS["dynamics_finance"]) is None  # not told it


def test_the_text_of_the_whole_journal_can_be_written_in_the_encoding_of_its_files() -> None:
    in_latin = replace(BY_FILES, settings={"encoding": "iso-8859-1"})

    refused = unfit(with_text("api", header="9 € a seat"), in_latin, SYSTEMS["legacy_files"])

    assert refused is not None
    assert refused.code == "NOT_IN_ENCODING"


@pytest.mark.parametrize("mapping", [FUSION, IN_DYNAMICS])
def test_a_journal_needs_settings_that_an_invoice_does_not(mapping: ErpMapping) -> None:
    system = SYSTEMS[mapping.system]
    for name in system.mapping.journal_settings:
        lacking = replace(mapping, settings={key: text for key, text in mapping.settings.items() if key != name})

        assert unfit(a_journal(), lacking, system) == not_mapped(f"setting {name}")
        assert unfit(a_document(), lacking, system) is None


@pytest.mark.parametrize(
    ("mapping", "field", "setting", "place"),
    [
        (FUSION, "SEGMENT3", "account_combination", "{account}.{SEGMENT3:000}"),
        (IN_DYNAMICS, "Region", "dimension_order", "CostCenter, Region"),
    ],
)
def test_a_dimension_goes_nowhere_without_a_place_in_the_accounts_of_its_erp(
    mapping: ErpMapping, field: str, setting: str, place: str
) -> None:
    system = SYSTEMS[mapping.system]
    homeless = not_mapped(f"dimension region ({setting} has no place for {field})")
    elsewhere = place.replace(field, "SEGMENT4")
    document = replace(a_document(), lines=tuple(replace(line, dimensions=EU) for line in a_document().lines))
    mapping = replace(mapping, revenue_accounts={ProductId("api"): "8400", ProductId("storage"): "8410"})

    for settings in ({}, {setting: elsewhere}):
        without = with_regions(mapping, field=field, **settings)
        assert unfit(in_region(lines=1), without, system) == homeless
        assert unfit(document, without, system) == homeless
        assert unfit(a_document(), without, system) is None  # what it was issued without it needs not
    placed = with_regions(mapping, field=field, **{setting: place})
    assert unfit(in_region(lines=1), placed, system) is None
    assert unfit(document, placed, system) is None


def test_a_segment_without_a_default_is_named_by_every_line() -> None:
    bare = with_regions(FUSION, field="SEGMENT3", account_combination="{account}.{SEGMENT3}")
    api, storage = a_document().lines
    partly = replace(a_document(), lines=(replace(api, dimensions=EU), storage))
    missing = "SEGMENT3 (account_combination has nothing for lines without it)"

    assert unfit(a_journal(), bare, ORACLE_FUSION) == not_mapped(missing)
    assert unfit(in_region(lines=1), bare, ORACLE_FUSION) == not_mapped(missing)
    assert unfit(in_region(lines=2), bare, ORACLE_FUSION) is None
    assert unfit(a_document(), bare, ORACLE_FUSION) is None  # AutoAccounting finds the accounts of all its lines
    of_both = replace(bare, revenue_accounts={ProductId("api"): "8400", ProductId("storage"): "8410"})
    assert unfit(partly, of_both, ORACLE_FUSION) == not_mapped(missing)


def test_a_line_with_a_dimension_names_its_revenue_account_where_products_are_items() -> None:
    mapping = with_regions(FUSION, field="SEGMENT3", account_combination="{account}.{SEGMENT3:000}")
    api, storage = a_document().lines
    partly = replace(a_document(), lines=(replace(api, dimensions=EU), storage))

    assert unfit(partly, mapping, ORACLE_FUSION) == not_mapped("revenue account of api", "revenue account of storage")


def test_the_revenue_account_of_a_product_is_never_its_item() -> None:
    first, second = a_journal().lines
    journal = replace(a_journal(), lines=(first, replace(second, account="revenue=api")))
    named = replace(FUSION, revenue_accounts={ProductId("api"): "8400"})

    assert unfit(journal, FUSION, ORACLE_FUSION) == not_mapped("account revenue=api")
    assert unfit(journal, named, ORACLE_FUSION) is None
    assert unfit(journal, IN_DYNAMICS, SYSTEMS["dynamics_finance"]) is None  # its products name accounts


def test_a_value_of_a_dimension_is_one_that_its_field_takes() -> None:
    centres = with_regions(replace(BY_FILES, system="sap_s4hana", settings={"created_by": "U2C"}), field="ProfitCenter")
    files = with_regions(BY_FILES, field="dimension_1")
    first, second = a_journal().lines

    def of(region: str) -> Journal:
        return replace(a_journal(), lines=(replace(first, dimensions=(("region", region),)), second))

    assert unfit(of("E" * 11), centres, SYSTEMS["sap_s4hana"]) == not_mapped(
        "dimension region of 'EEEEEEEEEEE' (it is a text of at most 10 characters)"
    )
    assert unfit(of("E" * 10), centres, SYSTEMS["sap_s4hana"]) is None
    assert unfit(of("E" * 20), files, SYSTEMS["legacy_files"]) is None
    assert unfit(of("E" * 21), files, SYSTEMS["legacy_files"]) is not None
