"""Every function folder is deployed, and every function has what a function of ours must have."""

import ast
import re
from typing import Any

import grimp
import pytest

from tests.infrastructure.synthesized import FUNCTION_FOLDERS, ROOT, Synthesized, actions, attribute
from tests.integration.functions.test_no_secret_is_told import READERS

SET_FOR_POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}
# DuckDB alone is three times as large as what every function carries: nobody carries what it does not import.
EXTRA_OF = {
    "httpx": "HttpPackages",
    "duckdb": "RecountPackages",
    "typst": "PrintingPackages",
    "stdnum": "TaxIdsPackages",
}
# What AWS offers for no resource in particular.
ACTIONS_ON_EVERYTHING = {
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("functions", "shared", include_external_packages=True, cache_dir=None)


def test_every_folder_is_one_function_and_every_function_a_folder(synthesized: Synthesized) -> None:
    handlers = sorted(each.properties["Handler"] for each in synthesized.of_type("AWS::Lambda::Function"))

    assert handlers == [f"functions.{name}.handler.handler" for name in FUNCTION_FOLDERS]


@pytest.mark.parametrize("name", FUNCTION_FOLDERS)
def test_a_function_runs_on_what_we_chose_and_says_how_much_of_it(synthesized: Synthesized, name: str) -> None:
    properties = synthesized.function(name).properties

    assert properties["Runtime"] == "python3.13"
    assert properties["Architectures"] == ["arm64"]
    assert properties["TracingConfig"] == {"Mode": "Active"}
    assert properties["MemorySize"] >= 512
    assert 30 <= properties["Timeout"] <= 900
    assert "KmsKeyArn" in properties
    assert "FunctionName" not in properties


@pytest.mark.parametrize("name", FUNCTION_FOLDERS)
def test_a_function_carries_what_it_imports_and_no_other_extra(
    synthesized: Synthesized, imports: grimp.ImportGraph, name: str
) -> None:
    properties = synthesized.function(name).properties
    handler = f"functions.{name}.handler"

    needed = {EXTRA_OF[package] for package in EXTRA_OF if imports.chain_exists(handler, package)}
    carried = {re.sub(r"[0-9A-F]{8}$", "", layer["Ref"]) for layer in properties["Layers"]}

    assert carried == {"Packages", *needed}
    assert properties["EphemeralStorage"] == {"Size": 10_240 if "RecountPackages" in needed else 512}


@pytest.mark.parametrize("name", FUNCTION_FOLDERS)
def test_a_function_logs_to_an_encrypted_group_of_its_own_that_forgets(synthesized: Synthesized, name: str) -> None:
    logging = synthesized.function(name).properties["LoggingConfig"]

    log_group = synthesized.by_id(attribute(logging["LogGroup"]))

    assert logging["LogFormat"] == "JSON"
    assert log_group.properties["RetentionInDays"] == 90
    assert "KmsKeyId" in log_group.properties


def test_no_two_functions_share_a_role_or_a_log(synthesized: Synthesized) -> None:
    functions = synthesized.of_type("AWS::Lambda::Function")

    assert len({attribute(each.properties["Role"]) for each in functions}) == len(functions)
    assert len({attribute(each.properties["LoggingConfig"]["LogGroup"]) for each in functions}) == len(functions)


@pytest.mark.parametrize("name", FUNCTION_FOLDERS)
def test_a_function_is_given_exactly_the_settings_that_its_handler_reads(synthesized: Synthesized, name: str) -> None:
    variables = set(synthesized.function(name).properties["Environment"]["Variables"])
    handler = ROOT / "functions" / name / "handler.py"

    assert variables - SET_FOR_POWERTOOLS == _settings_read_by(handler.read_text(encoding="utf-8"))


def _settings_read_by(source: str) -> set[str]:
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"text", "number"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and node.args[0].value.isupper()
    }


def test_no_role_may_do_a_whole_family_of_actions(synthesized: Synthesized) -> None:
    wide = {action for statement in _statements(synthesized) for action in actions(statement) if "*" in action}

    assert not wide


def test_no_role_may_read_a_table_from_end_to_end(synthesized: Synthesized) -> None:
    """What there is to close, to bill or to audit is enumerated by keys; the scenario of a month shows that it is."""
    allowed = {action for statement in _statements(synthesized) for action in actions(statement)}

    assert "dynamodb:Query" in allowed
    assert not allowed & {"dynamodb:Scan", "dynamodb:PartiQLSelect", "dynamodb:ExportTableToPointInTime"}


def test_a_role_that_is_not_held_to_resources_may_only_trace_and_deliver_logs(synthesized: Synthesized) -> None:
    everywhere = {
        action
        for statement in _statements(synthesized)
        if statement["Resource"] == "*" or "*" in statement["Resource"]
        for action in actions(statement)
    }

    assert everywhere <= ACTIONS_ON_EVERYTHING


def test_secrets_are_read_only_where_their_tag_says_so(synthesized: Synthesized) -> None:
    reading = [each for each in _statements(synthesized) if "secretsmanager:GetSecretValue" in actions(each)]

    tags = [each["Condition"]["StringEquals"] for each in reading]
    assert {tag for tag, *_ in tags} == {
        f"secretsmanager:ResourceTag/{name}" for name in ("crm-connection", "erp-connection", "tax-connection")
    }
    assert all(list(tag.values()) == ["true"] for tag in tags)


def test_whoever_may_read_secrets_of_erps_is_watched_for_telling_them(synthesized: Synthesized) -> None:
    readers = {
        name
        for name in FUNCTION_FOLDERS
        for statement in synthesized.statements_of(attribute(synthesized.function(name).properties["Role"]))
        if "secretsmanager:ResourceTag/erp-connection" in statement.get("Condition", {}).get("StringEquals", {})
    }

    assert readers == {"post_to_erp", *READERS}


def test_roles_have_no_ready_made_policies(synthesized: Synthesized) -> None:
    assert not any("ManagedPolicyArns" in each.properties for each in synthesized.of_type("AWS::IAM::Role"))


def _statements(synthesized: Synthesized) -> list[dict[str, Any]]:
    return [
        statement
        for policy in synthesized.of_type("AWS::IAM::Policy")
        for statement in policy.properties["PolicyDocument"]["Statement"]
    ]
