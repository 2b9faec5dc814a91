"""Tax intents in memory and in DynamoDB: one set of fences, and a period that is not closed before all is recorded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.accounting_periods import DynamoAccountingPeriods
from shared.adapters.dynamodb.posting_intents import new_intent_writes
from shared.adapters.dynamodb.tax_intents import DynamoTaxIntents
from shared.adapters.sqs.tax_requests import QueuedTaxRequests
from shared.contracts.posting import ForeignTenantError
from shared.contracts.tax import TaxMessage
from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.posting.accounting_period import AccountingPeriod, PeriodStatus
from shared.domain.posting.intent import new_intent
from shared.domain.tax.intent import TaxIntent, TaxIntentId, TaxOperation
from shared.domain.tax.outcome import Recorded, TaxUncertain
from shared.domain.tax.recording import asked_for_again, concluded
from shared.ports.tax_intents import StaleTaxIntentError, TaxIntents, TaxRequests
from shared.runtime import aws
from tests.builders.aws_resources import create_queue, messages_of
from tests.builders.billing import SECOND_OF_NOVEMBER, TENANT, euros
from tests.builders.posting import a_document
from tests.builders.tax import a_tax_document, a_tax_intent, tax_line
from tests.contract.adapters.test_posting_intents import TABLE, DynamoOutbox
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents
from tests.fakes.in_memory_tax_intents import InMemoryTaxIntents, InMemoryTaxRequests

NIMBUS = LegalEntityId("nimbus-de")
NOVEMBER = "2026-11"
LATER = SECOND_OF_NOVEMBER + timedelta(hours=1)


class Records(TaxIntents, Protocol):
    """The port, with what the issue transaction and the month's close do beside it."""

    def add(self, intent: TaxIntent) -> None: ...

    def accounting_period(self, legal_entity_id: LegalEntityId, name: str) -> AccountingPeriod: ...

    def set_period_status(self, legal_entity_id: LegalEntityId, name: str, status: PeriodStatus) -> bool: ...


class InMemoryRecords(InMemoryTaxIntents):
    def __init__(self) -> None:
        periods = InMemoryPostingIntents()
        super().__init__(periods)
        self.accounting_period = periods.accounting_period
        self.set_period_status = periods.set_period_status


class DynamoRecords(DynamoTaxIntents):
    def __init__(self) -> None:
        outbox = DynamoOutbox()
        super().__init__(outbox.dynamodb, TABLE, TENANT)
        self._periods = DynamoAccountingPeriods(outbox.dynamodb, TABLE, TENANT)
        self.accounting_period = self._periods.read
        self._outbox = outbox

    def set_period_status(self, legal_entity_id: LegalEntityId, name: str, status: PeriodStatus) -> bool:
        return self._periods.set_status(legal_entity_id, name, status) is not None

    def add(self, intent: TaxIntent) -> None:
        """Write it with a posting, which is settled at once so that only the tax is open."""
        document = replace(a_document(posting_id=intent.tax_intent_id), tenant=TENANT, legal_entity_id=NIMBUS)
        posting = new_intent(replace(document, posting_date=SECOND_OF_NOVEMBER.date()), created_at=SECOND_OF_NOVEMBER)
        self._outbox.dynamodb.transact_write_items(
            TransactItems=new_intent_writes(posting, table=TABLE, tax_intent=intent)
        )
        self._outbox.dynamodb.update_item(
            TableName=TABLE,
            Key={"pk": {"S": f"{TENANT}#accounting-period#{NIMBUS}"}, "sk": {"S": NOVEMBER}},
            UpdateExpression="ADD unsettled :minus_one",
            ExpressionAttributeValues={":minus_one": {"N": "-1"}},
        )


@pytest.fixture(params=["in memory", "DynamoDB"])
def records(request: pytest.FixtureRequest) -> Iterator[Records]:
    if request.param == "in memory":
        yield InMemoryRecords()
        return
    with mock_aws():
        yield DynamoRecords()


