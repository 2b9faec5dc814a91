"""A contract of the catalogue: read exactly, upcast step by step, by the state of its version at arrival."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.usage_event.definition_text import definition_text, read_definition
from shared.contracts.usage_event.registry import ContractReader
from shared.domain.exception_record import ExceptionCode
from shared.domain.usage.contract_definition import Billing, ContractDefinition, ContractStatus
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import fingerprint
from shared.domain.usage.rejection import Rejected
from shared.domain.usage.telemetry import Telemetry
from tests.fakes.usage_contract_folder import SCHEMAS, TERMS, read_contract, schema, write_contract

ARRIVED_AT = datetime(2026, 3, 15, 10, 8, tzinfo=UTC)
LAST_MOMENT = datetime(2026, 6, 1, tzinfo=UTC) - timedelta(microseconds=1)


@pytest.fixture
def storage(tmp_path: Path) -> ContractDefinition:
    return read_contract(write_contract(tmp_path))


def event(version: int, data: str, **changes: Any) -> bytes:
    """Return an event of the contract; the data is JSON text, so that numbers stay as they are written."""
    attributes = {
        "specversion": "1.0",
        "id": "object-1",
        "source": "urn:acme:storage",
        "type": "usage.recorded",
        "subject": "acme",
        "time": "2026-03-15T10:07:31Z",
        "dataschema": f"urn:usage-contract:storage:{version}",
        "data": 0,
    }
    return json.dumps(attributes | changes).replace('"data": 0', f'"data": {data}').encode()


def read(
    definition: ContractDefinition, data: bytes, arrived_at: datetime = ARRIVED_AT
) -> UsageEvent | Telemetry | Rejected:
    (verdict,) = ContractReader([definition])(data, arrived_at)
    assert isinstance(verdict, UsageEvent | Telemetry | Rejected)
    return verdict


def accepted(definition: ContractDefinition, version: int, data: str, **changes: Any) -> UsageEvent:
    verdict = read(definition, event(version, data, **changes))
    assert isinstance(verdict, UsageEvent), verdict
    return verdict


def refused(verdict: object) -> tuple[ExceptionCode, str]:
    assert isinstance(verdict, Rejected), verdict
    return verdict.code, verdict.reason


def test_scalars_become_attributes_beside_quantity_and_unique_key(storage: ContractDefinition) -> None:
    data = '{"bytes": 10, "object_id": "o-1", "region": "eu", "cold": true, "ratio": 1.50}'

    usage = accepted(storage, 2, data)

    assert (usage.meter, usage.quantity, usage.unique_key) == ("object_stored", Decimal(10), "o-1")
    assert usage.dimensions == (("cold", "true"), ("ratio", "1.5"), ("region", "eu"))
    assert usage.contract == "storage:2"


def test_a_member_that_is_null_is_left_out(storage: ContractDefinition) -> None:
    active = replace(
        storage, versions=(*storage.versions[:2], replace(storage.versions[2], status=ContractStatus.ACTIVE))
    )

    assert accepted(active, 3, '{"bytes": 1, "shelf": null}').dimensions == ()
    assert accepted(active, 3, '{"bytes": 1, "shelf": 3.0}').dimensions == (("shelf", "3"),)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0.1", "0.1"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("0.123456789012345678", "0.123456789012345678"),
        ("99999999999999999999.999999999999999999", "99999999999999999999.999999999999999999"),
        ("9007199254740993", "9007199254740993"),
        ("1e3", "1000"),
        ("-0", "0"),
        ("2.500", "2.5"),
    ],
)
def test_a_number_is_an_attribute_to_its_last_digit(storage: ContractDefinition, number: str, text: str) -> None:
    assert accepted(storage, 2, f'{{"bytes": 1, "ratio": {number}}}').dimensions == (("ratio", text),)


@pytest.mark.parametrize(
    "number", ["1e400", "1e20", "-1e400", "1e-19", "0.1234567890123456789", "1e1000000", "NaN", "Infinity", "1" * 5000]
)
def test_a_number_that_cannot_be_computed_with_is_refused(storage: ContractDefinition, number: str) -> None:
    code, _ = refused(read(storage, event(2, f'{{"bytes": 1, "ratio": {number}}}')))

    assert code is ExceptionCode.CONTRACT_VIOLATION


BOUNDS: list[tuple[dict[str, Any], str, bool]] = [
    ({"minimum": 0.1}, "0.1", True),  # the float 0.1 is more than that
    ({"minimum": 0.1}, "0.099999999999999999", False),
    ({"maximum": 0.3}, "0.3", True),  # and the float 0.3 is less
    ({"maximum": 0.3}, "0.300000000000000001", False),
    ({"exclusiveMinimum": 0}, "0", False),
    ({"exclusiveMinimum": 0}, "0.000000000000000001", True),
    ({"exclusiveMaximum": 1}, "0.999999999999999999", True),
    ({"exclusiveMaximum": 1}, "1.000", False),
    ({"enum": [0.1, 2]}, "0.10", True),
    ({"enum": [0.1, 2]}, "0.100000000000000001", False),
    ({"const": 9007199254740.25}, "9007199254740.25", True),
    ({"multipleOf": 5}, "1.5e1", True),
    ({"multipleOf": 5}, "15.000000000000000001", False),
    ({"type": "integer"}, "1.0", True),
    ({"type": "integer"}, "1e2", True),
    ({"type": "integer"}, "1.000000000000000001", False),
    ({"type": "integer", "multipleOf": 2}, "3", False),
    ({"type": ["integer", "null"]}, "null", True),
    ({}, "true", False),
    ({}, '"1"', False),
    ({}, "[1]", False),
    ({}, '{"a": 1}', False),
]


@pytest.mark.parametrize(("rule", "number", "is_taken"), BOUNDS)
def test_bounds_are_exact(tmp_path: Path, rule: dict[str, Any], number: str, *, is_taken: bool) -> None:
    terms = "\n".join(
        line for line in TERMS.split("versions:")[0].splitlines() if not line.startswith(("qu", "un", "pr"))
    )
    text = schema(level={"type": "number"} | rule)
    definition = read_contract(
        write_contract(tmp_path, terms=f"{terms}\nversions: [{{version: 1, status: active}}]\n", schemas={1: text})
    )

    assert isinstance(read(definition, event(1, f'{{"level": {number}}}')), UsageEvent) == is_taken


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ('{"bytes": -1}', "data.bytes breaks the contract's rule minimum"),
        ("{}", "data breaks the contract's rule required"),
        ('{"bytes": 1, "regoin": "eu"}', "data has the unknown field 'regoin'"),
        ('{"bytes": 1, "region": ""}', "data.region breaks the contract's rule minLength"),
        ('{"bytes": 1, "region": "a\\u0000b"}', "data.region has a control character or a lone surrogate"),
        ('{"bytes": 1, "region": {"name": "eu"}}', "data.region is neither text nor a number nor a boolean"),
    ],
)
def test_a_breach_says_what_and_where_and_shows_nothing_of_it(
    storage: ContractDefinition, data: str, reason: str
) -> None:
    code, said = refused(read(storage, event(2, data)))

    assert code is ExceptionCode.CONTRACT_VIOLATION
    assert said.startswith(reason)


def test_a_quantity_keeps_the_limits_of_every_quantity(storage: ContractDefinition) -> None:
    assert refused(read(storage, event(2, '{"bytes": 1e15}')))[0] is ExceptionCode.INVALID_QUANTITY
    assert refused(read(storage, event(2, '{"bytes": 1}', subject=None)))[0] is ExceptionCode.CONTRACT_VIOLATION


def test_an_open_contract_reads_the_members_it_names_and_no_others(tmp_path: Path) -> None:
    opened = SCHEMAS | {version: text | {"additionalProperties": True} for version, text in SCHEMAS.items()}
    storage = read_contract(write_contract(tmp_path, schemas=opened))

    usage = accepted(storage, 2, '{"bytes": 1, "trace": {"deep": [1e400]}}')

    assert usage.dimensions == ()


def test_an_old_version_measures_what_the_new_one_does(storage: ContractDefinition) -> None:
    old = accepted(storage, 1, '{"size": 2.5, "object_id": "o-1", "debug": "x"}')
    new = accepted(storage, 2, '{"bytes": 2.5, "object_id": "o-1", "region": "eu"}')

    assert fingerprint(old) == fingerprint(new)
    assert (old.contract, new.contract) == ("storage:1", "storage:2")


def test_upcasting_goes_version_by_version(storage: ContractDefinition, tmp_path: Path) -> None:
    terms = TERMS.replace(
        "status: draft\n    valid_from: 2026-09-01",
        "status: active\n    valid_from: 2026-02-01\n"
        "    upcast: [{rename: bytes, to: octets}, {constant: unit, value: B}]",
    ).replace("quantity: bytes", "quantity: octets")
    members = {name: text for name, text in SCHEMAS[3]["properties"].items() if name != "bytes"}
    third = SCHEMAS[3] | {
        "required": ["octets"],
        "properties": members | {"octets": SCHEMAS[3]["properties"]["bytes"], "unit": {"type": "string"}},
    }
    longer = read_contract(write_contract(tmp_path / "longer", terms=terms, schemas=SCHEMAS | {3: third}))

    sent = [
        accepted(longer, 1, '{"size": 7}'),
        accepted(longer, 2, '{"bytes": 7, "region": "eu"}'),
        accepted(longer, 3, '{"octets": 7, "region": "eu", "unit": "B"}'),
    ]

    assert len({fingerprint(usage) for usage in sent}) == 1
    assert sent[0].dimensions == (("region", "eu"), ("unit", "B"))


def test_usage_from_before_a_version_is_measured_without_it_for_ever(storage: ContractDefinition) -> None:
    before = accepted(storage, 1, '{"size": 7}', time="2025-12-31T23:59:59.999Z")
    after = accepted(storage, 1, '{"size": 7}', time="2026-01-01T00:00:00Z")

    assert (before.quantity, before.dimensions) == (Decimal(7), ())
    assert (after.quantity, after.dimensions) == (Decimal(7), (("region", "eu"),))


def test_a_deprecated_version_is_read_until_its_day(storage: ContractDefinition) -> None:
    sent = event(1, '{"size": 1}')

    assert isinstance(read(storage, sent, LAST_MOMENT), UsageEvent)
    code, reason = refused(read(storage, sent, datetime(2026, 6, 1, tzinfo=UTC)))
    assert (code, reason) == (
        ExceptionCode.RETIRED_CONTRACT_VERSION,
        "this version is not accepted since 2026-06-01",
    )


def test_what_came_before_a_version_was_retired_is_accepted_whenever_it_is_read_again(
    storage: ContractDefinition,
) -> None:
    retired = replace(
        storage, versions=(replace(storage.versions[0], status=ContractStatus.RETIRED), *storage.versions[1:])
    )

    assert isinstance(read(retired, event(1, '{"size": 1}'), LAST_MOMENT), UsageEvent)


@pytest.mark.parametrize("version", [3, 4, 0])
def test_drafts_and_versions_that_do_not_exist_are_unknown(storage: ContractDefinition, version: int) -> None:
    assert refused(read(storage, event(version, '{"bytes": 1}')))[0] is ExceptionCode.UNKNOWN_CONTRACT_VERSION


def test_a_refusal_names_the_version_only_if_it_exists(storage: ContractDefinition) -> None:
    named = [read(storage, event(version, "{}")) for version in (2, 9)]

    assert [verdict.contract for verdict in named] == ["storage:2", ""]


@pytest.mark.parametrize(
    "sent",
    [
        event(2, '{"bytes": 1}'),
        event(2, '{"bytes": -1}'),
        event(3, '{"bytes": 1}'),
        event(9, "{}"),
        event(2, '{"bytes": 1}', time="yesterday"),
    ],
)
def test_telemetry_is_telemetry_whatever_is_wrong_with_it(storage: ContractDefinition, sent: bytes) -> None:
    verdict = read(replace(storage, billing=Billing.TELEMETRY), sent)

    assert isinstance(verdict, Telemetry)


def test_the_built_in_contracts_stay_readable_beside_others(storage: ContractDefinition) -> None:
    sent = event(2, '{"meter": "api_calls"}', dataschema="urn:usage-contract:usage:2")

    assert isinstance(read(storage, sent), UsageEvent)


@pytest.mark.parametrize(
    "change",
    [
        lambda storage: storage,
        lambda storage: replace(storage, quantity=None, unique_key=None, priced=(), billing=Billing.TELEMETRY),
        lambda storage: replace(storage, versions=(replace(storage.versions[0], deprecated_on=date(2026, 1, 1)),)),
    ],
)
def test_a_contract_survives_being_stored(
    storage: ContractDefinition, change: Callable[[ContractDefinition], ContractDefinition]
) -> None:
    assert read_definition(definition_text(change(storage))) == change(storage)
