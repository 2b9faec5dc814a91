"""Secrets are kept for minutes, and none of them is in an error or a log."""

import json
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from shared.adapters.http.connection_secrets import KEPT_FOR, ConnectionSecrets, CredentialsUnavailableError
from tests.fakes.posting_world import SimulatedClock

SECRET = {"client_id": "usage-to-cash", "client_secret": "correct horse"}


def test_a_changed_secret_takes_within_five_minutes() -> None:
    with mock_aws():
        client, clock = boto3.client("secretsmanager"), SimulatedClock()
        client.create_secret(Name="erp", SecretString=json.dumps(SECRET))
        credentials = ConnectionSecrets(client, clock)
        assert credentials.read("erp", "client_id")["client_secret"] == "correct horse"
        client.put_secret_value(SecretId="erp", SecretString=json.dumps(SECRET | {"client_secret": "new"}))

        clock.instant += KEPT_FOR - timedelta(seconds=1)
        assert credentials.read("erp")["client_secret"] == "correct horse"
        clock.instant += timedelta(seconds=1)
        assert credentials.read("erp")["client_secret"] == "new"


@pytest.mark.parametrize("text", ["correct horse", '["correct horse"]', '{"client_id": 7, "x": "correct horse"}'])
def test_a_secret_of_another_shape_is_named_and_not_shown(text: str) -> None:
    with mock_aws():
        client = boto3.client("secretsmanager")
        client.create_secret(Name="erp", SecretString=text)

        with pytest.raises(CredentialsUnavailableError) as raised:
            ConnectionSecrets(client, SimulatedClock()).read("erp", "client_secret")

    assert "correct horse" not in str(raised.value)


def test_a_missing_field_is_named() -> None:
    with mock_aws():
        client = boto3.client("secretsmanager")
        client.create_secret(Name="erp", SecretString=json.dumps(SECRET))

        with pytest.raises(CredentialsUnavailableError, match="lacks base_url"):
            ConnectionSecrets(client, SimulatedClock()).read("erp", "base_url", "client_id")


def test_a_secret_that_was_forgotten_is_read_anew_in_another_version() -> None:
    with mock_aws():
        client = boto3.client("secretsmanager")
        client.create_secret(Name="erp", SecretString=json.dumps(SECRET))
        credentials = ConnectionSecrets(client, SimulatedClock())
        first = credentials.version("erp")
        client.put_secret_value(SecretId="erp", SecretString=json.dumps(SECRET | {"client_secret": "new"}))
        assert credentials.version("erp") == first

        credentials.forget("erp")

        assert credentials.version("erp") != first
        assert credentials.read("erp")["client_secret"] == "new"
