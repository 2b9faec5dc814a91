"""What an ERP's guide shows can be put into the demo's catalogue as it is."""

from pathlib import Path

import pytest
import yaml

from operations.catalog.load import load_catalog
from operations.u2c.__main__ import main
from shared.contracts.journal import PrepareJournalEvent, journal_event
from shared.domain.identifiers import TenantId
from shared.domain.master_data.catalog import Catalog
from shared.domain.posting.journal_approval import require_postable
from shared.domain.posting.systems.registry import SYSTEMS
from tests.builders.erp_guides import DEMO, demo_mapped_by, example, example_journal


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


@pytest.mark.parametrize("system", sorted(SYSTEMS))
def test_an_entity_that_is_mapped_as_a_guide_shows_can_accrue(tmp_path: Path, system: str) -> None:
    catalog = demo_mapped_by(tmp_path, example(system), on_closed_period="accrue")

    assert main(["catalog", "check", str(catalog)]) == 0


@pytest.mark.parametrize("system", sorted(SYSTEMS))
def test_the_journal_that_its_guide_shows_is_taken_with_the_mapping_of_every_guide(tmp_path: Path, system: str) -> None:
    catalog = load_catalog(demo_mapped_by(tmp_path, example(system)))
    assert isinstance(catalog, Catalog)
    written = yaml.load(example_journal(), yaml.BaseLoader)
    event = journal_event({"act": "prepare", "journal": written, "prepared_by": "fred@nimbus.example"})
    assert isinstance(event, PrepareJournalEvent)

    require_postable(event.journal.to_domain(TenantId("nimbus")), catalog.legal_entities[0], None)
