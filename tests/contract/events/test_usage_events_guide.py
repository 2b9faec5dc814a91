"""The guide's examples are events that the contract accepts, and its limits are the contract's."""

import re
from pathlib import Path

import pytest

from shared.contracts.usage_event.registry import MAX_DEPTH, MAX_EVENT_BYTES, MAX_RECORD_BYTES, read_record
from shared.contracts.usage_event.v2 import MAX_DIMENSIONS
from shared.domain.usage.event import UsageEvent

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "usage-events.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_an_event_of_25_calls_of_acme(example: str) -> None:
    (event,) = read_record(example.encode())

    assert isinstance(event, UsageEvent)
    assert (event.subject, event.meter) == ("acme", "api_calls")
    assert event.quantity == 25
    assert event.dimensions == (("region", "eu"),)


def test_both_contract_versions_have_an_example() -> None:
    assert len(EXAMPLES) == 2


@pytest.mark.parametrize(
    "limit",
    [
        f"{MAX_DEPTH} levels",
        f"{MAX_EVENT_BYTES // 1024} KiB",
        f"{MAX_RECORD_BYTES // 1024**2} MiB",
        f"up to {MAX_DIMENSIONS} names",
    ],
)
def test_the_limits_are_the_contracts(limit: str) -> None:
    assert limit in GUIDE
