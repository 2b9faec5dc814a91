"""Adding an ERP is one file or folder in each of these places, and a name in the registry: none may be forgotten."""

from importlib import import_module
from pathlib import Path

import pytest

from shared.domain.posting.systems.registry import SYSTEMS

ROOT = Path(__file__).parents[2]
EVERY_SYSTEM = sorted(SYSTEMS)


@pytest.mark.parametrize("system", EVERY_SYSTEM)
def test_a_system_that_a_catalogue_may_name_has_an_adapter_a_simulator_and_an_entry_in_the_suite(system: str) -> None:
    assert callable(import_module(f"shared.adapters.erp.{system}.connect").connect)
    assert callable(import_module(f"simulators.erp.{system}.launch").launch)
    assert import_module(f"tests.contract.erp.systems.{system}").UNDER_TEST.system is SYSTEMS[system]


@pytest.mark.parametrize("system", EVERY_SYSTEM)
def test_its_guide_explains_each_setting_of_its_mapping_and_each_field_of_its_secret(system: str) -> None:
    guide = (ROOT / "docs" / "guides" / "erp" / f"{system.replace('_', '-')}.md").read_text()

    named = [*SYSTEMS[system].mapping.settings, *import_module(f"shared.adapters.erp.{system}.connect").SECRET_FIELDS]
    assert [name for name in named if f"`{name}`" not in guide] == []


@pytest.mark.parametrize("system", EVERY_SYSTEM)
def test_the_guide_to_a_deployment_names_each_field_of_its_secret(system: str) -> None:
    lines = (ROOT / "docs" / "guides" / "deploy.md").read_text().splitlines()
    (row,) = [line for line in lines if line.lstrip().startswith(f"| [`{system}`]")]

    fields = import_module(f"shared.adapters.erp.{system}.connect").SECRET_FIELDS
    assert [name for name in fields if f"`{name}`" not in row] == []


@pytest.mark.parametrize("system", EVERY_SYSTEM)
def test_no_use_case_asks_which_erp_it_has_to_do_with(system: str) -> None:
    sources = (ROOT / "functions").rglob("*.py")

    assert [str(file) for file in sources if f'"{system}"' in file.read_text()] == []
