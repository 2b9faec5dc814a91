"""A way to somebody's SFTP server: a connector of AWS Transfer Family, its role and its log."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_transfer as transfer
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge
from infra.constructs.names import pascal_case

SECURITY_POLICY = "TransferSFTPConnectorSecurityPolicy-2024-03"


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpServer:
    """A server, and how it is known. `secret` is the name of a secret with Username and PrivateKey or Password."""

    name: str
    url: str
    host_keys: Sequence[str]
    secret: str

    def __post_init__(self) -> None:
        if not self.url.startswith("sftp://") or not self.host_keys or not self.secret:
            raise ValueError(f"server {self.name} needs an sftp:// URL, the keys of its host, and a secret's name")


class SftpConnector(Construct):
    """Reads what goes out from a bucket's folders `outbound/`, and writes what comes back into their `inbound/`."""

    def __init__(self, scope: Construct, server: SftpServer, *, bucket: s3.IBucket, keys: Sequence[kms.IKey]) -> None:
        super().__init__(scope, f"{pascal_case(server.name.replace('-', '_'))}Connector")
        secret = Stack.of(self).format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{server.secret}-*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "transfer.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
            ),
        )
        for statement in (
            permissions.on_objects(bucket, "GetObject", "GetObjectVersion", under="*/outbound/"),
            permissions.on_objects(bucket, "PutObject", under="*/inbound/"),
            permissions.list_objects(bucket),
            iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[secret]),
            *(permissions.use_key(key) for key in keys),
        ):
            role.add_to_policy(statement)
        acknowledge(
            role,
            {
                "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>"
                f":secret:{server.secret}-*]": "The ARN of a secret ends in characters that nobody knows before.",
            },
        )
        self._connector = transfer.CfnConnector(
            self,
            "Connector",
            access_role=role.role_arn,
            security_policy_name=SECURITY_POLICY,
            sftp_config=transfer.CfnConnector.SftpConfigProperty(
                trusted_host_keys=list(server.host_keys), user_secret_id=server.secret
            ),
            url=server.url,
        )
        self.arn = self._connector.attr_arn
        self.setting = f"{server.name}={self._connector.attr_connector_id}"
