"""Nobody calls the API unknown, unbounded or unseen; where tokens open it instead is among the optional parts."""

import json
import subprocess
import sys

import pytest

from tests.infrastructure.synthesized import ROOT, Synthesized, attribute


def test_every_route_has_its_function_and_lets_in_who_signs(synthesized: Synthesized) -> None:
    routes = {each.properties["RouteKey"]: each.properties for each in synthesized.of_type("AWS::ApiGatewayV2::Route")}

    assert set(routes) == {"GET /entitlements/{subject}/{meter}", "POST /usage-events"}
    assert {route["AuthorizationType"] for route in routes.values()} == {"AWS_IAM"}


def test_requests_are_bounded_and_logged_with_their_caller_and_without_their_body(synthesized: Synthesized) -> None:
    (stage,) = synthesized.of_type("AWS::ApiGatewayV2::Stage")
    log = json.loads(stage.properties["AccessLogSettings"]["Format"])

    assert stage.properties["DefaultRouteSettings"] == {"ThrottlingBurstLimit": 500, "ThrottlingRateLimit": 1000}
    assert {"$context.identity.userArn", "$context.authorizer.claims.sub"} <= set(log.values())
    assert not [value for value in log.values() if "body" in value.lower() or "path" in value.lower()]
    group = synthesized.by_id(attribute(stage.properties["AccessLogSettings"]["DestinationArn"]))
    assert "KmsKeyId" in group.properties


def test_only_the_api_may_invoke_what_answers_it_each_for_its_own_route(synthesized: Synthesized) -> None:
    permissions = synthesized.of_type("AWS::Lambda::Permission")
    by_gateway = [each for each in permissions if each.properties["Principal"] == "apigateway.amazonaws.com"]

    assert sorted(json.dumps(each.properties["SourceArn"]).split("/", 1)[1] for each in by_gateway) == [
        '*/*/entitlements/{subject}/{meter}"]]}',
        '*/*/usage-events"]]}',
    ]


def test_accept_usage_may_read_the_contracts_write_to_the_stream_of_products_and_nothing_else(
    synthesized: Synthesized,
) -> None:
    role = attribute(synthesized.function("accept_usage").properties["Role"])

    allowed = sorted(
        (action, json.dumps(each["Resource"]))
        for each in synthesized.statements_of(role)
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
        if not action.startswith(("logs:", "xray:", "kms:"))
    )

    assert [action for action, _ in allowed] == ["dynamodb:GetItem", "dynamodb:Query", "kinesis:PutRecords"]
    assert ["MasterDataTable" in resource for _, resource in allowed] == [True, True, False]
    assert "UsageEventsStream" in allowed[-1][1]


@pytest.mark.parametrize(("url", "audience"), [("https://id.acme.example", ""), ("http://id.acme.example", "usage")])
def test_an_issuer_without_an_audience_or_without_tls_is_refused(url: str, audience: str) -> None:
    program = f"from infra.constructs.http_api import JwtIssuer; JwtIssuer(url={url!r}, audience={audience!r})"

    tried = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert tried.returncode != 0
    assert "ValueError: an issuer of tokens needs an https URL, and an audience" in tried.stderr
