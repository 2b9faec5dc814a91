"""What keeps a command from its deployment is told with what can be done about it, by every command alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    ProfileNotFound,
    SSOTokenLoadError,
    TokenRetrievalError,
)
from moto import mock_aws

from operations.u2c.__main__ import main
from operations.u2c.aws_faults import why

CREDIT = ("c-acme/2026-03", "--id", "sla-7", "--reason", "the API was down")
COMMANDS = [
    ("account", "list"),
    ("amend", "show", "0068d00000AbCdEfAAF"),
    ("backfill", "list"),
    ("bill-run", "show"),
    ("credit", *CREDIT),
    ("erp", "status"),
    ("journal", "decide", "accrual-2026-10", "approve"),
    ("mapping", "check"),
    ("posting", "repair", "c-acme/2026-03"),
    ("replay", "--arrived-from", "2026-03-01", "--arrived-until", "2026-04-01"),
    ("void", *CREDIT),
]


@pytest.fixture
def a_machine_without_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    yield monkeypatch
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)


@pytest.mark.usefixtures("a_machine_without_aws")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_without_a_region_or_credentials_it_is_said_how_to_give_them(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 2

    assert "AWS_PROFILE" in capsys.readouterr().out


def test_a_region_that_is_not_set_is_said_to_be_that_of_the_deployment(
    a_machine_without_aws: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(("erp", "status")) == 2
    a_machine_without_aws.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert main(("erp", "status")) == 2

    region, credentials = capsys.readouterr().out.splitlines()
    assert region == (
        "no AWS region is set: say that of the deployment by AWS_DEFAULT_REGION or a profile (AWS_PROFILE)"
    )
    assert credentials == (
        "there are no AWS credentials: give those of the deployment's account by a profile (AWS_PROFILE),"
        " or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (Unable to locate credentials)"
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_without_a_deployment_it_is_said_that_one_is_needed(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with mock_aws():
        assert main(command) == 2

    told = "there is no deployment in this account and region: deploy it (docs/guides/deploy.md), or choose another"
    assert capsys.readouterr().out.startswith(told)
    assert Path("docs/guides/deploy.md").is_file()


@pytest.mark.usefixtures("a_machine_without_aws")
def test_a_file_that_is_not_there_is_told_before_anything_of_aws(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(("backfill", "load", "gateway", f"{tmp_path}/march.jsonl")) == 2

    assert capsys.readouterr().out == f"{tmp_path}/march.jsonl: there is no such file\n"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            EndpointConnectionError(endpoint_url="https://lambda.eu-centrl-1.amazonaws.com/"),
            "AWS does not answer: is the region right, by AWS_DEFAULT_REGION or a profile (AWS_PROFILE)",
        ),
        (
            ProfileNotFound(profile="nimbus"),
            "AWS_PROFILE names no profile of this machine: The config profile (nimbus)",
        ),
        (SSOTokenLoadError(error_msg="expired"), "sign in to AWS again: "),
        (TokenRetrievalError(provider="sso", error_msg="expired"), "sign in to AWS again: "),
        (
            ClientError({"Error": {"Code": "ExpiredToken", "Message": "The token is expired"}}, "DescribeStacks"),
            "AWS does not take these credentials: sign in again",
        ),
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "fred may not"}}, "DescribeStacks"),
            "An error occurred (AccessDenied) when calling the DescribeStacks operation: fred may not",
        ),
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_aws_says_is_told_in_words(error: Exception, told: str) -> None:
    assert why(error).startswith(told)
