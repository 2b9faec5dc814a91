"""u2c mapping diff names each entry of a mapping that differs between two catalogues: whose, old, new."""

from pathlib import Path

import pytest

from operations.u2c.__main__ import main
from operations.u2c.commands.catalog_sides import DIFFER, SAME, UNUSABLE_INPUT
from tests.fakes.catalog_folder import LEGAL_ENTITIES, spoil, write_catalog

GERMANY = """\
- id: nimbus-de
  name: Nimbus GmbH
  country: DE
  currency: EUR
  erp:
    system: business_central
    connection: nimbus-de/bc
    company: 5d1f2a9c-7c1e-4a55-9d1b-3f0f6c0b8e21
    receivable_account: "1400"
    tax_account: "1776"
    products: {api: "8410"}
    tax_codes: {US-EXEMPT: NONE}
    currencies: {EUR: ""}
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write_catalog(tmp_path / "old")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_catalog(tmp_path / "new")


def diff(what: str, old: Path, new: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    status = main([what, "diff", str(old), str(new)])
    return status, capsys.readouterr().out.splitlines()


def change(folder: Path, old: str, new: str) -> None:
    spoil(folder, file="legal_entities.yaml", old=old, new=new)


def test_each_entry_that_is_another_new_or_gone_is_named_with_both_sides(
    old: Path, new: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(
        old, "settings: {tax_type", 'dimensions: {line: {field: class, products: {api: "9"}}}\n    settings: {tax_type'
    )
    change(new, 'company: "3"', 'company: "4"')
    change(new, 'tax_account: "2200"', 'tax_account: "2210"')
    change(new, '{platform: "501", api: "502"}', '{platform: "501", api: "503"}\n    accounts: {unbilled: "1150"}')
    change(new, 'currencies: {USD: "1"}', 'currencies: {USD: "1", EUR: "2"}')
    change(
        new,
        "settings: {tax_type",
        'dimensions: {line: {field: department, products: {api: "9"}}}\n    settings: {tax_type',
    )
    change(new, '{tax_type: "9"}', '{tax_type: "9", respond_async: "yes"}')

    status, lines = diff("mapping", old, new, capsys)

    assert status == DIFFER
    assert lines[:-1] == [
        "nimbus-us: company: 3 -> 4",
        "nimbus-us: tax_account: 2200 -> 2210",
        "nimbus-us: account unbilled: (none) -> 1150",
        "nimbus-us: product api: 502 -> 503",
        "nimbus-us: currency EUR: (none) -> 2",
        "nimbus-us: dimension line of api: class=9 -> department=9",
        "nimbus-us: setting respond_async: (none) -> yes",
        "Mapping entries that differ: 7, of legal entities: 1.",
    ]


def test_a_legal_entity_of_one_of_them_alone_is_named_with_all_of_its_mapping(
    old: Path, new: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (new / "legal_entities.yaml").write_text(LEGAL_ENTITIES + GERMANY)

    _, lines = diff("mapping", old, new, capsys)
    _, backwards = diff("mapping", new, old, capsys)

    assert lines[0] == "nimbus-de: system: (none) -> business_central"
    assert 'nimbus-de: currency EUR: (none) -> ""' in lines  # the company's own
    assert "Mapping entries that differ: 8, of legal entities: 1." in lines
    assert backwards[0] == "nimbus-de: system: business_central -> (none)"


def test_what_is_no_mapping_does_not_differ_here(old: Path, new: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(new, "Nimbus Cloud Inc.", "Nimbus Cloud Corp.")

    status, lines = diff("mapping", old, new, capsys)

    assert status == SAME
    assert lines[0] == "Mapping entries that differ: 0, of legal entities: 0."
    assert "Mapping" not in "".join(diff("price", old, new, capsys)[1])


def test_the_comparison_of_prices_says_how_to_see_what_differs_between_the_mappings(
    old: Path, new: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(new, 'api: "502"', 'api: "503"')

    status, lines = diff("price", old, new, capsys)

    assert status == SAME
    assert lines[:2] == [
        "Prices that differ: 0. Sections that differ: legal_entities.",
        f"Mapping entries that differ: 1. u2c mapping diff {old} {new} names them.",
    ]


def test_a_catalogue_that_cannot_be_used_has_every_fault_named(
    old: Path, new: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(new, "netsuite\n", "abacus\n")

    status, lines = diff("mapping", old, new, capsys)

    assert status == UNUSABLE_INPUT
    assert "legal_entities.yaml" in lines[0]
