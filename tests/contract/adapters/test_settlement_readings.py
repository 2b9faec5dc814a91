"""settlement-readings on moto: a burst of notices asks for one reading, which comes after the last of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from shared.adapters.sqs.settlement_readings import QueuedSettlementReadings
from shared.contracts.erp_notice import noticed_entities
from shared.domain.identifiers import LegalEntityId
from shared.runtime import aws
from tests.builders.aws_resources import messages_of
from tests.builders.posting import GERMANY, TENANT

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def queue_url() -> Iterator[str]:
    with mock_aws():
        yield aws.sqs().create_queue(QueueName="settlement-readings.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]


def test_a_burst_of_notices_is_one_message_a_minute_and_entity(queue_url: str) -> None:
    readings = QueuedSettlementReadings(aws.sqs(), queue_url, TENANT)

    for tenths in range(100):
        readings.ask(GERMANY, noticed_at=NOON + timedelta(milliseconds=tenths * 599))
    readings.ask(GERMANY, noticed_at=NOON + timedelta(seconds=60))
    readings.ask(LegalEntityId("acme-inc"), noticed_at=NOON)

    bodies = messages_of(queue_url)
    assert len(bodies) == 3
    assert noticed_entities({"Records": [{"body": body} for body in bodies]}, TENANT) == (GERMANY, "acme-inc")
