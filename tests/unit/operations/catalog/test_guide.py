"""The guide keeps its word: its example loads, and it knows every fault."""

import re
from pathlib import Path

import pytest

from operations.catalog.load import NAMES, load_catalog
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.faults import CatalogFaultCode

GUIDE = (Path(__file__).parents[4] / "docs" / "guides" / "catalog.md").read_text()
EXAMPLES = dict(re.findall(r"^## `(\w+\.yaml)`.*?^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))


def test_every_file_has_an_example() -> None:
    assert [name.removesuffix(".yaml") for name in EXAMPLES] == list(NAMES)


def test_the_example_loads(tmp_path: Path) -> None:
    for name, text in EXAMPLES.items():
        (tmp_path / name).write_text(text)

    catalog = load_catalog(tmp_path)

    assert isinstance(catalog, Catalog), "\n".join(map(str, catalog))
    assert len(catalog.contracts) == 2


@pytest.mark.parametrize("code", CatalogFaultCode)
def test_every_fault_is_explained(code: CatalogFaultCode) -> None:
    assert f"| `{code}` |" in GUIDE
