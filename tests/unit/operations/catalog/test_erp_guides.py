"""What an ERP's guide shows can be put into the demo's catalogue as it is."""

from pathlib import Path

import pytest
import yaml

from operations.u2c.__main__ import main
from shared.domain.posting.systems.registry import SYSTEMS
from tests.builders.erp_guides import DEMO, demo_mapped_by, example


@pytest.mark.parametrize("system", sorted(SYSTEMS))
def test_the_example_of_every_guide_has_no_fault_and_maps_all_that_the_entity_sells(
    tmp_path: Path, system: str
) -> None:
    mapping = example(system)
    (german, _) = yaml.safe_load((DEMO / "catalog" / "legal_entities.yaml").read_text(encoding="utf-8"))
    was = german["erp"]

    assert main(["catalog", "check", str(demo_mapped_by(tmp_path, mapping))]) == 0
    assert mapping["system"] == system
    assert mapping["products"].keys() == was["products"].keys()
    assert mapping["tax_codes"].keys() == was["tax_codes"].keys()
