"""The guide of exceptions keeps its word: its code lists what is open, closes it, and releases a hold."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.adapters.dynamodb.usage_holds import DynamoUsageHolds
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import CustomerId, TenantId
from shared.runtime import aws
from tests.builders.aws_resources import create_table

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "exceptions.md").read_text(encoding="utf-8")
NIMBUS, ACME = TenantId("nimbus"), CustomerId("acme")
CONFLICT = exception_id(ExceptionCode.USAGE_CONFLICT, "urn:acme:gateway call-1")


@mock_aws
def test_its_code_closes_an_exception_and_releases_its_hold(capsys: pytest.CaptureFixture[str]) -> None:
    exceptions = DynamoExceptionStore(aws.dynamodb(), create_table("exceptions"), NIMBUS)
    holds = DynamoUsageHolds(aws.dynamodb(), create_table("ledger"), NIMBUS)
    exceptions.open(
        ExceptionRecord(
            exception_id=CONFLICT,
            tenant=NIMBUS,
            code=ExceptionCode.USAGE_CONFLICT,
            subject="urn:acme:gateway call-1",
            message="another one with other content came",
            raised_at=datetime(2026, 4, 2, tzinfo=UTC),
        )
    )
    holds.place(ACME, "2026-03", CONFLICT)

    exec(
        "\n".join(re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)),
        {
            "TENANT": NIMBUS,
            "EXCEPTIONS_TABLE": "exceptions",
            "METERING_LEDGER_TABLE": "ledger",
            "EXCEPTION_ID": CONFLICT,
            "NOTE": "the producer says that the first one is right",
            "CUSTOMER": ACME,
            "BILLING_PERIOD": "2026-03",
        },
    )

    assert f"{CONFLICT} another one with other content came" in capsys.readouterr().out
    assert not list(exceptions.open_records(ExceptionCode.USAGE_CONFLICT))
    assert holds.reasons(ACME, "2026-03") == ()
