"""Write the CloudFormation templates: `python -m infra.app` (to cdk.out), or by the CDK command line (cdk.json)."""

import json
import os
from pathlib import Path

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from infra.constructs.http_api import JwtIssuer
from infra.constructs.sftp_connector import SftpServer
from infra.stacks import ApplicationStack, DataStack, ObservabilityStack

CDK_JSON = Path(__file__).resolve().parents[1] / "cdk.json"


def main() -> None:
    # The command line hands over the context of cdk.json with its own -c on top; without it, we read it ourselves.
    app = App(
        context=json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"],
        analytics_reporting=False,
        outdir=os.environ.get("CDK_OUTDIR", "cdk.out"),  # CDK's own default is a folder that nobody finds again
    )
    data = DataStack(
        app,
        "UsageToCashData",
        shards=int(app.node.get_context("shards_per_stream")),
        archive_lock_days=int(app.node.get_context("archive_lock_days")),
    )
    application = ApplicationStack(
        app,
        "UsageToCashApplication",
        data=data.data,
        bundle=str(app.node.get_context("bundle")) == "true",
        issuer=_issuer(app),
        erp_file_servers=_erp_file_servers(app),
        erp_notices=str(app.node.get_context("erp_notices")) == "true",
    )
    ObservabilityStack(app, "UsageToCashObservability", application=application)
    Tags.of(app).add("service", "usage-to-cash")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


def _issuer(app: App) -> JwtIssuer | None:
    url = str(app.node.get_context("api_jwt_issuer"))
    return JwtIssuer(url=url, audience=str(app.node.get_context("api_jwt_audience"))) if url else None


def _erp_file_servers(app: App) -> list[SftpServer]:
    """Read NAME: {url, host_keys, secret}; on the command line it is JSON."""
    context = app.node.get_context("erp_file_servers")
    servers = json.loads(context) if isinstance(context, str) else context
    return [
        SftpServer(name=name, url=server["url"], host_keys=server["host_keys"], secret=server["secret"])
        for name, server in servers.items()
    ]


if __name__ == "__main__":
    main()
