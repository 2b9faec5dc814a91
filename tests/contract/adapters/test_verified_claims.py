"""Every keeper of how far claims are verified goes forward only."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.verified_claims import DynamoVerifiedClaims
from shared.domain.identifiers import TenantId
from shared.ports.verified_claims import VerifiedClaims
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.fakes.in_memory_verified_claims import InMemoryVerifiedClaims

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.fixture(params=["in memory", "dynamodb"])
def verified(request: pytest.FixtureRequest) -> Iterator[VerifiedClaims]:
    if request.param == "in memory":
        yield InMemoryVerifiedClaims()
        return
    with mock_aws():
        yield DynamoVerifiedClaims(aws.dynamodb(), create_table("ledger"), TenantId("nimbus"))


def test_at_first_nothing_is_verified(verified: VerifiedClaims) -> None:
    assert verified.until() is None


def test_what_is_remembered_never_goes_back(verified: VerifiedClaims) -> None:
    for days in (1, 2, 2, 0):
        verified.remember(NOON + timedelta(days=days))

    assert verified.until() == NOON + timedelta(days=2)
