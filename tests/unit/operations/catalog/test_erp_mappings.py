"""A mapping that its ERP would refuse, or that no simulator could be started by, is a fault of the catalogue."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from operations.catalog.load import load_catalog
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.validation.erp_mappings import unusable_mapping
from shared.domain.posting.systems.netsuite import TAX_DETAIL
from shared.domain.posting.systems.registry import SYSTEMS
from tests.builders.erp_guides import demo_mapped_by, example
from tests.contract.erp.systems.every_system import under_test


def told(
    folder: Path, mapping: Mapping[str, Any], other: Mapping[str, Any] | None = None, **fields: object
) -> list[str]:
    """Return the faults of the demo's catalogue with its German entity mapped so, each with the text of its line."""
    result = load_catalog(demo_mapped_by(folder, mapping, other, **fields))
    if isinstance(result, Catalog):
        return []
    return [f"{one.code} {one.path}: {one.message} <- {_line(one.file, one.line)}" for one in result]


def _line(file: str, number: int) -> str:
    return Path(file).read_text(encoding="utf-8").splitlines()[number - 1].strip()


def in_yaml(text: str) -> str:
    return yaml.safe_dump(text, allow_unicode=True).partition("\n")[0]


def test_a_connection_is_one_to_one_erp(tmp_path: Path) -> None:
    at_once = {"connection": "nimbus-de/tryton"}

    (fault,) = told(tmp_path, example("tryton"), at_once)

    assert fault == (
        "INVALID_VALUE legal_entities[1].erp.connection: connection nimbus-de/tryton is named by an entity of another"
        " system: nimbus-de posts to tryton by it <- connection: nimbus-de/tryton"
    )


def test_several_companies_of_one_erp_share_its_connection(tmp_path: Path) -> None:
    assert told(tmp_path, example("netsuite"), {"connection": "nimbus-de/netsuite"}) == []


WRONG_COMPANIES = [
    ("business_central", "Nimbus DE", "its id, not its name, such as 5d1f2a9c-"),
    ("business_central", "5d1f2a9c7c1e4a559d1b3f0f6c0b8e21", "its id, not its name"),
    ("dynamics_finance", "Nimbus", "the id of the legal entity (dataAreaId), at most 4 letters and digits"),
    ("legacy_files", "NDE 1/x", "what stands in the names of files, at most 36 letters, digits, - and _"),
    ("legacy_files", "D" * 37, "what stands in the names of files, at most 36 letters"),
    ("netsuite", "nimbus-de", "the internal id of the subsidiary, a whole number"),
    ("sap_s4hana", "10 10", "the company code, at most 4 letters and digits"),
    ("tryton", "abc", "the id that Tryton shows, a whole number"),
    ("tryton", "٧", "the id that Tryton shows, a whole number"),  # noqa: RUF001 - of another script
    ("tryton", "07", "the id that Tryton shows, a whole number"),
]


@pytest.mark.parametrize(("system", "company", "right"), WRONG_COMPANIES)
def test_a_company_is_named_as_its_erp_names_companies(tmp_path: Path, system: str, company: str, right: str) -> None:
    (fault,) = told(tmp_path, example(system) | {"company": company})

    assert fault.startswith(f"INVALID_VALUE legal_entities[0].erp.company: company is {right}")
    assert fault.endswith(f"; not {company!r} <- company: {in_yaml(company)}")


@pytest.mark.parametrize(
    ("system", "company"),
    [
        ("business_central", "5D1F2A9C-7C1E-4A55-9D1B-3F0F6C0B8E21"),
        ("dynamics_finance", "DE01"),
        ("legacy_files", "nimbus-de_1" + "D" * 25),
        ("netsuite", "117"),
        ("oracle_fusion", "Nimbus & Söhne, Berlin (EUR)"),
        ("sap_s4hana", "DE10"),
        ("tryton", "1"),
    ],
)
def test_a_company_that_its_erp_may_have_is_none(tmp_path: Path, system: str, company: str) -> None:
    assert told(tmp_path, example(system) | {"company": company}) == []


