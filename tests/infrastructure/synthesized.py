"""The synthesised templates, as tests ask about them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parents[2]
FUNCTION_FOLDERS = sorted(
    path.parent.name for path in (ROOT / "functions").glob("*/__init__.py") if path.parent.name != "functions"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    logical_id: str
    type: str
    properties: Mapping[str, Any]
    deletion_policy: str | None

    def __str__(self) -> str:
        return self.logical_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthesized:
    """Everything the three stacks hold. `assembly` is the folder that CDK wrote."""

    assembly: Path
    templates: Mapping[str, Mapping[str, Any]]

    def of_type(self, resource_type: str) -> list[Resource]:
        return [resource for resource in self._resources() if resource.type == resource_type]

    def function(self, name: str) -> Resource:
        wanted = f"functions.{name}.handler.handler"
        (found,) = (each for each in self.of_type("AWS::Lambda::Function") if each.properties["Handler"] == wanted)
        return found

    def by_id(self, logical_id: str) -> Resource:
        (found,) = (each for each in self._resources() if each.logical_id == logical_id)
        return found

    def outputs(self) -> set[str]:
        return {key for template in self.templates.values() for key in template.get("Outputs", {})}

    def statements_of(self, role_id: str) -> list[dict[str, Any]]:
        return [
            statement
            for policy in self.of_type("AWS::IAM::Policy")
            if {"Ref": role_id} in policy.properties["Roles"]
            for statement in policy.properties["PolicyDocument"]["Statement"]
        ]

    def _resources(self) -> Iterator[Resource]:
        for template in self.templates.values():
            for logical_id, resource in template["Resources"].items():
                yield Resource(
                    logical_id=logical_id,
                    type=resource["Type"],
                    properties=resource.get("Properties", {}),
                    deletion_policy=resource.get("DeletionPolicy"),
                )


def attribute(value: object) -> str:
    """Return the logical id of a `Ref` or `Fn::GetAtt`; of a reference to another stack, the name of its export."""
    reference = cast("Mapping[str, Any]", value)
    match reference:
        case {"Ref": str(logical_id)}:
            return logical_id
        case {"Fn::GetAtt": [str(logical_id), _]}:
            return logical_id
        case {"Fn::ImportValue": str(name)}:
            return name
        case _:
            raise ValueError(f"not a reference: {json.dumps(value)}")


def actions(statement: Mapping[str, Any]) -> list[str]:
    action = statement["Action"]
    return [action] if isinstance(action, str) else list(action)
