"""The examples of the ERPs' guides: how the demo's German legal entity is mapped to each."""

import re
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
