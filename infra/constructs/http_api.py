"""The HTTP API that products call: every caller is authorized, every access is logged."""

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

# A bound against a product that runs wild, far above what one asks: it protects the other users of the account.
REQUESTS_A_SECOND, BURST = 1_000, 500
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


class HttpApi(Construct):
    """An API whose callers sign with AWS credentials, or bring a token of the one issuer that is trusted instead.

    Which route a signing caller may use is said by `execute-api:Invoke` in its policy.
    """

    def __init__(self, scope: Construct, name: str, *, key: kms.IKey, issuer: JwtIssuer | None) -> None:
        super().__init__(scope, name)
        self.api = apigateway.HttpApi(self, "Api", default_authorizer=_authorizer(issuer), create_default_stage=False)
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=REQUESTS_A_SECOND, burst_limit=BURST),
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


def _authorizer(issuer: JwtIssuer | None) -> apigateway.IHttpRouteAuthorizer:
    if issuer is None:
        return authorizers.HttpIamAuthorizer()
    return authorizers.HttpJwtAuthorizer("Jwt", issuer.url, jwt_audience=[issuer.audience])
