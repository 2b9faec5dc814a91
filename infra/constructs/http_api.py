"""HTTP APIs: every request is bounded, every access is logged."""

import json
from dataclasses import dataclass

from aws_cdk import CfnOutput, RemovalPolicy
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.constructs.python_function import LOG_RETENTION, PythonFunction

# Who asked for what and how it went; never a body, and no path parameter, which names a customer.
ACCESS_LOG = {
    "request": "$context.requestId",
    "at": "$context.requestTimeEpoch",
    "caller": "$context.identity.userArn",
    "token": "$context.authorizer.claims.sub",
    "route": "$context.routeKey",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "error": "$context.integrationErrorMessage",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtIssuer:
    """Whose tokens let a caller in, and for which audience they must be made out."""

    url: str
    audience: str

    def __post_init__(self) -> None:
        if not self.url.startswith("https://") or not self.audience:
            raise ValueError(
                f"an issuer of tokens needs an https URL, and an audience: {self.url!r}, {self.audience!r}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What callers may send altogether: it protects the other users of the account from one that runs wild."""

    requests_a_second: int
    burst: int


class HttpApi(Construct):
    """An API whose routes let in whom its authorizer does."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        key: kms.IKey,
        authorizer: apigateway.IHttpRouteAuthorizer,
        bounds: Bounds,
    ) -> None:
        super().__init__(scope, name)
        self.name = name
        self.api = apigateway.HttpApi(self, "Api", default_authorizer=authorizer, create_default_stage=False)
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=bounds.requests_a_second, burst_limit=bounds.burst),
        )
        access = logs.LogGroup(
            self, "Access", encryption_key=key, retention=LOG_RETENTION, removal_policy=RemovalPolicy.DESTROY
        )
        # Set on the resource: the construct's own would let API Gateway write to every log of the account.
        resource = stage.node.default_child
        assert isinstance(resource, apigateway.CfnStage)
        resource.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=access.log_group_arn, format=json.dumps(ACCESS_LOG)
        )
        CfnOutput(self, "Url", value=stage.url).override_logical_id(f"{name}Url")

    def route(self, method: apigateway.HttpMethod, path: str, function: PythonFunction) -> None:
        """Answer a route with a function. `path` is a pattern, e.g. "/entitlements/{subject}/{meter}"."""
        integration = integrations.HttpLambdaIntegration(function.name, function.function)
        self.api.add_routes(path=path, methods=[method], integration=integration)


def known_callers(issuer: JwtIssuer | None) -> apigateway.IHttpRouteAuthorizer:
    """Let in who signs with AWS credentials, or who brings a token of the one issuer that is trusted instead.

    Which route a signing caller may use is said by `execute-api:Invoke` in its policy.
    """
    if issuer is None:
        return authorizers.HttpIamAuthorizer()
    return authorizers.HttpJwtAuthorizer("Jwt", issuer.url, jwt_audience=[issuer.audience])
