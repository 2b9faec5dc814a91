"""What a deployment has only where cdk.json says so: an issuer of tokens, servers of files, an address for notices."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.synthesize import WITHOUT_CODE
from tests.infrastructure.synthesized import FUNCTION_FOLDERS, ROOT, Synthesized, actions, attribute

WITH_EVERYTHING = """
import json
from pathlib import Path
from infra import app
settings = json.loads(app.CDK_JSON.read_text(encoding="utf-8"))
settings["context"] |= {
    "api_jwt_issuer": "https://id.acme.example",
    "api_jwt_audience": "usage",
    "erp_notices": "true",
    "erp_file_servers": {
        "old-books": {
            "url": "sftp://files.acme.example",
            "host_keys": ["ssh-ed25519 AAAA"],
            "secret": "erp-files/old-books",
        }
    },
}
app.CDK_JSON = Path("cdk.json")
app.CDK_JSON.write_text(json.dumps(settings), encoding="utf-8")
app.main()
"""


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """Synthesise with all optional parts; CDK's rules hold for these too, or it fails."""
    folder: Path = tmp_path_factory.mktemp("everything")
    subprocess.run(
        [sys.executable, "-c", WITH_EVERYTHING],
        cwd=folder,
        env={**os.environ, **WITHOUT_CODE, "CDK_OUTDIR": str(folder / "out"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    template: dict[str, Any] = json.loads((folder / "out" / "UsageToCashApplication.template.json").read_text())
    return Synthesized(assembly=folder / "out", templates={"UsageToCashApplication": template})


def test_a_deployment_may_trust_the_tokens_of_one_issuer_instead(everything: Synthesized) -> None:
    (authorizer,) = everything.of_type("AWS::ApiGatewayV2::Authorizer")

    assert authorizer.properties["JwtConfiguration"] == {"Audience": ["usage"], "Issuer": "https://id.acme.example"}
    routes = {each.properties["RouteKey"]: each.properties for each in everything.of_type("AWS::ApiGatewayV2::Route")}
    notices = routes.pop("POST /erp-notices/{legal_entity}")
    assert {each["AuthorizationType"] for each in routes.values()} == {"JWT"}
    assert notices["AuthorizationType"] == "NONE"


def test_erps_give_notice_at_an_api_of_their_own_with_narrow_bounds_and_no_body_in_its_log(
    everything: Synthesized, synthesized: Synthesized
) -> None:
    notices, products = sorted(
        (each.properties for each in everything.of_type("AWS::ApiGatewayV2::Stage")),
        key=lambda stage: stage["DefaultRouteSettings"]["ThrottlingRateLimit"],
    )

    assert notices["DefaultRouteSettings"] == {"ThrottlingBurstLimit": 20, "ThrottlingRateLimit": 10}
    assert notices["AccessLogSettings"]["Format"] == products["AccessLogSettings"]["Format"]
    receiver = everything.function("receive_erp_notices").properties
    assert receiver["ReservedConcurrentExecutions"] == 20
    renewer = everything.function("renew_erp_notices").properties["Environment"]["Variables"]
    assert "/erp-notices" in json.dumps(renewer["ERP_NOTICES_URL"])
    plain = synthesized.function("renew_erp_notices").properties["Environment"]["Variables"]
    assert plain["ERP_NOTICES_URL"] == ""


def test_who_answers_notices_may_read_secrets_of_erps_and_ask_for_readings_and_nothing_else(
    everything: Synthesized, synthesized: Synthesized
) -> None:
    def allowed(of: Synthesized) -> set[str]:
        statements = of.statements_of(attribute(of.function("receive_erp_notices").properties["Role"]))
        found = {action for statement in statements for action in actions(statement)}
        return {action for action in found if not action.startswith(("logs:", "xray:", "kms:"))}

    reading = {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "secretsmanager:GetSecretValue"}
    assert allowed(everything) == {*reading, "sqs:SendMessage"}
    assert allowed(synthesized) == reading


def test_readings_that_notices_ask_for_are_gathered_for_a_minute_and_done_one_at_a_time(
    everything: Synthesized, synthesized: Synthesized
) -> None:
    fifo = [each for each in everything.of_type("AWS::SQS::Queue") if each.properties.get("FifoQueue")]
    (work,) = [each for each in fifo if "RedrivePolicy" in each.properties]
    (dead_letters,) = [each for each in fifo if each is not work]
    assert work.properties["DelaySeconds"] == 60
    assert attribute(work.properties["RedrivePolicy"]["deadLetterTargetArn"]) == dead_letters.logical_id
    (mapping,) = [
        each
        for each in everything.of_type("AWS::Lambda::EventSourceMapping")
        if attribute(each.properties["EventSourceArn"]) == work.logical_id
    ]
    reader = everything.function("sync_settlements")
    assert attribute(mapping.properties["FunctionName"]) == reader.logical_id
    assert reader.properties["ReservedConcurrentExecutions"] == 1
    assert work.properties["VisibilityTimeout"] >= 6 * reader.properties["Timeout"]
    assert not [each for each in synthesized.of_type("AWS::SQS::Queue") if "FifoQueue" in each.properties]


def test_the_runbook_of_dead_letters_explains_every_queue(everything: Synthesized) -> None:
    """Queues of schedules are named as their functions and machines are: one row is about all of them."""
    variables = everything.function("record_dead_letters").properties["Environment"]["Variables"]
    pieces = variables["DEAD_LETTER_QUEUE_URLS"]["Fn::Join"][1]
    queues = json.loads("".join("url" if isinstance(piece, dict) else piece for piece in pieces))
    machines = {path.name.removesuffix(".asl.json") for path in (ROOT / "infra" / "state_machines").glob("*.json")}

    runbook = (ROOT / "docs" / "runbooks" / "dead-letter.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| ([a-z-]+) \|", runbook, re.MULTILINE)) == set(queues) - {*FUNCTION_FOLDERS, *machines}


def test_a_connector_knows_its_server_by_its_host_keys_and_signs_in_with_a_secret(everything: Synthesized) -> None:
    (connector,) = everything.of_type("AWS::Transfer::Connector")

    assert connector.properties["Url"] == "sftp://files.acme.example"
    assert connector.properties["SftpConfig"] == {
        "TrustedHostKeys": ["ssh-ed25519 AAAA"],
        "UserSecretId": "erp-files/old-books",
    }


def test_a_connector_reads_what_goes_out_writes_what_comes_in_and_reads_its_own_secret(
    everything: Synthesized,
) -> None:
    (connector,) = everything.of_type("AWS::Transfer::Connector")
    statements = everything.statements_of(attribute(connector.properties["AccessRole"]))

    allowed = {action: json.dumps(each["Resource"]) for each in statements for action in actions(each)}

    assert "/*/outbound/*" in allowed["s3:GetObject"]
    assert "/*/inbound/*" in allowed["s3:PutObject"]
    assert ":secret:erp-files/old-books-*" in allowed["secretsmanager:GetSecretValue"]
    assert set(allowed) == {
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:PutObject",
        "secretsmanager:GetSecretValue",
    }


def test_functions_of_files_start_transfers_by_these_connectors_alone_and_know_them_by_name(
    everything: Synthesized, synthesized: Synthesized
) -> None:
    (connector,) = everything.of_type("AWS::Transfer::Connector")
    for name in ("deliver_erp_files", "read_erp_answers"):
        properties = everything.function(name).properties
        statements = everything.statements_of(attribute(properties["Role"]))
        (transfers,) = [each for each in statements if "transfer:StartFileTransfer" in actions(each)]

        assert attribute(transfers["Resource"]) == connector.logical_id
        assert "old-books=" in json.dumps(properties["Environment"]["Variables"]["ERP_FILE_CONNECTORS"])
        plain = synthesized.function(name).properties
        assert plain["Environment"]["Variables"]["ERP_FILE_CONNECTORS"] == ""
        assert not any("transfer:" in json.dumps(each) for each in synthesized.statements_of(attribute(plain["Role"])))


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("deliver_erp_files", "*#erp-files#*"),
        ("read_erp_answers", "*#erp-files#*"),
        ("validate_invoice", "*#mapping-findings#*"),
    ],
)
def test_what_lies_beside_the_postings_is_reached_without_any_posting(
    synthesized: Synthesized, name: str, keys: str
) -> None:
    """A condition on the keys holds a function to those that it needs."""
    role = attribute(synthesized.function(name).properties["Role"])
    on_postings = [each for each in synthesized.statements_of(role) if "PostingsTable" in json.dumps(each)]

    assert on_postings
    for statement in on_postings:
        assert statement["Condition"] == {
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [keys]},
            "Null": {"dynamodb:LeadingKeys": "false"},
        }
