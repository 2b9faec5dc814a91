"""The examples of the ERPs' guides: how the demo's German legal entity is mapped to each."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "guides" / "erp"
DEMO = ROOT / "events" / "scenarios" / "demo"
MAPPED_ENTITY = "nimbus-de"


def example(system: str) -> dict[str, Any]:
    """Return the `erp` block that a guide shows; raises LookupError where it shows none, or several."""
    guide = GUIDES / f"{system.replace('_', '-')}.md"
    found = re.findall(r"^```yaml\n(erp:\n.*?)^```$", guide.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if len(found) != 1:
        raise LookupError(f"{guide.name} has {len(found)} examples of a mapping")
    mapping: dict[str, Any] = yaml.safe_load(found[0])["erp"]
    return mapping


def example_journal() -> str:
    """Return the file that the guide of journals shows."""
    guide = (GUIDES.parent / "journals.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^```yaml\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    return str(found)


def demo_mapped_by(
    folder: Path, mapping: Mapping[str, Any], other: Mapping[str, Any] | None = None, **fields: object
) -> Path:
    """Write the demo's catalogue to a folder, its German entity mapped so and with these further fields.

    `other` says more of the other entity's mapping.
    """
    catalog = folder / "catalog"
    shutil.copytree(DEMO / "catalog", catalog)
    file = catalog / "legal_entities.yaml"
    (german, american) = yaml.safe_load(file.read_text(encoding="utf-8"))
    if german["id"] != MAPPED_ENTITY:
        raise LookupError(f"the demo's first entity is {german['id']}")
    entities = [german | {"erp": mapping} | fields, american | {"erp": american["erp"] | (other or {})}]
    file.write_text(yaml.safe_dump(entities, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return catalog
