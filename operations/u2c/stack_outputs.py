"""The names that a deployment gave to its resources, as its stacks tell them."""

from collections.abc import Mapping
from typing import NoReturn

import boto3

from shared.domain.identifiers import TenantId

STACKS = ("UsageToCashData", "UsageToCashApplication")


class OutputMissingError(LookupError):
    """The deployment does not name a resource that is asked for."""


def deployed_tenant() -> TenantId:
    """Return whose usage the deployment bills. Raises OutputMissingError where its stack does not say."""
    stack = boto3.client("cloudformation").describe_stacks(StackName=STACKS[-1])["Stacks"][0]
    for parameter in stack.get("Parameters", []):
        if parameter.get("ParameterKey") == "Tenant":
            return TenantId(parameter["ParameterValue"])
    raise OutputMissingError("the deployment does not say whose usage it bills: deploy it anew")


class _Outputs(dict[str, str]):
    def __missing__(self, name: str) -> NoReturn:
        raise OutputMissingError(f"the deployment has no {name}: it is older than this command, deploy it anew")


def stack_outputs() -> Mapping[str, str]:
    """Return the outputs of the deployment in the account and region of the environment's credentials.

    Looking up one that is not there raises OutputMissingError.
    """
    cloudformation = boto3.client("cloudformation")
    return _Outputs(
        (output["OutputKey"], output["OutputValue"])
        for stack in STACKS
        for output in cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    )
