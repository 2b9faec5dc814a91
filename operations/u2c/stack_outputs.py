"""The names that a deployment gave to its resources, as its stacks tell them."""

from collections.abc import Mapping

import boto3

STACKS = ("UsageToCashData", "UsageToCashApplication")


def stack_outputs() -> Mapping[str, str]:
    """Return the outputs of the deployment in the account and region of the environment's credentials."""
    cloudformation = boto3.client("cloudformation")
    return {
        output["OutputKey"]: output["OutputValue"]
        for stack in STACKS
        for output in cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    }
