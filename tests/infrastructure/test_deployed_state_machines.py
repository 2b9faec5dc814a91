"""The deployed state machines are the ASL files, given what they name, logged without the data that they carry."""

import json
import re
from pathlib import Path

import pytest

from tests.infrastructure.synthesized import ROOT, Resource, Synthesized, actions, attribute

ASL_FILES = sorted((ROOT / "infra" / "state_machines").glob("*.asl.json"))


def _deployed(synthesized: Synthesized, asl: Path) -> Resource:
    wanted = json.loads(asl.read_text(encoding="utf-8"))
    (found,) = (
        each
        for each in synthesized.of_type("AWS::StepFunctions::StateMachine")
        if json.loads(each.properties["DefinitionString"]) == wanted
    )
    return found


@pytest.mark.parametrize("asl", ASL_FILES, ids=lambda path: path.name)
def test_every_placeholder_of_a_definition_is_given_a_value(synthesized: Synthesized, asl: Path) -> None:
    placeholders = set(re.findall(r"\$\{(\w+)\}", asl.read_text(encoding="utf-8")))

    assert set(_deployed(synthesized, asl).properties["DefinitionSubstitutions"]) == placeholders


@pytest.mark.parametrize("asl", ASL_FILES, ids=lambda path: path.name)
def test_a_machine_may_call_each_function_that_it_names_and_no_other(synthesized: Synthesized, asl: Path) -> None:
    machine = _deployed(synthesized, asl)
    substitutions = machine.properties["DefinitionSubstitutions"]
    named = [attribute(value) for key, value in substitutions.items() if key.endswith("Arn")]

    (invoking,) = (
        each
        for each in synthesized.statements_of(attribute(machine.properties["RoleArn"]))
        if "lambda:InvokeFunction" in actions(each)
    )

    assert sorted(attribute(resource) for resource in invoking["Resource"]) == sorted(named)


def test_transitions_are_logged_and_traced_but_never_what_they_carry(synthesized: Synthesized) -> None:
    machines = synthesized.of_type("AWS::StepFunctions::StateMachine")

    assert len(machines) == len(ASL_FILES)
    for machine in machines:
        assert machine.properties["LoggingConfiguration"]["IncludeExecutionData"] is False
        assert machine.properties["LoggingConfiguration"]["Level"] == "ALL"
        assert machine.properties["TracingConfiguration"] == {"Enabled": True}
        assert machine.properties["EncryptionConfiguration"]["Type"] == "CUSTOMER_MANAGED_KMS_KEY"
