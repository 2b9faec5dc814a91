"""The entitlement check as API Gateway invokes it: on moto, with a catalogue published and usage counted."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.master_data_versions import DynamoMasterDataVersions
from shared.domain.identifiers import TenantId
from shared.domain.master_data.catalog import Catalog
from shared.runtime import aws, clock
from tests.builders.aws_resources import create_table
from tests.builders.catalog import FIRST_VERSION, catalog
from tests.builders.lambda_functions import cold_start, sample_event
from tests.builders.metered_usage import LAYOUT_TEXT, TENANT, MeteringWorld, a_row

NOW = datetime(2026, 1, 15, 12, 10, tzinfo=UTC)


def limited_to(calls: int, overage: str) -> Catalog:
    entitlement = f"{{meter: api_calls, limit: {calls}, overage: {overage}}}"
    return catalog(file="price_book.yaml", old="  charges:\n", new=f"  entitlements: [{entitlement}]\n  charges:\n")


class Deployed:
    """The function beside a ledger that usage is counted into."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clock, "read_seconds", NOW.timestamp)
        ledger, self._master_data = create_table("ledger"), create_table("master-data")
        self.world = MeteringWorld.on_dynamodb(ledger)
        self._invoke = cold_start(
            "check_entitlement",
            monkeypatch,
            TENANT=TENANT,
            BUCKET_LAYOUT=LAYOUT_TEXT,
            FUTURE_TOLERANCE_SECONDS=300,
            MASTER_DATA_TABLE=self._master_data,
            METERING_LEDGER_TABLE=ledger,
            MASTER_DATA_UNASKED_SECONDS=10,
            MASTER_DATA_MAX_AGE_SECONDS=300,
            ENTITLEMENT_WHEN_UNKNOWN="allow",
        )

    def publish(self, known: Catalog) -> None:
        versions = DynamoMasterDataVersions(aws.dynamodb(), self._master_data, TenantId(TENANT))
        versions.write(FIRST_VERSION, known)
        versions.publish(FIRST_VERSION)

    def ask(self, **asked: str) -> tuple[int, dict[str, Any]]:
        event = sample_event("check_entitlement")
        event["pathParameters"] |= asked
        response = self._invoke(event)
        return response["statusCode"], json.loads(response["body"])


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with mock_aws():
        yield Deployed(monkeypatch)


def test_what_was_counted_a_moment_ago_is_in_the_answer(deployed: Deployed) -> None:
    deployed.publish(limited_to(3, "refused"))
    answers = []
    for number in range(4):
        answers.append(deployed.ask())
        deployed.world.count(a_row(f"call-{number}", subject="acme-production", customer="acme", aggregation="count"))

    assert [(answer["decision"], answer["used"], answer["remaining"]) for _, answer in answers] == [
        ("entitled", "0", "3"),
        ("entitled", "1", "2"),
        ("entitled", "2", "1"),
        ("not_entitled", "3", "0"),
    ]
    assert answers[3][0] == 200


def test_an_answer_tells_its_grounds(deployed: Deployed) -> None:
    deployed.publish(limited_to(3, "allowed"))

    assert deployed.ask() == (
        200,
        {
            "decision": "entitled",
            "reason": "within_limit",
            "when_unknown": "allow",
            "customer": "acme",
            "limit": "3",
            "used": "0",
            "remaining": "3",
            "period": {
                "name": "2026-01",
                "start": "2026-01-01T05:00:00.000000Z",
                "end": "2026-02-01T05:00:00.000000Z",
            },
            "as_of": "2026-01-15T12:10:00.000000Z",
            "complete_until": None,
            "catalog_version": FIRST_VERSION,
            "catalog_age_seconds": 0.0,
        },
    )


def test_what_nobody_knows_is_not_found(deployed: Deployed) -> None:
    deployed.publish(catalog())

    assert deployed.ask(subject="vandelay") == (404, {"error": "SUBJECT_UNKNOWN"})
    assert deployed.ask(meter="gpu_hours") == (404, {"error": "METER_UNKNOWN"})


def test_without_an_answer_the_policy_is_told(deployed: Deployed) -> None:
    assert deployed.ask() == (503, {"decision": "unknown", "when_unknown": "allow"})
