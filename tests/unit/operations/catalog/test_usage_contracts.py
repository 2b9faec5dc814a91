"""Every fault of a usage contract is named by file and line, and `u2c contract check` says which kind it is."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from operations.catalog.load import load_catalog
from operations.catalog.usage_contracts import LoadedContracts
from operations.u2c.__main__ import main
from shared.domain.master_data.catalog import Catalog
from tests.fakes.catalog_folder import spoil, write_catalog
from tests.fakes.usage_contract_folder import SCHEMAS, TERMS, write_contract


def faults(catalog: Path) -> list[str]:
    return [str(fault).removeprefix(f"{catalog}/usage_contracts/") for fault in LoadedContracts(catalog).faults]


def changed(version: int, member: str, **keywords: Any) -> Mapping[int, Any]:
    """Return the schemas with keywords of one member changed."""
    schema = SCHEMAS[version]
    members = schema["properties"] | {member: schema["properties"].get(member, {}) | keywords}
    return {**SCHEMAS, version: schema | {"properties": members}}


def test_a_sound_contract_is_a_part_of_the_catalogue(tmp_path: Path) -> None:
    loaded = load_catalog(write_contract(write_catalog(tmp_path)))

    assert isinstance(loaded, Catalog), loaded
    assert [contract.name for contract in loaded.usage_contracts] == ["storage"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("retention: evidence", "retention: operational", ":4: UNSOUND_CONTRACT retention: what is billed is kept as"),
        ("    deprecated_on: 2026-06-01\n", "", "UNSOUND_CONTRACT versions[0].deprecated_on: a deprecated or retired"),
        ("quantity: bytes", "quantity: weight", ":6: UNSOUND_CONTRACT quantity: weight is no member of version 2"),
        ("unique_key: object_id", "unique_key: bucket", ":7: UNSOUND_CONTRACT unique_key: bucket is no member"),
        ("[region, cold]", "[region, colour]", ":8: UNSOUND_CONTRACT priced: colour is no member"),
        ("- version: 2", "- version: 3", "versions are numbered 1, 2, 3... in order; this is 2"),
        (
            "status: draft\n    valid_from: 2026-09-01",
            "status: active\n    valid_from: 2025-09-01",
            "UNSOUND_CONTRACT versions[2].valid_from: it is before that of the version",
        ),
        ("{rename: size, to: bytes}", "{rename: weight, to: bytes}", "there is no weight in version 1"),
        ("{rename: size, to: bytes}", "{drop: size}", "1.json:1: UNSOUND_CONTRACT: bytes is the quantity"),
        ("{drop: debug}", "{default: bytes, value: 1}", "bytes says how much or of what"),
        ("      - {drop: debug}\n", "", "version 2 has no debug: rename or drop it"),
        ("{default: region, value: eu}", "{default: cold, value: maybe}", "'maybe' is neither true nor false"),
        ("{default: region, value: eu}", "{default: ratio, value: 1e99}", "'1e99' is no number of at most 15 digits"),
        ("{drop: debug}", "{run: debug}", "KEY_UNKNOWN versions[1].upcast[2].run"),
        ("status: active", "status: maybe", "INVALID_VALUE versions[1].status"),
        ("billing: usage", "billing: usage\nname: disk", "KEY_UNKNOWN name: the folder's name is the contract's"),
        ("status: draft", "status: active\n    upcast: [{constant: shelf, value: 1.5}]", "'1.5' is no integer"),
    ],
)
def test_terms_that_cannot_stand_are_named_by_their_place(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in TERMS

    found = faults(write_contract(tmp_path, terms=TERMS.replace(old, new)))

    assert any(fault in each for each in found), found
    assert all(each.startswith("storage/") for each in found)


@pytest.mark.parametrize(
    ("schemas", "fault"),
    [
        (changed(2, "region", default="eu"), "properties.region.default: the keyword is not among those"),
        (changed(2, "region", **{"$ref": "http://169.254.169.254/"}), "properties.region.$ref: the keyword is not"),
        (changed(2, "region", format="date"), "properties.region.format: the keyword"),
        (changed(2, "region", pattern="^(a+)+$"), "properties.region.pattern: groups and alternatives"),
        (changed(2, "region", pattern="^a*a*a*a*$"), "properties.region.pattern: it repeats more than 3 times"),
        (changed(2, "region", pattern="a"), "properties.region.pattern: it does not describe the whole text"),
        (changed(2, "region", pattern="^[$"), "properties.region.pattern: it is not a regular expression"),
        (changed(2, "region", type="array"), "properties.region.type: it is none of boolean, integer, number, string"),
        (changed(2, "region", minimum=1), "properties.region.minimum: a number of at most 15 digits, for a number"),
        (changed(2, "bytes", minimum="1"), "properties.bytes.minimum: a number"),
        (changed(2, "bytes", multipleOf=0.1), "properties.bytes.multipleOf: a whole number above 0"),
        (changed(2, "bytes", enum=[1, "2"]), "properties.bytes.enum: '2' is no number"),
        (changed(2, "cold", const=1), "properties.cold.const: 1 is no boolean"),
        (changed(2, "bytes", type=["number", "null"]), "bytes is the quantity: a number or text that is required"),
        (changed(2, "Region", type="string"), "properties.Region: a member is named by a-z"),
        ({**SCHEMAS, 2: "{"}, "2.json:1: "),
        ({**SCHEMAS, 2: "[]"}, "2.json:1: UNSOUND_CONTRACT: it is not an object"),
        ({**SCHEMAS, 2: '{"type": "object", "type": "object"}'}, "2.json:1: KEY_TWICE type"),
        ({**SCHEMAS, 2: '{"type": NaN}'}, "2.json:1: UNSOUND_CONTRACT: it is not JSON: NaN is not JSON"),
        ({**SCHEMAS, 2: SCHEMAS[2] | {"$schema": "https://json-schema.org/draft/2020-12/schema"}}, "2.json:2: UNSOUND"),
        (
            {**SCHEMAS, 2: SCHEMAS[2] | {"required": ["bytes", "weight"]}},
            "required: weight is not among the properties",
        ),
        ({1: SCHEMAS[1], 2: SCHEMAS[2]}, "storage/3.json: FILE_MISSING: the file is needed"),
        ({**SCHEMAS, 4: SCHEMAS[3]}, "storage/4.json: FILE_UNKNOWN: contract.yaml lists no version of this name"),
    ],
)
def test_a_schema_that_cannot_stand_is_named_by_its_place(
    tmp_path: Path, schemas: Mapping[int, Any], fault: str
) -> None:
    found = faults(write_contract(tmp_path, schemas=schemas))

    assert any(fault in each for each in found), found


@pytest.mark.parametrize("bound", ["0.1234567890123456", "1e20", "0.1" + "0" * 30 + "1", "1e-16", "1e400"])
def test_a_bound_that_not_everybody_computes_with_alike_is_refused(tmp_path: Path, bound: str) -> None:
    text = json.dumps(SCHEMAS[2]).replace('"minimum": 0', f'"minimum": {bound}')

    assert any("bytes.minimum" in each for each in faults(write_contract(tmp_path, schemas={**SCHEMAS, 2: text})))


def test_no_meter_may_measure_telemetry(tmp_path: Path) -> None:
    catalog = write_contract(write_catalog(tmp_path), terms=TERMS.replace("billing: usage", "billing: telemetry"))
    spoil(catalog, file="meters.yaml", old="id: api_calls,", new="id: api_calls, event: object_stored,")

    loaded = load_catalog(catalog)

    assert not isinstance(loaded, Catalog)
    assert [(fault.code, fault.path) for fault in loaded] == [("TELEMETRY_METERED", "meters[0].event")]


def test_the_check_ends_with_0_when_all_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "check", str(write_contract(tmp_path))]) == 0

    assert "Usage contracts: 1, versions: 3" in capsys.readouterr().out


def test_the_check_ends_with_1_for_a_broken_promise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    narrowed = changed(3, "bytes", type="integer")

    assert main(["contract", "check", str(write_contract(tmp_path, schemas=narrowed))]) == 1

    assert "storage/3.json:1: INCOMPATIBLE_CONTRACT" in capsys.readouterr().out


def test_the_check_ends_with_1_when_a_published_version_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = write_contract(tmp_path / "published")
    coming = write_contract(tmp_path / "coming", schemas=changed(2, "ratio", minimum=1))

    assert main(["contract", "check", str(coming), "--against", str(published)]) == 1

    shown = capsys.readouterr().out
    assert "storage/2.json:1: FORBIDDEN_CHANGE: the schema of a published version never changes" in shown


def test_the_check_ends_with_2_for_files_with_faults(tmp_path: Path) -> None:
    assert main(["contract", "check", str(tmp_path)]) == 2
    assert main(["contract", "check", str(write_contract(tmp_path, terms="- 1"))]) == 2


def test_contracts_are_not_needed(tmp_path: Path) -> None:
    assert isinstance(load_catalog(write_catalog(tmp_path)), Catalog)
