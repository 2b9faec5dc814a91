"""What works on a deployment says so when that is older than the command."""

import boto3
import pytest
from moto import mock_aws

from operations.u2c.__main__ import main
from operations.u2c.stack_outputs import STACKS

NOTHING = '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}'
MARCH = ("--arrived-from", "2026-03-01", "--arrived-until", "2026-04-01")


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        (("replay", *MARCH), "ReplayUsageFunctionName"),
        (("backfill", "list"), "CloseBackfillFunctionName"),
        (("account", "list"), "InvoicesTable"),
        (("bill-run", "show"), "RecordBillRunsFunctionName"),
    ],
)
def test_an_output_that_is_missing_is_named(
    command: tuple[str, ...], missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with mock_aws():
        for stack in STACKS:
            boto3.client("cloudformation").create_stack(StackName=stack, TemplateBody=NOTHING)

        assert main(command) == 2

    assert f"the deployment has no {missing}" in capsys.readouterr().out
