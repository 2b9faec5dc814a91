"""The guide to meters keeps its word: its examples are meters."""

import re
from pathlib import Path

import pytest
import yaml

from shared.contracts.catalog.offers import MeterEntry
from shared.domain.metering.meter import Aggregation, Meter

GUIDE = (Path(__file__).parents[4] / "docs" / "guides" / "meters.md").read_text()
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
EXAMPLES = [entry for block in BLOCKS for entry in yaml.safe_load(block)]


@pytest.mark.parametrize("entry", EXAMPLES, ids=lambda entry: entry["id"])
def test_an_example_is_a_meter_and_is_written_as_it_was_read(entry: dict[str, object]) -> None:
    meter = MeterEntry.model_validate(entry).to_domain()

    assert isinstance(meter, Meter)
    assert MeterEntry.of(meter).to_domain() == meter


@pytest.mark.parametrize("aggregation", Aggregation)
def test_every_aggregation_is_explained(aggregation: Aggregation) -> None:
    assert f"| `{aggregation.value}` |" in GUIDE