@pytest.mark.parametrize(
    ("system", "series", "digits_fit_behind"),
    [
        ("sap_s4hana", "NIMBUS-DE-CN-", 12),
        ("oracle_fusion", "NIMBUS-BERLIN-CN", 14),
        ("legacy_files", "NIMBUS-DEUTSCHLAND-CREDIT-NOTES", 29),
    ],
)
def test_numbers_of_a_series_are_no_longer_than_its_erp_takes(
    tmp_path: Path, system: str, series: str, digits_fit_behind: int
) -> None:
    (fault,) = told(tmp_path, example(system), credit_note_series=series)

    path, most = "legal_entities[0].credit_note_series", digits_fit_behind + 6
    why = f"{series} and 6 digits are more than the {most} characters that {system} takes of a number"
    advice = f"say a credit_note_series of at most {digits_fit_behind}"
    assert fault == f"INVALID_VALUE {path}: {why}: {advice} <- credit_note_series: {series}"


def test_a_series_is_of_any_length_where_its_erp_numbers_by_itself(tmp_path: Path) -> None:
    fusion = example("oracle_fusion")
    by_itself = fusion | {"settings": fusion["settings"] | {"numbering": "erp"}}

    assert told(tmp_path, by_itself, invoice_series="NIMBUS-DEUTSCHLAND-") == []


def test_both_series_are_held_against_it_the_usual_one_of_credit_notes_too(tmp_path: Path) -> None:
    faults = told(tmp_path, example("sap_s4hana"), invoice_series="NIMBUS-DEUTSCHLAND-")

    assert [one.partition(" and ")[0] for one in faults] == [
        "INVALID_VALUE legal_entities[0].credit_note_series: NIMBUS-DEUTSCHLAND-CN-",
        "INVALID_VALUE legal_entities[0].invoice_series: NIMBUS-DEUTSCHLAND-",
    ]


SEGMENTS = ", ".join(f"SEGMENT{number}" for number in range(1, 31))


@pytest.mark.parametrize(
    ("system", "field", "fields"),
    [
        ("netsuite", "foo", "department, class, location"),
        ("sap_s4hana", "costcenter", "ProfitCenter, Segment, CostCenter, FunctionalArea"),
        ("legacy_files", "dimension_5", "dimension_1, dimension_2, dimension_3, dimension_4"),
        ("oracle_fusion", "SEGMENT31", SEGMENTS),
    ],
)
def test_a_dimension_goes_where_its_erp_has_dimensions(tmp_path: Path, system: str, field: str, fields: str) -> None:
    region = {"region": {"field": field, "products": {"api": "4"}}}

    (fault,) = told(tmp_path, example(system) | {"dimensions": region})

    path = "legal_entities[0].erp.dimensions.region.field"
    why = f"{field!r} is none of {fields}, where {system} has dimensions"
    assert fault == f"INVALID_VALUE {path}: {why} <- field: {field}"


def test_an_erp_without_dimensions_is_given_none(tmp_path: Path) -> None:
    region = {"region": {"field": "analytic_accounts", "products": {"api": "4"}}}

    (fault,) = told(tmp_path, example("tryton") | {"dimensions": region})

    path = "legal_entities[0].erp.dimensions.region"
    assert fault == f"INVALID_VALUE {path}: tryton takes no dimensions: leave region out <- region:"


def with_region(system: str, field: str, **settings: str) -> Mapping[str, Any]:
    """Return the guide's mapping with a dimension for the region, and further settings."""
    mapping, region = example(system), {"field": field, "products": {"api": "4"}}
    return mapping | {"dimensions": {"region": region}, "settings": mapping.get("settings", {}) | settings}


