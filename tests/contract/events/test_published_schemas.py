"""The schemas that producers test against say what the code does."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from shared.contracts.usage_event.registry import read_record
from shared.domain.usage.event import UsageEvent

SCHEMAS = Path(__file__).parents[3] / "shared/contracts/usage_event/schemas"
EVENT = fastjsonschema.compile(json.loads((SCHEMAS / "event.json").read_text()), use_default=False)
DATA = {
    version: fastjsonschema.compile(json.loads((SCHEMAS / f"usage-{version}.json").read_text()), use_default=False)
    for version in (1, 2)
}
TEXTS: tuple[object, ...] = (
    "eu",
    "",
    "x" * 256,
    "x" * 257,
    "tab\t",
    "line\n",
    "\ufffe",
    "Zürich 東京 😀",
    None,
    1,
    True,
    [],
    {},
)
QUANTITIES = (
    *("0", "25", "0.1", "1.5e3", "1e-18", "0.3", "19.01", "999999999999999", "999999999999999.5"),  # taken
    *("1e-19", "1e15", "-1", "-0.5", "1e400", "true", "null", "[]", '"NaN"', '"1,5"', '" 1"', '"-1"', '"+1"', '"01"'),
    *('"0"', '"0.1"', '"0.000000000000000001"', '"999999999999999.999999999999999999"'),  # taken
    *('"0.0000000000000000001"', '"1000000000000000"', '""', '"1."', '".5"', '"1\\n"'),
)
# The code also takes other spellings of the same number. A producer has no need of them, so the schema has not either.
ONLY_THE_CODE_TAKES = ('"1e3"', '"-0"', '"1.0000000000000000000"')


def wrapped(version: int, data: str, **attributes: object) -> str:
    event = {"specversion": "1.0", "id": "1", "source": "urn:acme", "type": "usage.recorded", "subject": "acme"}
    schema = {"time": "2026-03-15T10:00:00Z", "dataschema": f"urn:usage-contract:usage:{version}"}
    return json.dumps({**event, **schema, **attributes, "data": 0}).replace('"data": 0', f'"data": {data}')


def corpus() -> Iterator[tuple[int, str]]:
    for quantity in QUANTITIES:
        yield 1, wrapped(1, f'{{"customer": "acme", "meter": "api_calls", "value": {quantity}}}')
        yield 2, wrapped(2, f'{{"meter": "api_calls", "quantity": {quantity}}}')
    for value in TEXTS:
        text = json.dumps(value)
        for member in ("meter", "customer", "region", "unit"):
            v1: dict[str, object] = {"customer": "acme", "meter": "api_calls", "value": 1, member: value}
            yield 1, wrapped(1, json.dumps(v1))
        for member in ("meter", "unique_key", "dimensions", "misspelt"):
            v2: dict[str, object] = {"meter": "api_calls", member: value}
            yield 2, wrapped(2, json.dumps(v2))
        yield 2, wrapped(2, f'{{"meter": "m", "dimensions": {{"region": {text}}}}}')
        if isinstance(value, str):
            yield 2, wrapped(2, f'{{"meter": "m", "dimensions": {{{text}: "eu"}}}}')
        yield from ((2, wrapped(2, '{"meter": "m"}', **{name: value})) for name in ("id", "source", "subject", "extra"))
    yield 1, wrapped(1, "{}")
    yield 2, wrapped(2, "{}")
    yield 2, wrapped(2, json.dumps({"meter": "m", "dimensions": {f"name{i}": "x" for i in range(16)}}))
    yield 2, wrapped(2, json.dumps({"meter": "m", "dimensions": {f"name{i}": "x" for i in range(17)}}))
    for content_type in ("application/json", "text/plain", None):
        yield 2, wrapped(2, '{"meter": "m"}', datacontenttype=content_type)
    for time in ("2026-03-15T10:00:00+01:00", "2026-03-15t10:00:00.25z", "2026-03-15T10:00:00", "2026-03-15", 1):
        yield 2, wrapped(2, '{"meter": "m"}', time=time)
    for kind in ("usage.recorded", "other", None):
        yield 2, wrapped(2, '{"meter": "m"}', type=kind)


def schema_takes(version: int, event: str) -> bool:
    parsed: dict[str, Any] = json.loads(event)
    try:
        EVENT(parsed)
        DATA[version](parsed["data"])
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


def code_takes(event: str) -> bool:
    (verdict,) = read_record(event.encode())
    return isinstance(verdict, UsageEvent)


def test_schemas_and_code_agree_on_every_event_of_the_corpus() -> None:
    disagreed = [event for version, event in corpus() if schema_takes(version, event) != code_takes(event)]

    assert disagreed == []


def test_the_corpus_has_both_kinds() -> None:
    taken = [code_takes(event) for _, event in corpus()]

    assert (taken.count(True) > 50, taken.count(False) > 50) == (True, True)


@pytest.mark.parametrize("quantity", ONLY_THE_CODE_TAKES)
def test_other_spellings_of_a_number_are_taken_though_not_in_the_schema(quantity: str) -> None:
    event = wrapped(2, f'{{"meter": "api_calls", "quantity": {quantity}}}')

    assert (schema_takes(2, event), code_takes(event)) == (False, True)
