"""What jsoncompat says is pinned; a version keeps its promise about the one before, upcasting included."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from operations.catalog.compatibility import broken_promises, is_compatible
from operations.catalog.usage_contracts import LoadedContracts
from shared.domain.usage.contract_definition import Compatibility
from tests.fakes.usage_contract_folder import SCHEMAS, TERMS, read_contract, schema, write_contract

DEMO = Path(__file__).parents[4] / "events/scenarios/demo/catalog"
TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number"}
INTEGER: dict[str, Any] = {"type": "integer"}

GOLDEN = {  # change: old, new, backward, forward
    "nothing": (schema(a=TEXT), schema(a=TEXT), True, True),
    "add optional to a closed one": (schema(a=TEXT), schema(a=TEXT, b=TEXT), True, False),
    "add optional to an open one": (schema(a=TEXT, closed=False), schema(a=TEXT, b=TEXT, closed=False), False, True),
    "add required": (schema(a=TEXT), schema(a=TEXT, b=TEXT, required=("b",)), False, False),
    "make optional required": (schema(a=TEXT), schema(a=TEXT, required=("a",)), False, True),
    "drop required": (schema(a=TEXT, required=("a",)), schema(a=TEXT), True, False),
    "remove a member of a closed one": (schema(a=TEXT, b=TEXT), schema(a=TEXT), False, True),
    "number to integer": (schema(a=NUMBER), schema(a=INTEGER), False, True),
    "integer to number": (schema(a=INTEGER), schema(a=NUMBER), True, False),
    "text to number": (schema(a=TEXT), schema(a=NUMBER), False, False),
    "allow null": (schema(a=TEXT), schema(a={"type": ["string", "null"]}), True, False),
    "narrow an enum": (
        schema(a=TEXT | {"enum": ["eu", "us"]}),
        schema(a=TEXT | {"enum": ["eu"]}),
        False,
        True,
    ),
    "widen an enum": (schema(a=TEXT | {"enum": ["eu"]}), schema(a=TEXT | {"enum": ["eu", "us"]}), True, False),
    "one value to any": (schema(a=TEXT | {"const": "eu"}), schema(a=TEXT), True, False),
    "raise a minimum by a tenth": (schema(a=NUMBER | {"minimum": 0}), schema(a=NUMBER | {"minimum": 0.1}), False, True),
    "exclude the maximum": (
        schema(a=NUMBER | {"maximum": 10}),
        schema(a=NUMBER | {"exclusiveMaximum": 10}),
        False,
        True,
    ),
    "lengthen": (schema(a=TEXT | {"maxLength": 5}), schema(a=TEXT | {"maxLength": 9}), True, False),
    "finer steps": (schema(a=INTEGER | {"multipleOf": 10}), schema(a=INTEGER | {"multipleOf": 5}), True, False),
    "close": (schema(a=TEXT, closed=False), schema(a=TEXT), False, True),
    # It looks at no pattern: that is why broken_promises does.
    "a pattern where there was none": (schema(a=TEXT), schema(a=TEXT | {"pattern": "^a$"}), True, True),
}


@pytest.mark.parametrize("change", GOLDEN)
def test_the_verdicts_of_the_tool_are_what_they_were(change: str) -> None:
    old, new, backward, forward = GOLDEN[change]

    verdicts = is_compatible(old, new, Compatibility.BACKWARD), is_compatible(old, new, Compatibility.FORWARD)

    assert verdicts == (backward, forward)


def broken(folder: Path, *, terms: str = TERMS, **schemas: Any) -> list[tuple[int, str]]:
    changed = SCHEMAS | {int(name.removeprefix("v")): text for name, text in schemas.items()}
    definition = read_contract(write_contract(folder, terms=terms, schemas=changed))
    return [(each.version, each.message) for each in broken_promises(definition)]


def test_a_renamed_member_keeps_the_promise_because_it_is_upcast(tmp_path: Path) -> None:
    assert broken(tmp_path) == []


def test_without_its_default_a_member_may_not_become_required(tmp_path: Path) -> None:
    required = SCHEMAS[2] | {"required": ["bytes", "region"]}

    assert broken(tmp_path, v2=required, v3=SCHEMAS[3] | {"required": ["bytes", "region"]}) == []
    terms = TERMS.replace("      - {default: region, value: eu}\n", "")
    message = "not backward compatible with version 1: it refuses data that the old version takes, once it is upcast"
    assert broken(tmp_path, terms=terms, v2=required, v3=required) == [(2, message)]


def test_a_default_that_the_version_refuses_is_no_default(tmp_path: Path) -> None:
    narrow = SCHEMAS[2]["properties"] | {"region": {"type": "string", "enum": ["us"]}}

    messages = [message for _, message in broken(tmp_path, v2=SCHEMAS[2] | {"properties": narrow})]

    assert (
        "not backward compatible with version 1: the upcast gives region a value that the version refuses" in messages
    )


def test_a_pattern_that_changes_breaks_the_promise_whatever_the_tool_says(tmp_path: Path) -> None:
    members = SCHEMAS[3]["properties"]
    patterned = members | {"region": members["region"] | {"pattern": "^[a-z]{2}$"}}

    ((version, message),) = broken(tmp_path, v3=SCHEMAS[3] | {"properties": patterned})

    assert (version, "the pattern of region" in message) == (3, True)


def test_each_promise_is_looked_at_from_its_own_side(tmp_path: Path) -> None:
    definition = read_contract(write_contract(tmp_path))
    added = replace(definition, versions=definition.versions[1:])

    found = {promise: len(list(broken_promises(replace(added, compatibility=promise)))) for promise in Compatibility}

    assert found == {Compatibility.BACKWARD: 0, Compatibility.FORWARD: 1, Compatibility.FULL: 1}


def test_the_contracts_of_the_demo_keep_their_promises() -> None:
    loaded = LoadedContracts(DEMO)

    assert loaded.faults == ()
    assert [list(broken_promises(definition)) for definition in loaded.definitions] == [[], []]