@pytest.mark.parametrize(
    ("system", "settings"),
    [("business_central", {}), ("dynamics_finance", {"dimension_order": "Kostenstelle,  Vertriebsregion "})],
)
def test_an_erp_whose_users_name_its_dimensions_takes_any(
    tmp_path: Path, system: str, settings: Mapping[str, str]
) -> None:
    assert told(tmp_path, with_region(system, "Vertriebsregion", **settings)) == []


IN_ORDER = "the dimensions of the display values, in their order, with commas between"
IN_SEGMENTS = "accounts as segments; {account} by default"


@pytest.mark.parametrize(
    ("system", "field", "settings", "why"),
    [
        ("dynamics_finance", "Region", {}, f"dimension_order has no place for 'Region': {IN_ORDER}"),
        ("dynamics_finance", "Region", {"dimension_order": "CostCenter, Regions"}, "dimension_order has no place for"),
        ("oracle_fusion", "SEGMENT3", {}, f"account_combination has no place for 'SEGMENT3': {IN_SEGMENTS}"),
        ("oracle_fusion", "SEGMENT3", {"account_combination": "{account}.{SEGMENT2:0}"}, "account_combination has no"),
    ],
)
def test_a_dimension_has_a_place_where_a_setting_gives_them_theirs(
    tmp_path: Path, system: str, field: str, settings: Mapping[str, str], why: str
) -> None:
    (fault,) = told(tmp_path, with_region(system, field, **settings))

    path = "legal_entities[0].erp.dimensions.region.field"
    assert fault.startswith(f"MAPPING_MISSING {path}: the setting {why}")
    assert fault.endswith(f" <- field: {field}")


@pytest.mark.parametrize(
    "combination", ["{account}.{SEGMENT3}", "{SEGMENT3:000}.{account:0}", "10.{account}.{SEGMENT3:}"]
)
def test_a_segment_of_an_account_is_such_a_place(tmp_path: Path, combination: str) -> None:
    assert told(tmp_path, with_region("oracle_fusion", "SEGMENT3", account_combination=combination)) == []


@pytest.mark.parametrize(
    ("system", "field", "value", "form"),
    [
        ("sap_s4hana", "ProfitCenter", "EMEA-BERLIN", "a text of at most 10 characters"),
        ("legacy_files", "dimension_1", "EMEA" * 6, "a text of at most 20 characters"),
        ("netsuite", "class", "EMEA", "an internal id, a whole number"),
    ],
)
def test_a_value_of_a_dimension_is_one_that_its_field_takes(
    tmp_path: Path, system: str, field: str, value: str, form: str
) -> None:
    mapping = example(system) | {"dimensions": {"region": {"field": field, "products": {"api": value}}}}

    (fault,) = told(tmp_path, mapping)

    path = "legal_entities[0].erp.dimensions.region.products.api"
    assert fault == f"INVALID_VALUE {path}: dimension region of api is {form}; not {value!r} <- api: {value}"


@pytest.mark.parametrize(("system", "most"), [("sap_s4hana", 10), ("legacy_files", 20)])
def test_an_account_is_no_longer_than_its_erp_takes(tmp_path: Path, system: str, most: int) -> None:
    mapping, long = example(system), "4" * (most + 1)
    products, accounts = mapping["products"] | {"api": long}, mapping["accounts"] | {"revenue": long}

    faults = told(tmp_path, mapping | {"tax_account": long, "products": products, "accounts": accounts})

    why = f"an account is a text of at most {most} characters; not {long!r}"
    places = [fault.partition(" <- ")[0] for fault in faults]
    assert places == [
        f"INVALID_VALUE legal_entities[0].erp.{place}: {why}"
        for place in ("tax_account", "products.api", "accounts.revenue")
    ]


