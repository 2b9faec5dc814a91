"""Catalogue folders load exactly as written, and every fault is named by file, line and path at once."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from operations.catalog.fault import CatalogFault
from operations.catalog.load import NAMES, load_catalog
from shared.contracts.catalog import catalog_sections, read_catalog
from shared.domain.identifiers import ProductId
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.payment_terms import NetDays
from shared.domain.rating.charge_models import Flat, Graduated
from tests.fakes.catalog_folder import FILES, spoil, write_catalog

DEMO = Path(__file__).parents[4] / "events" / "scenarios" / "demo"


def loaded(*folders: Path) -> Catalog:
    catalog = load_catalog(*folders)
    assert isinstance(catalog, Catalog), "\n".join(map(str, catalog))
    return catalog


def faults_of(*folders: Path) -> tuple[CatalogFault, ...]:
    result = load_catalog(*folders)
    assert isinstance(result, tuple)
    return result


def test_a_sound_folder_is_a_catalog(tmp_path: Path) -> None:
    catalog = loaded(write_catalog(tmp_path))

    assert catalog.tenant == "nimbus"
    assert [customer.subjects for customer in catalog.customers] == [("acme", "acme-production"), ("chandra",)]
    assert catalog.legal_entities[0].invoice_series == "NIMBUS-US-"
    assert catalog.contracts[0].payment_terms == NetDays(30)
    assert catalog.products[0].tax_category == "standard"


def test_a_contract_may_have_a_grace_of_its_own(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    spoil(tmp_path, file="legal_entities.yaml", old="  approval:\n", new="  draft_grace_hours: 72\n  approval:\n")
    spoil(tmp_path, file="contracts.yaml", old="  customer: acme\n", new="  customer: acme\n  draft_grace_hours: 0\n")

    catalog = loaded(tmp_path)

    of_entity = catalog.legal_entities[0]
    assert [one.drafted_after(of_entity) for one in catalog.contracts] == [timedelta(0), timedelta(hours=72)]
    assert read_catalog(catalog_sections(catalog)) == catalog


def test_dates_of_a_contract_are_midnights_of_the_customers_zone(tmp_path: Path) -> None:
    new_york, kolkata = loaded(write_catalog(tmp_path)).contracts

    assert new_york.active.start == datetime(2026, 1, 1, 5, tzinfo=UTC)
    assert kolkata.active.start == datetime(2025, 12, 31, 18, 30, tzinfo=UTC)
    assert kolkata.subscriptions[0].active.start == datetime(2026, 1, 31, 18, 30, tzinfo=UTC)


def test_a_subscription_inherits_the_time_of_its_contract(tmp_path: Path) -> None:
    contract = loaded(write_catalog(tmp_path)).contracts[0]

    assert contract.subscriptions[0].active == contract.active


def test_no_number_passes_a_float(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    spoil(tmp_path, file="price_book.yaml", old="149.00", new="0.100000000000000001")

    price = loaded(tmp_path).plans[0].charges[0].prices[0]

    assert price.model == Flat(Decimal("0.100000000000000001"))


def test_a_number_keeps_every_digit_that_it_may_have(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    longest = "123456789012345.123456789012345678"
    spoil(tmp_path, file="price_book.yaml", old="149.00", new=longest)

    assert loaded(tmp_path).plans[0].charges[0].prices[0].model == Flat(Decimal(longest))


def test_words_that_yaml_takes_for_truths_stay_words(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    spoil(tmp_path, file="customers.yaml", old="country: US", new="country: NO")

    assert loaded(tmp_path).customers[0].country == "NO"


def test_a_price_starts_on_its_day_in_every_customers_calendar(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    spoil(tmp_path, file="price_book.yaml", old="valid_until: 2026-07-01}", new="valid_from: 2026-01-01}")
    spoil(
        tmp_path,
        file="price_book.yaml",
        old="        - {currency: USD, flat: 159.00, valid_from: 2026-07-01}\n",
        new="",
    )

    loaded(tmp_path)  # though 1 January starts earlier in Kolkata


def test_the_same_catalog_can_be_written_in_json(tmp_path: Path) -> None:
    as_yaml = loaded(write_catalog(tmp_path / "yaml"))
    (tmp_path / "json").mkdir()
    for name, text in FILES.items():
        tree = yaml.load(text, yaml.BaseLoader)
        (tmp_path / "json" / name.replace("yaml", "json")).write_text(json.dumps(tree, indent="\t"))

    assert loaded(tmp_path / "json") == as_yaml


def test_json_escapes_beyond_the_basic_plane_are_characters(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    (tmp_path / "tenant.yaml").unlink()
    (tmp_path / "tenant.json").write_text(json.dumps({"id": "nimbus", "name": "Nimbus ☁\U0001f680"}))

    assert loaded(tmp_path).name == "Nimbus ☁\U0001f680"


def test_several_buyers_of_a_tax_rate_are_several_rates(tmp_path: Path) -> None:
    rates = loaded(write_catalog(tmp_path)).tax_rates

    assert [rate.buyer_country for rate in rates] == ["US", "*"]


def test_a_second_folder_adds_entries(tmp_path: Path) -> None:
    base = write_catalog(tmp_path / "base")
    more = tmp_path / "more"
    more.mkdir()
    (more / "customers.yaml").write_text("- {id: wayne, name: Wayne Enterprises, country: US}\n")

    assert [customer.customer_id for customer in loaded(base, more).customers] == ["acme", "chandra", "wayne"]


def test_a_fault_of_a_second_folder_is_named_where_it_is(tmp_path: Path) -> None:
    base = write_catalog(tmp_path / "base")
    more = tmp_path / "more"
    more.mkdir()
    (more / "customers.yaml").write_text("\n\n- {id: acme, name: Another ACME, country: US}\n")

    (fault,) = faults_of(base, more)

    assert (fault.file, fault.line, fault.path, fault.code) == (
        str(more / "customers.yaml"),
        3,
        "customers[0]",
        "DUPLICATE_ID",
    )


@dataclass(frozen=True, kw_only=True)
class Spoiled:
    """A change to the sound catalogue, the code it must give, and the text on the line where it must be named."""

    file: str
    old: str
    new: str
    code: str
    on: str
    in_file: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.new.strip()[:40]}"


SPOILED = [
    # one value
    Spoiled(file="customers", old="  country: US\n", new="", code="VALUE_MISSING", on="- id: acme"),
    Spoiled(file="customers", old="country: US", new="country: USA", code="INVALID_VALUE", on="country: USA"),
    Spoiled(file="customers", old="country: US", new="contry: US", code="KEY_UNKNOWN", on="contry: US"),
    Spoiled(file="customers", old="id: acme", new="id: acme#1", code="INVALID_VALUE", on="id: acme#1"),
    Spoiled(
        file="price_book", old="id: base-fee", new="id: base-fee@2026-03", code="INVALID_VALUE", on="base-fee@2026"
    ),
    Spoiled(file="customers", old="America/New_York", new="America/Gotham", code="UNKNOWN_TIME_ZONE", on="Gotham"),
    Spoiled(
        file="customers", old="  country: US", new="  country: US\n  country: DE", code="KEY_TWICE", on="country: DE"
    ),
    Spoiled(file="contracts", old="currency: USD", new="currency: USX", code="UNKNOWN_CURRENCY", on="USX"),
    Spoiled(
        file="contracts",
        old="valid_until: 2027-01-01",
        new="valid_until: 2025-01-01",
        code="PERIOD_REVERSED",
        on="id: c-acme",
    ),
    Spoiled(
        file="contracts",
        old="valid_from: 2026-01-01",
        new="valid_from: 2026-02-30",
        code="INVALID_VALUE",
        on="2026-02-30",
    ),
    *(
        Spoiled(file="contracts", old="valid_from: 2026-01-01", new=f"valid_from: {far}", code="INVALID_VALUE", on=far)
        for far in ("0001-01-01", "0001-01-01T05:00:00Z", "9999-12-31T23:45:00Z")
    ),
    Spoiled(
        file="contracts",
        old="valid_from: 2026-01-01",
        new="valid_from: 2026-01-01T00:00:00",
        code="INVALID_VALUE",
        on="01T00",
    ),
    Spoiled(
        file="contracts",
        old="valid_from: 2026-01-01",
        new="valid_from: 2026-01-01T00:10:00Z",
        code="NOT_ON_WINDOW_EDGE",
        on="T00:10",
    ),
    Spoiled(file="price_book", old="149.00", new="-1", code="NEGATIVE_AMOUNT", on="flat: -1"),
    Spoiled(file="price_book", old="149.00", new="NaN", code="NOT_A_NUMBER", on="NaN"),
    Spoiled(file="price_book", old="149.00", new="1,50", code="KEY_UNKNOWN", on="flat: 1,50"),
    Spoiled(file="price_book", old="149.00", new="1e400", code="INVALID_VALUE", on="1e400"),
    Spoiled(file="price_book", old="149.00", new="Infinity", code="NOT_A_NUMBER", on="Infinity"),
    Spoiled(file="price_book", old="149.00", new=".inf", code="NOT_A_NUMBER", on=".inf"),
    Spoiled(
        file="price_book", old="149.00", new="0.1234567890123456789", code="INVALID_VALUE", on="0.1234567890123456789"
    ),
    Spoiled(
        file="price_book", old="flat: 149.00", new="flat: 149.00, per_unit: 1", code="INVALID_VALUE", on="per_unit: 1"
    ),
    Spoiled(
        file="price_book", old="flat: 149.00", new="per_unit: 149.00", code="MODEL_DOES_NOT_FIT", on="per_unit: 149"
    ),
    Spoiled(
        file="price_book",
        old="up_to: 500",
        new="up_to: 100",
        code="TIERS_OUT_OF_ORDER",
        on="up_to: 100, unit_price: 0.05",
    ),
    Spoiled(
        file="price_book",
        old="{unit_price: 0.025}",
        new="{up_to: 900, unit_price: 0.025}",
        code="TIERS_OUT_OF_ORDER",
        on="graduated:",
    ),
    Spoiled(
        file="price_book", old="{up_to: 100, unit", new="{unit", code="TIERS_OUT_OF_ORDER", on="- {unit_price: 0.10}"
    ),
    Spoiled(file="tax_rates", old="rate: 0", new="rate: 19", code="INVALID_VALUE", on="rate: 19"),
    Spoiled(
        file="tax_rates",
        old="rate: 0",
        new="rate: 0, valid_from: 2020-01-01T00:01:00Z",
        code="NOT_ON_WINDOW_EDGE",
        on="00:01",
    ),
    Spoiled(file="meters", old="aggregation: count", new="aggregation: median", code="INVALID_VALUE", on="median"),
    Spoiled(
        file="meters",
        old="aggregation: count",
        new="aggregation: count, filter: region = 'eu'",
        code="INVALID_EXPRESSION",
        on="filter: region",
    ),
    Spoiled(
        file="meters",
        old="aggregation: count",
        new="aggregation: count, quantity: region == 'eu'",
        code="INVALID_EXPRESSION",
        on="quantity: region",
    ),
    Spoiled(
        file="legal_entities", old="system: netsuite", new="system: sap", code="UNKNOWN_ERP_SYSTEM", on="system: sap"
    ),
    Spoiled(
        file="legal_entities",
        old="    approver: dana@nimbus.example\n",
        new="",
        code="APPROVER_MISSING",
        on="approval:",
    ),
    Spoiled(file="legal_entities", old="{USD: 5000}", new="{USX: 5000}", code="UNKNOWN_CURRENCY", on="USX: 5000"),
    # texts that an ERP would refuse once the invoice has its number
    Spoiled(
        file="contracts",
        old="  customer: chandra\n",
        new=f"  customer: chandra\n  purchase_order: {'P' * 36}\n",
        code="INVALID_VALUE",
        on="P" * 36,
    ),
    Spoiled(file="customers", old="Chandra Analytics", new="Chandra " * 11, code="INVALID_VALUE", on="Chandra Chandra"),
    Spoiled(
        file="customers",
        old="  time_zone: Asia/Kolkata\n",
        new=f"  time_zone: Asia/Kolkata\n  email: {'a' * 80}@chandra.example\n",
        code="INVALID_VALUE",
        on="@chandra.example",
    ),
    # values that contradict each other
    Spoiled(file="customers", old="id: chandra", new="id: acme", code="DUPLICATE_ID", on="- id: acme\n  name: Chandra"),
    Spoiled(file="products", old="id: platform", new="id: api", code="DUPLICATE_ID", on="name: API requests"),
    Spoiled(
        file="contracts",
        old="id: c-chandra",
        new="id: c-acme",
        code="DUPLICATE_ID",
        on="- id: c-acme\n  customer: chandra",
    ),
    Spoiled(
        file="price_book",
        old="id: api-calls",
        new="id: base-fee",
        code="DUPLICATE_ID",
        on="- id: base-fee\n      product: api",
    ),
    Spoiled(
        file="customers",
        old="Asia/Kolkata",
        new="Asia/Kolkata\n  subjects: [acme-production]",
        code="SUBJECT_CLAIMED_TWICE",
        on="subjects: [acme-production]\n",
        in_file="last",
    ),
    Spoiled(file="contracts", old="customer: acme", new="customer: acne", code="UNKNOWN_REFERENCE", on="acne"),
    Spoiled(
        file="contracts",
        old="legal_entity: nimbus-us",
        new="legal_entity: nimbus",
        code="UNKNOWN_REFERENCE",
        on="legal_entity: nimbus\n",
    ),
    Spoiled(file="contracts", old="plan: growth", new="plan: grow", code="UNKNOWN_REFERENCE", on="plan: grow}"),
    Spoiled(file="price_book", old="meter: api_calls", new="meter: calls", code="UNKNOWN_REFERENCE", on="meter: calls"),
    Spoiled(file="price_book", old="product: api", new="product: apis", code="UNKNOWN_REFERENCE", on="product: apis"),
    Spoiled(
        file="price_book",
        old="meter: api_calls",
        new="meter: api_calls\n      match: {zone: eu}",
        code="UNKNOWN_REFERENCE",
        on="zone: eu",
    ),
    Spoiled(file="legal_entities", old="api:", new="apis:", code="UNKNOWN_REFERENCE", on="apis:"),
    Spoiled(file="legal_entities", old="US-EXEMPT:", new="US-EXAMPLE:", code="UNKNOWN_REFERENCE", on="US-EXAMPLE"),
    Spoiled(
        file="contracts",
        old="valid_from: 2026-02-01",
        new="valid_from: 2025-02-01",
        code="PERIODS_CONTRADICT",
        on="id: s-chandra",
    ),
    Spoiled(
        file="price_book",
        old="flat: 159.00, valid_from: 2026-07-01",
        new="flat: 159.00, valid_from: 2026-06-01",
        code="OVERLAPPING_PRICES",
        on="159.00",
    ),
    Spoiled(file="tax_rates", old='"*"', new="US", code="OVERLAPPING_TAX_RATES", on="US-EXEMPT"),
    Spoiled(
        file="contracts",
        old="- {id: s-acme, plan: growth}",
        new="- {id: s-acme, plan: growth}\n    - {id: s-again, plan: growth}",
        code="METER_CHARGED_TWICE",
        on="s-again",
    ),
    Spoiled(
        file="contracts", old="customer: chandra", new="customer: acme", code="METER_CHARGED_TWICE", on="id: s-chandra"
    ),
    Spoiled(
        file="contracts",
        old="currency: USD",
        new="currency: EUR",
        code="PRICE_MISSING",
        on="prices:",
        in_file="price_book",
    ),
    Spoiled(
        file="price_book",
        old="flat: 159.00, valid_from: 2026-07-01",
        new="flat: 159.00, valid_from: 2026-08-01",
        code="PRICE_MISSING",
        on="prices:",
    ),
    Spoiled(
        file="contracts",
        old="currency: USD",
        new="currency: EUR",
        code="MAPPING_MISSING",
        on="currencies:",
        in_file="legal_entities",
    ),
    Spoiled(file="legal_entities", old=', api: "502"', new="", code="MAPPING_MISSING", on="products:"),
    Spoiled(
        file="price_book",
        old="  charges:",
        new="  entitlements: [{meter: api_calls, limit: 100}]\n  charges:",
        code="INVALID_VALUE",
        on="entitlements:",
    ),
    Spoiled(
        file="price_book",
        old="  charges:",
        new="  entitlements: [{meter: api_calls, feature: sso}]\n  charges:",
        code="INVALID_VALUE",
        on="entitlements:",
    ),
    Spoiled(
        file="price_book",
        old="  charges:",
        new="  entitlements: [{feature: sso, limit: 5, overage: refused}]\n  charges:",
        code="INVALID_VALUE",
        on="entitlements:",
    ),
    Spoiled(
        file="price_book",
        old="  charges:",
        new="  entitlements: [{meter: gpu_hours}]\n  charges:",
        code="UNKNOWN_REFERENCE",
        on="entitlements:",
    ),
    Spoiled(
        file="price_book",
        old="  charges:",
        new="  entitlements: [{feature: api_calls}]\n  charges:",
        code="DUPLICATE_ID",
        on="entitlements:",
    ),
    Spoiled(
        file="price_book",
        old="  charges:",
        new="  entitlements: [{meter: api_calls}, {meter: api_calls, limit: 1, overage: refused}]\n  charges:",
        code="DUPLICATE_ID",
        on="entitlements:",
    ),
    Spoiled(
        file="customers",
        old="- id: chandra",
        new="- id: chandra\n  subjects: [{subject: acme-production, valid_from: 2026-03-01}]",
        code="SUBJECT_CLAIMED_TWICE",
        on="subjects: [{subject",
    ),
    Spoiled(
        file="customers",
        old="[acme-production]",
        new="[acme-production, {subject: acme-production, valid_from: 2026-03-01}]",
        code="PERIODS_CONTRADICT",
        on="subjects:",
    ),
    Spoiled(
        file="customers",
        old="[acme-production]",
        new="[{subject: acme-lab, valid_from: 2026-03-01, valid_until: 2026-02-01}]",
        code="PERIOD_REVERSED",
        on="acme-lab",
    ),
    Spoiled(
        file="customers",
        old="[acme-production]",
        new='[{subject: acme-lab, valid_from: "2026-03-01T00:10:00Z"}]',
        code="NOT_ON_WINDOW_EDGE",
        on="acme-lab",
    ),
    Spoiled(
        file="customers",
        old="- id: chandra",
        new="- id: chandra\n  parents: [{customer: wayne}]",
        code="UNKNOWN_REFERENCE",
        on="wayne",
    ),
    Spoiled(
        file="customers",
        old="- id: chandra",
        new="- id: chandra\n  parents: [{customer: chandra}]",
        code="PARENT_CYCLE",
        on="parents:",
    ),
    Spoiled(
        file="customers",
        old="- id: chandra",
        new="- id: chandra\n  parents: [{customer: acme}, {customer: acme, valid_from: 2026-03-01}]",
        code="PERIODS_CONTRADICT",
        on="parents:",
    ),
    Spoiled(
        file="customers",
        old="- id: chandra",
        new="- id: chandra\n  regions: [{region: apac}, {region: emea, valid_from: 2026-03-01}]",
        code="PERIODS_CONTRADICT",
        on="regions:",
    ),
    Spoiled(file="legal_entities", old='US-EXEMPT: "7"', new="", code="MAPPING_MISSING", on="tax_codes:"),
    Spoiled(file="legal_entities", old='    settings: {tax_type: "9"}\n', new="", code="MAPPING_MISSING", on="erp:"),
    Spoiled(file="tax_rates", old=', "*"', new="", code="TAX_RATE_MISSING", on="id: s-chandra", in_file="contracts"),
    Spoiled(
        file="products",
        old="name: API requests",
        new="name: API requests, tax_category: reduced",
        code="TAX_RATE_MISSING",
        on="id: s-acme",
        in_file="contracts",
    ),
    Spoiled(
        file="tax_rates",
        old="rate: 0",
        new="rate: 0, valid_from: 2026-03-01",
        code="TAX_RATE_MISSING",
        on="id: s-acme",
        in_file="contracts",
    ),
]


@pytest.mark.parametrize("spoiled", SPOILED, ids=str)
def test_a_fault_is_named_by_file_and_line(spoiled: Spoiled, tmp_path: Path) -> None:
    write_catalog(tmp_path)
    spoil(tmp_path, file=f"{spoiled.file}.yaml", old=spoiled.old, new=spoiled.new)
    last = spoiled.in_file == "last"
    file = tmp_path / f"{spoiled.file if last else spoiled.in_file or spoiled.file}.yaml"
    text = file.read_text()
    line = text[: text.rindex(spoiled.on) if last else text.index(spoiled.on)].count("\n") + 1

    named = [(fault.file, fault.line, fault.code) for fault in faults_of(tmp_path)]

    assert (str(file), line, spoiled.code) in named


@pytest.mark.parametrize(
    "spoiled", [case for case in SPOILED if case.code.startswith(("NOT", "NEG", "UNKNOWN_E"))], ids=str
)
def test_a_fault_of_one_value_causes_no_others(spoiled: Spoiled, tmp_path: Path) -> None:
    write_catalog(tmp_path)
    spoil(tmp_path, file=f"{spoiled.file}.yaml", old=spoiled.old, new=spoiled.new)

    assert [fault.code for fault in faults_of(tmp_path)] == [spoiled.code]


def test_faults_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    spoil(tmp_path, file="customers.yaml", old="America/New_York", new="America/Gotham")
    spoil(tmp_path, file="customers.yaml", old="country: IN", new="country: India")
    spoil(tmp_path, file="price_book.yaml", old="149.00", new="-149.00")
    spoil(tmp_path, file="contracts.yaml", old="legal_entity: nimbus-us", new="legal_entity: nimbus-uk")

    named = [(Path(fault.file).name, fault.line, fault.path, fault.code) for fault in faults_of(tmp_path)]

    assert named == [
        ("contracts.yaml", 3, "contracts[0].legal_entity", "UNKNOWN_REFERENCE"),
        ("customers.yaml", 4, "customers[0].time_zone", "UNKNOWN_TIME_ZONE"),
        ("customers.yaml", 8, "customers[1].country", "INVALID_VALUE"),
        ("price_book.yaml", 7, "price_book[0].charges[0].prices[0].flat", "NEGATIVE_AMOUNT"),
    ]


def test_a_missing_file_is_named_and_nothing_that_follows_from_it(tmp_path: Path) -> None:
    (write_catalog(tmp_path) / "tax_rates.yaml").unlink()

    (fault,) = faults_of(tmp_path)

    assert (Path(fault.file).name, fault.code) == ("tax_rates.yaml", "FILE_MISSING")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path / "nowhere")

    assert (fault.code, fault.message) == ("FILE_MISSING", "there is no such folder")


def test_a_file_in_place_of_a_folder_is_called_one(tmp_path: Path) -> None:
    (fault,) = faults_of(write_catalog(tmp_path) / "tenant.yaml")

    assert (fault.code, fault.message) == ("FILE_MISSING", "it is a file, not a folder")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('tax_codes: {US-EXEMPT: "7"}', "tax_codes: [7]", "legal_entities[0].erp.tax_codes"),
        ('settings: {tax_type: "9"}', "settings: nine", "legal_entities[0].erp.settings"),
    ],
)
def test_what_should_be_keys_and_values_is_asked_for_in_these_words(
    old: str, new: str, path: str, tmp_path: Path
) -> None:
    folder = write_catalog(tmp_path)
    spoil(folder, file="legal_entities.yaml", old=old, new=new)

    fault = next(one for one in faults_of(folder) if one.path == path)

    assert fault.message == "it should be keys and values"


def test_a_file_with_a_wrong_name_is_not_ignored(tmp_path: Path) -> None:
    (write_catalog(tmp_path) / "price-book.yaml").write_text("[]")

    (fault,) = faults_of(tmp_path)

    assert (Path(fault.file).name, fault.code) == ("price-book.yaml", "FILE_UNKNOWN")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"- id: acme\n  name: [ACME\n", 2),
        (b"\xff\xfe", 1),
        (b"- &a [*a]\n", 1),
        (b"[" * 5000, 1),
        (b"- {[1]: x}\n", 1),
        (b"a: 1\n---\nb: 1\n", 2),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(content: bytes, line: int, tmp_path: Path) -> None:
    (write_catalog(tmp_path) / "customers.yaml").write_bytes(content)

    (fault,) = faults_of(tmp_path)

    assert (Path(fault.file).name, fault.line, fault.code) == ("customers.yaml", line, "FILE_UNREADABLE")


def test_a_file_that_is_no_list_is_named(tmp_path: Path) -> None:
    (write_catalog(tmp_path) / "customers.yaml").write_text("id: acme\n")

    assert ("customers", "INVALID_VALUE") in {(fault.path, fault.code) for fault in faults_of(tmp_path)}


def test_two_legal_entities_do_not_share_one_company_of_an_erp(tmp_path: Path) -> None:
    """Their documents and receivables would be one heap, in which neither of them ties."""
    folder = write_catalog(tmp_path)
    [entity] = yaml.safe_load((folder / "legal_entities.yaml").read_text())
    both = [entity, entity | {"id": "nimbus-west", "name": "Nimbus West"}]
    (folder / "legal_entities.yaml").write_text(json.dumps(both))

    [fault] = faults_of(folder)

    assert (fault.code, fault.path) == ("DUPLICATE_ID", "legal_entities[1].erp.company")


def test_two_customers_that_are_above_each_other_for_a_day_are_a_cycle(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    customers = yaml.safe_load((folder / "customers.yaml").read_text())
    acme, chandra = customers
    acme["parents"] = [{"customer": "chandra", "valid_until": "2026-03-02"}]
    chandra["parents"] = [{"customer": "acme", "valid_from": "2026-03-01"}]
    (folder / "customers.yaml").write_text(json.dumps(customers))

    [fault] = faults_of(folder)

    assert (fault.code, fault.path) == ("PARENT_CYCLE", "customers[1].parents[0]")
    assert "chandra -> acme -> chandra" in fault.message


def test_customers_that_change_places_are_no_cycle(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    customers = yaml.safe_load((folder / "customers.yaml").read_text())
    for customer in customers:
        customer["time_zone"] = "UTC"
    acme, chandra = customers
    acme["parents"] = [{"customer": "chandra", "valid_until": "2026-03-01"}]
    chandra["parents"] = [{"customer": "acme", "valid_from": "2026-03-01"}]
    (folder / "customers.yaml").write_text(json.dumps(customers))

    assert [customer.customer_id for customer in loaded(folder).customers] == ["acme", "chandra"]


def by_business_central(folder: Path) -> None:
    spoil(folder, file="legal_entities.yaml", old="system: netsuite", new="system: business_central")
    company = "company: 5d115c9c-44e3-ea11-bb43-000d3a2feca1"
    spoil(folder, file="legal_entities.yaml", old='company: "3"', new=company)


def test_an_erp_that_keeps_no_orders_of_ours_is_not_asked_to(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    by_business_central(folder)
    spoil(folder, file="legal_entities.yaml", old='{tax_type: "9"}', new='{sales_order_item: "501"}')

    (fault,) = faults_of(folder)

    assert fault.code == "INVALID_VALUE"
    assert "business_central has no setting sales_order_item; it has " in fault.message


@pytest.mark.parametrize(("said", "faults"), [("yes", 0), ("no", 0), ("on", 1), ("Yes", 1)])
def test_notices_are_wanted_or_not_in_words_that_are_understood(tmp_path: Path, said: str, faults: int) -> None:
    folder = write_catalog(tmp_path)
    by_business_central(folder)
    spoil(folder, file="legal_entities.yaml", old='{tax_type: "9"}', new=f'{{notices: "{said}"}}')

    result = load_catalog(folder)

    found = [] if isinstance(result, Catalog) else [one.message for one in result]
    assert found == [f"{said!r} is none of yes, no"] * faults


@pytest.mark.parametrize("calls", ["0", "-5", "1.5", "many", "٣"])
def test_how_much_an_erp_may_be_called_is_a_whole_number(tmp_path: Path, calls: str) -> None:
    folder = write_catalog(tmp_path)
    spoil(folder, file="legal_entities.yaml", old='{tax_type: "9"}', new=f'{{tax_type: "9", concurrency: "{calls}"}}')

    (fault,) = faults_of(folder)

    assert fault.code == "INVALID_VALUE"
    assert "concurrency is a whole number of at least one" in fault.message


def test_entities_behind_one_connection_say_the_same_of_how_much_it_may_be_called(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    spoil(folder, file="legal_entities.yaml", old='{tax_type: "9"}', new='{tax_type: "9", concurrency: "15"}')
    loaded(folder)
    entities = yaml.safe_load((folder / "legal_entities.yaml").read_text())
    limited = next(entity for entity in entities if "concurrency" in entity["erp"]["settings"])
    other = {**limited, "id": "acme-at", "invoice_series": "AT-"}
    other["erp"] = {**limited["erp"], "settings": {"tax_type": "9"}}
    (folder / "legal_entities.yaml").write_text(json.dumps([*entities, other]))

    assert "says otherwise what its ERP takes" in " ".join(fault.message for fault in faults_of(folder))


def test_two_tenants_are_one_too_many(tmp_path: Path) -> None:
    (write_catalog(tmp_path) / "tenant.json").write_text('{"id": "other", "name": "Other"}')

    (fault,) = faults_of(tmp_path)

    assert (Path(fault.file).name, fault.code) == ("tenant.json", "DUPLICATE_ID")


def test_the_demo_catalogue_is_sound() -> None:
    catalog = loaded(DEMO / "catalog")

    assert {entity.erp.system for entity in catalog.legal_entities} == {"business_central", "netsuite"}
    assert {meter.aggregation for meter in catalog.meters} == {"count", "sum", "max", "latest", "unique"}
    assert any(isinstance(price.model, Graduated) for charge in catalog.plans[2].charges for price in charge.prices)


def test_the_demo_update_brings_a_customer_that_was_unknown() -> None:
    before, after = loaded(DEMO / "catalog"), loaded(DEMO / "catalog", DEMO / "catalog" / "updates" / "2026-03-20")

    added = {customer.customer_id for customer in after.customers} - {c.customer_id for c in before.customers}
    assert added == {"wayne"}
    assert ProductId("api") in after.legal_entities[1].erp.products


def test_a_fault_reads_as_a_sentence_and_names_a_line_only_where_there_is_one(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    (folder / "taxes.yaml").touch()
    (folder / "tenant.yaml").write_text("id: nimbus\nname: Nimbus\ncolour: blue\n", encoding="utf-8")

    assert [str(fault) for fault in faults_of(folder)] == [
        f"{folder}/taxes.yaml: FILE_UNKNOWN: its name is none of {', '.join(NAMES)}",
        f"{folder}/tenant.yaml:3: KEY_UNKNOWN tenant.colour: there is no such key here",
    ]


def test_a_fault_quotes_what_was_written_once(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    spoil(folder, file="contracts.yaml", old="currency: USD", new="currency: YEN")

    fault = faults_of(folder)[0]

    assert str(fault).endswith("an ISO 4217 currency code is needed, e.g. EUR, not 'YEN'")
