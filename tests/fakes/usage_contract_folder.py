"""A sound usage contract as its owner writes it, to be spoiled by tests: bytes stored, in three versions."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from operations.catalog.usage_contracts import LoadedContracts
from shared.domain.usage.contract_definition import ContractDefinition

TERMS = """\
owner: storage@nimbus.example
event: object_stored
billing: usage
retention: evidence
compatibility: backward
quantity: bytes
unique_key: object_id
priced: [region, cold]
versions:
  - version: 1
    status: deprecated
    deprecated_on: 2026-06-01
  - version: 2
    status: active
    valid_from: 2026-01-01
    upcast:
      - {rename: size, to: bytes}
      - {default: region, value: eu}
      - {drop: debug}
  - version: 3
    status: draft
    valid_from: 2026-09-01
"""
_TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 64}
_BYTES: dict[str, Any] = {"type": "number", "minimum": 0}


def schema(*, required: tuple[str, ...] = (), closed: bool = True, **members: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema of these members."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "required": list(required),
        "additionalProperties": not closed,
        "properties": members,
    }


SCHEMAS = {
    1: schema(required=("size",), size=_BYTES, object_id=_TEXT, region=_TEXT, debug=_TEXT),
    2: schema(required=("bytes",), bytes=_BYTES, object_id=_TEXT, region=_TEXT, cold={"type": "boolean"}, ratio=_BYTES),
    3: schema(
        required=("bytes",),
        bytes=_BYTES,
        object_id=_TEXT,
        region=_TEXT,
        cold={"type": "boolean"},
        ratio=_BYTES,
        shelf={"type": ["integer", "null"]},
    ),
}


def write_contract(
    catalog: Path, *, name: str = "storage", terms: str = TERMS, schemas: Mapping[int, Any] = SCHEMAS
) -> Path:
    """Write a contract into a catalogue folder, which is made if need be, and return the catalogue folder."""
    folder = catalog / "usage_contracts" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "contract.yaml").write_text(terms)
    for version, text in schemas.items():
        (folder / f"{version}.json").write_text(text if isinstance(text, str) else json.dumps(text, indent=2))
    return catalog


def read_contract(catalog: Path) -> ContractDefinition:
    """Return the one contract of a folder, which has no faults."""
    loaded = LoadedContracts(catalog)
    assert not loaded.faults, loaded.faults
    (definition,) = loaded.definitions
    return definition