OF_JOURNALS = [
    ("dynamics_finance", "journal_name", "name of the journal that journals are written under"),
    ("oracle_fusion", "data_access_set_id", "data access set that journals are imported with"),
    ("oracle_fusion", "journal_source", "name of the journal source"),
    ("oracle_fusion", "journal_source_id", "its key in the parameters of Import Journals"),
    ("oracle_fusion", "journal_category", "name of the journal category"),
]


@pytest.mark.parametrize(("system", "name", "meaning"), OF_JOURNALS)
def test_who_accrues_has_every_setting_that_journals_need_there(
    tmp_path: Path, system: str, name: str, meaning: str
) -> None:
    mapping = example(system)
    lacking = mapping | {"settings": {key: text for key, text in mapping["settings"].items() if key != name}}

    (fault,) = told(tmp_path, lacking, on_closed_period="accrue")

    why = f"on_closed_period: accrue needs the setting {name}: {meaning}"
    assert fault.startswith(f"MAPPING_MISSING legal_entities[0].erp.settings: {why} <- ")
    assert told(tmp_path / "without accruals", lacking) == []
    assert told(tmp_path / "with all of them", mapping, on_closed_period="accrue") == []


def test_who_accrues_leaves_no_segment_to_a_dimension_that_the_accrual_has_not(tmp_path: Path) -> None:
    bare = with_region("oracle_fusion", "SEGMENT3", account_combination="{account}.{SEGMENT3}")

    (fault,) = told(tmp_path, bare, on_closed_period="accrue")

    why = "on_closed_period: accrue books unbilled_receivables without dimensions"
    assert f"{why}, and account_combination has nothing for lines without SEGMENT3" in fault
    filled = with_region("oracle_fusion", "SEGMENT3", account_combination="{account}.{SEGMENT3:000}")
    assert told(tmp_path / "with a default", filled, on_closed_period="accrue") == []


NUMBER = "a whole number of at least one"
RENAMED = f"OURS=THEIRS of {', '.join(TAX_DETAIL)}, such as taxBasis=taxableAmount, taxRate=rate"
QUIET = "quiet_period_minutes is a whole number of minutes from "
STUCK = "stuck_after_minutes is a whole number of minutes from "
POLL = "poll_minutes is a whole number of minutes from 1 to 60"
GROUPS = "GROUP/ITEM GROUP, the sales tax group and the item sales tax group"
SEGMENTED = "segments with a place for {account}, such as 101.{account}.{SEGMENT3:000}"
MONTH = "a month (Mon, MON or MM) and a year (YY or YYYY), such as Mon-YY"

