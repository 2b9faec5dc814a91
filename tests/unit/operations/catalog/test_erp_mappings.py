"""A mapping that its ERP would refuse, or that no simulator could be started by, is a fault of the catalogue."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from operations.catalog.load import load_catalog
from shared.domain.master_data.catalog import Catalog
from tests.builders.erp_guides import demo_mapped_by, example


def told(folder: Path, mapping: Mapping[str, Any], other: Mapping[str, Any] | None = None) -> list[str]:
    """Return the faults of the demo's catalogue with its German entity mapped so, each with the text of its line."""
    result = load_catalog(demo_mapped_by(folder, mapping, other))
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


@pytest.mark.parametrize("system", ["business_central", "dynamics_finance"])
def test_an_erp_whose_users_name_its_dimensions_takes_any(tmp_path: Path, system: str) -> None:
    region = {"region": {"field": "Vertriebsregion", "products": {"api": "4"}}}

    assert told(tmp_path, example(system) | {"dimensions": region}) == []
