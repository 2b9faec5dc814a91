"""A mapping that its ERP would refuse, or that no simulator could be started by, is a fault of the catalogue."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from operations.catalog.load import load_catalog
from shared.domain.master_data.catalog import Catalog
from tests.builders.erp_guides import demo_mapped_by, example


def told(folder: Path, mapping: Mapping[str, Any], other: Mapping[str, Any] | None = None) -> list[str]:
    """Return the faults of the demo's catalogue with its German entity mapped so, each with the text of its line."""
    result = load_catalog(demo_mapped_by(folder, mapping, other))
    if isinstance(result, Catalog):
        return []
    return [f"{one.code} {one.path}: {one.message} <- {_line(one.file, one.line)}" for one in result]


def _line(file: str, number: int) -> str:
    return Path(file).read_text(encoding="utf-8").splitlines()[number - 1].strip()


def test_a_connection_is_one_to_one_erp(tmp_path: Path) -> None:
    at_once = {"connection": "nimbus-de/tryton"}

    (fault,) = told(tmp_path, example("tryton"), at_once)

    assert fault == (
        "INVALID_VALUE legal_entities[1].erp.connection: connection nimbus-de/tryton is named by an entity of another"
        " system: nimbus-de posts to tryton by it <- connection: nimbus-de/tryton"
    )


def test_several_companies_of_one_erp_share_its_connection(tmp_path: Path) -> None:
    assert told(tmp_path, example("netsuite"), {"connection": "nimbus-de/netsuite"}) == []
