"""What an ERP's guide shows can be put into the demo's catalogue as it is."""

import shutil
from pathlib import Path

import pytest
import yaml

from operations.u2c.__main__ import main
from shared.domain.posting.systems.registry import SYSTEMS
from tests.builders.erp_guides import DEMO, MAPPED_ENTITY, example


@pytest.mark.parametrize("system", sorted(SYSTEMS))
def test_the_example_of_every_guide_has_no_fault_and_maps_all_that_the_entity_sells(
    tmp_path: Path, system: str
) -> None:
    catalog = tmp_path / "catalog"
    shutil.copytree(DEMO / "catalog", catalog)
    file = catalog / "legal_entities.yaml"
    (entity, other) = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert entity["id"] == MAPPED_ENTITY
    mapping, was = example(system), entity["erp"]
    file.write_text(yaml.safe_dump([entity | {"erp": mapping}, other], allow_unicode=True), encoding="utf-8")

    assert main(["catalog", "check", str(catalog)]) == 0
    assert mapping["system"] == system
    assert mapping["products"].keys() == was["products"].keys()
    assert mapping["tax_codes"].keys() == was["tax_codes"].keys()