WRONG_SETTINGS = [
    ("business_central", "notices", "on", "'on' is none of yes, no"),
    ("dynamics_finance", "reference_field", "Voucher", "'Voucher' is none of CustomerReference, ExternalInvoiceId"),
    ("dynamics_finance", "journal_reference_field", "Text", "'Text' is none of IntegrationKey, Description"),
    ("dynamics_finance", "exchange_rate_units", "10", "'10' is none of 100, 1"),
    ("dynamics_finance", "credits_name_invoice", "true", "'true' is none of yes, no"),
    ("dynamics_finance", "package_lines", "abc", f"package_lines is {NUMBER}; not 'abc'"),
    ("dynamics_finance", "no_tax_code", "NONE", f"no_tax_code is {GROUPS}; not 'NONE'"),
    ("legacy_files", "file_format", "xml", "'xml' is none of csv, fixed"),
    ("legacy_files", "encoding", "ebcdic", "'ebcdic' is none of utf-8, iso-8859-1"),
    ("legacy_files", "line_end", "cr", "'cr' is none of crlf, lf"),
    (
        "legacy_files",
        "source",
        "usage-to-cash-of-acme",
        "source is what stands in the names of files, at most 20 letters, digits, - and _; not 'usage-to-cash-of-acme'",
    ),
    ("netsuite", "respond_async", "true", "'true' is none of yes, no"),
    ("netsuite", "department", "sales", "department is an internal id, a whole number; not 'sales'"),
    (
        "netsuite",
        "approval_status",
        "1",
        "approval_status is an internal id, a whole number, and not 1, Pending Approval; not '1'",
    ),
    (
        "netsuite",
        "tax_code_table",
        "item; --",
        "tax_code_table is the name of a table: letters, digits and _; not 'item; --'",
    ),
    ("oracle_fusion", "create_as", "Draft", "'Draft' is none of Incomplete, Complete"),
    ("oracle_fusion", "key_field", "abc", "'abc' is none of CrossReference, TransactionNumber"),
    ("oracle_fusion", "numbering", "fusion", "'fusion' is none of ours, erp"),
    ("oracle_fusion", "credit_memo_sign", "-", "'-' is none of negative, positive"),
    ("oracle_fusion", "ledger_id", "Main", "ledger_id is an id, a whole number; not 'Main'"),
    ("oracle_fusion", "customer_creation", "yes", "customer_creation is a path that begins with /; not 'yes'"),
    (
        "oracle_fusion",
        "account_combination",
        "101.{ACCOUNT}",
        f"account_combination is {SEGMENTED}; not '101.{{ACCOUNT}}'",
    ),
    (
        "netsuite",
        "tax_detail_fields",
        "basis=taxableAmount",
        f"tax_detail_fields is {RENAMED}; not 'basis=taxableAmount'",
    ),
    ("oracle_fusion", "period_format", "Mon", f"period_format is {MONTH}; not 'Mon'"),
    ("oracle_fusion", "units_list", "a:b:c", "units_list is RESOURCE:NAME; not 'a:b:c'"),
    ("oracle_fusion", "items_list", "memoLinesLOV", "items_list is RESOURCE:KEY:NAME; not 'memoLinesLOV'"),
    (
        "oracle_fusion",
        "dimensions_list",
        "sets:Value:Name",
        "dimensions_list is SEGMENT=RESOURCE:KEY:NAME, several with a semicolon between; not 'sets:Value:Name'",
    ),
    (
        "sap_s4hana",
        "created_by",
        "NIMBUS_U2C_POSTS",
        "created_by is a text of at most 12 characters; not 'NIMBUS_U2C_POSTS'",
    ),
    ("sap_s4hana", "journal_service", "sap/bc", "journal_service is a path that begins with /; not 'sap/bc'"),
    (
        "sap_s4hana",
        "lock_messages",
        "F2 042",
        "lock_messages is numbers of messages with their classes, such as 042(F2), 033(F2); not 'F2 042'",
    ),
    (
        "sap_s4hana",
        "mapping_classes",
        "265(KI)",
        "mapping_classes is classes of messages, such as KI, KM; not '265(KI)'",
    ),
    ("tryton", "calls_per_minute", "0", f"calls_per_minute is {NUMBER}; not '0'"),
    ("sap_s4hana", "quiet_period_minutes", "15", f"{QUIET}16, the adapter's own, to 1440; not '15'"),
    ("sap_s4hana", "quiet_period_minutes", "1441", f"{QUIET}16, the adapter's own, to 1440; not '1441'"),
    ("legacy_files", "quiet_period_minutes", "a day", f"{QUIET}1, the adapter's own, to 1440; not 'a day'"),
    ("dynamics_finance", "stuck_after_minutes", "239", f"{STUCK}240, the adapter's own, to 10080; not '239'"),
    ("legacy_files", "stuck_after_minutes", "1439", f"{STUCK}1440, the adapter's own, to 10080; not '1439'"),
    ("legacy_files", "stuck_after_minutes", "10081", f"{STUCK}1440, the adapter's own, to 10080; not '10081'"),
    ("oracle_fusion", "poll_minutes", "0", f"{POLL}; not '0'"),
    ("dynamics_finance", "poll_minutes", "61", f"{POLL}; not '61'"),
    ("sap_s4hana", "max_lines", "981", "max_lines is a whole number from 1 to 980, the adapter's own; not '981'"),
    ("sap_s4hana", "max_lines", "0", "max_lines is a whole number from 1 to 980, the adapter's own; not '0'"),
]


