"""The guide of usage contracts keeps its word: its example is sound and keeps its promise."""

import re
from pathlib import Path

from operations.catalog.compatibility import broken_promises
from shared.contracts.usage_event.published_reader import ASKED_AGAIN_AFTER, FRESHNESS
from shared.domain.usage.contract_schema import MAX_DIGITS, MAX_MEMBERS, MAX_REPETITIONS, MAX_SCHEMA_CHARACTERS
from tests.fakes.usage_contract_folder import read_contract, write_contract

GUIDE = (Path(__file__).parents[4] / "docs/guides/usage-contracts.md").read_text()


def test_the_example_is_sound_and_keeps_its_promise(tmp_path: Path) -> None:
    (terms,) = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    schemas = re.findall(r"^```json\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)

    contract = read_contract(write_contract(tmp_path, terms=terms, schemas=dict(enumerate(schemas, start=1))))

    assert [version.number for version in contract.versions] == [1, 2]
    assert list(broken_promises(contract)) == []


def test_the_limits_are_those_of_the_code() -> None:
    said = " ".join(GUIDE.split())

    assert f"At most {MAX_MEMBERS} members, {MAX_SCHEMA_CHARACTERS:,} characters, 20 versions" in said
    assert (MAX_DIGITS, MAX_REPETITIONS) == (15, 3)
    assert (FRESHNESS.unasked.total_seconds(), FRESHNESS.at_most.total_seconds()) == (60, 1800)
    assert ASKED_AGAIN_AFTER.total_seconds() == 5
