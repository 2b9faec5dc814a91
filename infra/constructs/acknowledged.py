"""Findings of cdk-nag's AwsSolutions rules that we keep on purpose, acknowledged beside the resource, with reasons."""

from aws_cdk import Validations
from constructs import IConstruct

# What cdk-nag calls a permission for objects of the usage archive; how their keys start, and "*]", follow.
OBJECTS_OF_THE_ARCHIVE = (
    "AwsSolutions-IAM5[Resource::UsageToCashData:ExportsOutputFnGetAttUsageArchiveBucketArn7063B20B/"
)

# The same for the files that go to ERPs.
OBJECTS_OF_ERP_FILES = "AwsSolutions-IAM5[Resource::UsageToCashData:ExportsOutputFnGetAttErpFilesBucketArn12FC5E2C/"


def acknowledge(scope: IConstruct, findings: dict[str, str]) -> None:
    """Acknowledge findings by rule id (`AwsSolutions-IAM5[Resource::*]`), each with its reason, for a construct's tree.

    Written as metadata: `Validations.acknowledge` refuses the ids with two colons that IAM findings have.
    """
    scope.node.add_metadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, findings)


def acknowledge_tagged_secrets(role: IConstruct) -> None:
    """Acknowledge that a role may read whichever secrets carry a tag (permissions.read_tagged_secrets)."""
    acknowledge(
        role,
        {
            "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>"
            ":secret:*]": ("The catalogue names the secrets; a condition on their tag limits which may be read.")
        },
    )