@pytest.mark.parametrize(("system", "name", "text", "why"), WRONG_SETTINGS)
def test_a_setting_says_what_its_erp_can_be_told(tmp_path: Path, system: str, name: str, text: str, why: str) -> None:
    mapping = example(system)
    settings = mapping.get("settings", {}) | {name: text}

    (fault,) = told(tmp_path, mapping | {"settings": settings})

    assert fault.startswith(f"INVALID_VALUE legal_entities[0].erp.settings.{name}: {why} <- {name}: ")


@pytest.mark.parametrize(
    ("system", "code", "right"),
    [
        ("dynamics_finance", "ARDE", GROUPS),
        ("dynamics_finance", "AR-DE/", GROUPS),
        ("netsuite", "VAT19", "an internal id, a whole number"),
        ("sap_s4hana", "A19", "a text of at most 2 characters"),
    ],
)
def test_a_tax_code_is_written_as_its_erp_has_tax_codes(tmp_path: Path, system: str, code: str, right: str) -> None:
    mapping = example(system)

    (fault,) = told(tmp_path, mapping | {"tax_codes": mapping["tax_codes"] | {"EXPORT": code}})

    path = "legal_entities[0].erp.tax_codes.EXPORT"
    assert fault == f"INVALID_VALUE {path}: tax code EXPORT is {right}; not {code!r} <- EXPORT: {code}"


@pytest.mark.parametrize(
    ("system", "settings"),
    [
        (
            "dynamics_finance",
            {"reference_field": "ExternalInvoiceId", "exchange_rate_units": "1", "credits_name_invoice": "no"},
        ),
        ("legacy_files", {"file_format": "csv", "encoding": "utf-8", "line_end": "crlf"}),
        ("netsuite", {"respond_async": "yes", "tax_code_table": "salesTaxItem", "department": "-3"}),
        (
            "oracle_fusion",
            {
                "account_combination": "101.{account:0000}.{SEGMENT3:000}",
                "period_format": "MM/YYYY",
                "units_list": "receivablesBusinessUnitsLOV:BusinessUnitName",
                "accounts_list": "valueSets/ACCOUNT/child/values:Value:Description",
                "dimensions_list": "SEGMENT2=a/child/values:Value:Name;SEGMENT3=b/child/values:Value:Name",
            },
        ),
        (
            "sap_s4hana",
            {
                "created_by": "NIMBUS_U2C_1",
                "lock_messages": "042(F2), 033(F2),601(/ABC/X)",
                "mapping_classes": "KI,/ABC/X",
            },
        ),
        ("tryton", {"concurrency": "2", "calls_per_minute": "060"}),
        ("dynamics_finance", {"quiet_period_minutes": "16", "max_lines": "5000"}),
        ("netsuite", {"quiet_period_minutes": "1440", "max_lines": "1", "approval_status": "12"}),
        ("dynamics_finance", {"stuck_after_minutes": "240", "poll_minutes": "60"}),
        ("legacy_files", {"stuck_after_minutes": "10080", "poll_minutes": "1"}),
        ("netsuite", {"tax_detail_fields": "taxBasis=taxableAmount,taxRate=rate"}),
    ],
)
def test_what_an_erp_can_be_told_is_no_fault(tmp_path: Path, system: str, settings: Mapping[str, str]) -> None:
    mapping = example(system)

    assert told(tmp_path, mapping | {"settings": mapping.get("settings", {}) | settings}) == []


@pytest.mark.parametrize("system", sorted(SYSTEMS))
def test_the_mapping_that_every_erp_is_tried_with_has_no_fault(system: str) -> None:
    assert list(unusable_mapping("erp", under_test(system).mapping)) == []
