"""Names of constructs and outputs, from names of folders and queues."""

from aws_cdk import CfnOutput, CfnResource
from constructs import Construct


def pascal_case(name: str) -> str:
    """Write `post_to_erp` or `erp-postings` as `PostToErp`, `ErpPostings`."""
    return "".join(word.capitalize() for word in name.replace("-", "_").split("_"))


def pin(construct: Construct, logical_id: str, *, output: str) -> None:
    """Give a stateful resource a logical id that moving code cannot change, and an output of the same name."""
    resource = construct.node.default_child
    assert isinstance(resource, CfnResource)
    resource.override_logical_id(logical_id)
    CfnOutput(construct, "Name", value=output).override_logical_id(logical_id)