def recorded(intent: TaxIntent) -> TaxIntent:
    return concluded(intent, Recorded(euros("21.19")), now=SECOND_OF_NOVEMBER)


def test_an_intent_is_read_back_as_it_was_written(records: Records) -> None:
    credit = a_tax_document(tax_line(1, "-99.00"), code="CREDITNOTE111111")
    refund = a_tax_intent(credit, operation=TaxOperation.REFUND, original=a_tax_document(tax=euros("21.19")))

    records.add(refund)

    assert records.read(refund.tax_intent_id) == refund
    assert records.read(TaxIntentId("nobody/2026-10/r1")) is None


def test_an_intent_is_due_after_the_relays_delay_and_until_it_is_recorded(records: Records) -> None:
    records.add(a_tax_intent())

    assert list(records.due(SECOND_OF_NOVEMBER)) == []
    assert list(records.due(LATER)) == [a_tax_intent().tax_intent_id]

    records.settle(recorded(a_tax_intent()))
    assert list(records.due(LATER)) == []


def test_an_attempt_without_an_answer_is_stored_and_stays_open(records: Records) -> None:
    records.add(a_tax_intent())
    lost = concluded(a_tax_intent(), TaxUncertain("ReadTimeout"), now=SECOND_OF_NOVEMBER)

    records.save(lost)

    assert records.read(lost.tax_intent_id) == lost
    assert list(records.due(lost.due_at)) == [lost.tax_intent_id]


def test_a_period_is_not_closed_before_every_document_of_it_is_recorded(records: Records) -> None:
    records.add(a_tax_intent())
    records.add(a_tax_intent(name="globex-2026/2026-10/r1"))
    assert records.accounting_period(NIMBUS, NOVEMBER).unrecorded == 2
    assert not records.set_period_status(NIMBUS, NOVEMBER, PeriodStatus.CLOSED)

    records.settle(recorded(a_tax_intent()))
    assert records.accounting_period(NIMBUS, NOVEMBER).unrecorded == 1
    assert not records.set_period_status(NIMBUS, NOVEMBER, PeriodStatus.CLOSED)

    records.settle(recorded(a_tax_intent(name="globex-2026/2026-10/r1")))
    assert records.set_period_status(NIMBUS, NOVEMBER, PeriodStatus.CLOSED)


def test_of_two_writers_with_the_same_version_one_is_stale(records: Records) -> None:
    records.add(a_tax_intent())
    records.save(asked_for_again(a_tax_intent(), until=LATER))

    with pytest.raises(StaleTaxIntentError):
        records.save(concluded(a_tax_intent(), TaxUncertain("ReadTimeout"), now=SECOND_OF_NOVEMBER))
    with pytest.raises(StaleTaxIntentError):
        records.settle(recorded(a_tax_intent()))

    assert records.accounting_period(NIMBUS, NOVEMBER).unrecorded == 1


def test_writing_the_same_again_changes_nothing(records: Records) -> None:
    records.add(a_tax_intent())
    asked = asked_for_again(a_tax_intent(), until=LATER)

    records.save(asked)
    records.save(asked)

    assert records.read(asked.tax_intent_id) == asked


@pytest.mark.parametrize("where", ["in memory", "SQS"])
def test_a_request_names_what_is_to_be_recorded(where: str) -> None:
    with mock_aws():
        queue = create_queue("tax-records")
        fake = InMemoryTaxRequests()
        requests: TaxRequests = fake if where == "in memory" else QueuedTaxRequests(aws.sqs(), queue, TENANT)

        requests.request(a_tax_intent().tax_intent_id)

        names = [TaxMessage.of(TENANT, body).tax_intent_id for body in messages_of(queue)]
        assert (fake.asked or names) == ["acme-2026/2026-10/r1"]


def test_a_request_of_another_tenant_is_refused() -> None:
    body = TaxMessage(tenant=TenantId("globex"), tax_intent_id=TaxIntentId("acme-2026/2026-10/r1"))

    with pytest.raises(ForeignTenantError):
        TaxMessage.of(TENANT, body.model_dump_json())
