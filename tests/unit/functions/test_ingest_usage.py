"""Ingest: what may enter goes on with its verdict, what may not is reported, and a failure reports nothing as done."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from functions.ingest_usage.use_case import ingest_usage
from shared.contracts.usage_event.registry import ContractReader
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import Bucket
from shared.domain.metering.watermark import Checkpoint
from shared.domain.producers.signs_of_life import Sign
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.admission import AcceptanceHorizon
from shared.domain.usage.contract_definition import Billing, ContractDefinition
from shared.domain.usage.fingerprint import fingerprint
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.contract_counts import ContractOutcome
from shared.ports.usage_contract import UsageContract
from tests.builders.corrected_usage import amended, voided
from tests.fakes.in_memory_contract_counts import InMemoryContractCounts
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_producers import InMemorySignsOfLife
from tests.fakes.in_memory_stage_progress import InMemoryStageProgress
from tests.fakes.in_memory_usage_corrections import InMemoryUsageCorrections
from tests.fakes.in_memory_usage_streams import InMemoryUsageStreams
from tests.fakes.usage import ARRIVED_AT, OCCURRED_AT, SHARD, a_record, heartbeat, usage_v1, usage_v2
from tests.fakes.usage_contract_folder import read_contract, write_contract


class BrokenStream:
    def publish_accepted(self, usage: Sequence[AcceptedUsage]) -> None:
        raise ConnectionError


class Ingest:
    """The use case with everything around it in memory."""

    def __init__(self) -> None:
        self.streams = InMemoryUsageStreams()
        self.reporter = InMemoryExceptionReporter()
        self.signs = InMemorySignsOfLife()
        self.progress = InMemoryStageProgress()
        self.counts = InMemoryContractCounts()
        self.corrections = InMemoryUsageCorrections()
        self.read: UsageContract = ContractReader()

    def run(self, *records: StreamRecord, stream: BrokenStream | None = None) -> None:
        ingest_usage(
            records,
            tenant=TenantId("acme-saas"),
            read=self.read,
            horizon=AcceptanceHorizon.of(days=35, future_seconds=300),
            home=lambda subject, occurred_at: Bucket(1, len(subject), occurred_at),
            corrections=self.corrections,
            accepted_usage=stream or self.streams,
            reporter=self.reporter,
            signs=self.signs,
            progress=self.progress,
            counts=self.counts,
        )


@pytest.fixture
def ingest() -> Ingest:
    return Ingest()


@pytest.fixture
def storage(tmp_path: Path) -> ContractDefinition:
    return read_contract(write_contract(tmp_path))


def test_accepted_usage_carries_delivery_arrival_and_home(ingest: Ingest) -> None:
    ingest.run(a_record(usage_v2(), sequence=7))

    (accepted,) = ingest.streams.accepted
    assert str(accepted.delivery) == f"{SHARD}:7:0"
    assert accepted.received_at == ARRIVED_AT
    assert accepted.event.occurred_at == OCCURRED_AT
    assert accepted.group == len("acme")
    assert accepted.event.contract == "usage:2"
    assert accepted.fingerprint == fingerprint(accepted.event)


def test_old_and_new_contracts_go_on_alike(ingest: Ingest) -> None:
    ingest.run(a_record(usage_v1(), sequence=1), a_record(usage_v2(), sequence=2))

    old, new = ingest.streams.accepted
    assert old.fingerprint == new.fingerprint
    assert (old.event.contract, new.event.contract) == ("usage:1", "usage:2")


def test_a_refused_event_is_an_exception_about_its_delivery(ingest: Ingest) -> None:
    ingest.run(a_record(b"{cut", sequence=3))

    (quarantined,) = ingest.reporter.reported
    assert quarantined.exception_id == f"MALFORMED_JSON:{SHARD}:3:0"
    assert quarantined.raised_at == ARRIVED_AT
    assert ingest.streams.accepted == []


def test_a_bad_event_blocks_nothing_beside_it(ingest: Ingest) -> None:
    batch = [usage_v2(id="call-1"), {"specversion": "1.0"}, usage_v2(id="call-2")]

    ingest.run(a_record(batch, sequence=1), a_record(b"\xff", sequence=2), a_record(usage_v2(id="call-3"), sequence=3))

    assert [accepted.event.event_id for accepted in ingest.streams.accepted] == ["call-1", "call-2", "call-3"]
    assert [record.subject for record in ingest.reporter.reported] == [f"{SHARD}:1:1", f"{SHARD}:2:0"]


def test_the_horizon_counts_from_the_arrival_of_the_record(ingest: Ingest) -> None:
    late = ARRIVED_AT + timedelta(days=36)

    ingest.run(a_record(usage_v2(), sequence=1), a_record(usage_v2(), sequence=2, arrived_at=late))

    assert len(ingest.streams.accepted) == 1
    assert [record.code for record in ingest.reporter.reported] == [ExceptionCode.EVENT_TOO_OLD]


def test_an_exception_holds_no_payload(ingest: Ingest) -> None:
    ingest.run(a_record(usage_v2(data={"meter": "api_calls", "quantity": -1, "unique_key": "secret@acme.test"})))

    assert "secret" not in str(ingest.reporter.reported)


def test_telemetry_ends_here_counted_and_without_an_exception(ingest: Ingest, storage: ContractDefinition) -> None:
    ingest.read = ContractReader([replace(storage, billing=Billing.TELEMETRY)])
    named = {"dataschema": "urn:usage-contract:storage:2"}

    ingest.run(a_record([usage_v2(**named, data={"bytes": 1}), usage_v2(**named, data={"bytes": -1}), usage_v2()]))

    assert [accepted.event.contract for accepted in ingest.streams.accepted] == ["usage:2"]
    assert ingest.reporter.reported == []
    assert ingest.counts.batches == [
        ({ContractOutcome.ACCEPTED: {"usage:2": 1}, ContractOutcome.TELEMETRY: {"storage:2": 2}}, ARRIVED_AT)
    ]


def test_a_batch_is_counted_by_contract_version_once(ingest: Ingest) -> None:
    ingest.run(a_record([usage_v1(), usage_v2(data={}), usage_v2()], sequence=1), a_record(b"{", sequence=2))

    assert ingest.counts.batches == [
        (
            {
                ContractOutcome.ACCEPTED: {"usage:1": 1, "usage:2": 1},
                ContractOutcome.REFUSED: {"usage:2": 1, "": 1},
            },
            ARRIVED_AT,
        )
    ]


def test_what_was_not_made_durable_is_not_counted(ingest: Ingest) -> None:
    with pytest.raises(ConnectionError):
        ingest.run(a_record(usage_v2()), stream=BrokenStream())

    assert ingest.counts.batches == []


def test_progress_is_the_last_record_of_the_batch(ingest: Ingest) -> None:
    ingest.run(a_record(usage_v2(), sequence=9), a_record(b"{", sequence=10))

    assert ingest.progress.recorded == {("ingest", SHARD): Checkpoint("10", ARRIVED_AT)}


def test_nothing_is_said_to_be_done_before_it_is_on_the_stream(ingest: Ingest) -> None:
    with pytest.raises(ConnectionError):
        ingest.run(a_record(usage_v2()), stream=BrokenStream())

    assert ingest.progress.recorded == {}


def test_a_void_is_filed_at_its_originals_bucket_and_goes_no_further(ingest: Ingest) -> None:
    ingest.run(a_record(voided("call-1", at=OCCURRED_AT), sequence=4))

    (filed,) = ingest.corrections.standing(Bucket(1, len("acme"), OCCURRED_AT))
    assert [(str(one.delivery), one.amends) for one in filed.filed] == [(f"{SHARD}:4:0", False)]
    assert not ingest.streams.accepted
    assert not ingest.reporter.reported
    assert next(iter(ingest.progress.checkpoints("ingest").values())).sequence_number == "4"


def test_what_amends_goes_on_as_usage_of_its_own_and_is_filed(ingest: Ingest) -> None:
    ingest.run(a_record(amended("call-1", "call-1b", at=OCCURRED_AT, quantity=3, original_source="urn:acme:legacy")))

    (filed,) = ingest.corrections.standing(Bucket(1, len("acme"), OCCURRED_AT))
    (accepted,) = ingest.streams.accepted
    assert filed.filed[0].amends
    assert (filed.original.source, filed.original.event_id) == ("urn:acme:legacy", "call-1")
    assert (accepted.event.event_id, accepted.event.quantity) == ("call-1b", Decimal(3))


def test_what_amends_is_refused_whole_when_its_usage_comes_too_late(ingest: Ingest) -> None:
    """Half of it would void the original and bill nothing for it."""
    late = amended("call-1", "call-1b", at=ARRIVED_AT - timedelta(days=36), quantity=3)

    ingest.run(a_record(late))

    assert [told.code for told in ingest.reporter.reported] == [ExceptionCode.EVENT_TOO_OLD]
    assert not ingest.streams.accepted
    assert not list(ingest.corrections.corrected())


@pytest.mark.parametrize(("days", "is_taken"), [(36, True), (110, True), (111, False), (-1, False)])
def test_a_void_may_come_as_long_as_the_ledger_knows_ids(ingest: Ingest, days: int, is_taken: bool) -> None:
    ingest.run(a_record(voided("call-1", at=ARRIVED_AT - timedelta(days=days))))

    assert bool(list(ingest.corrections.corrected())) == is_taken
    assert bool(ingest.reporter.reported) != is_taken


def test_a_heartbeat_ends_here_counted_and_is_never_published(ingest: Ingest) -> None:
    beat = heartbeat("2026-01-15T10:00:00Z", "2026-01-15T10:15:00Z", 7)

    ingest.run(a_record([beat, usage_v2()]))

    assert [accepted.event.event_id for accepted in ingest.streams.accepted] == ["call-1"]
    assert ingest.reporter.reported == []
    assert ingest.counts.batches == [
        ({ContractOutcome.ACCEPTED: {"usage:2": 1}, ContractOutcome.HEARTBEAT: {"heartbeat": 1}}, ARRIVED_AT)
    ]


def test_every_source_of_a_batch_is_heard_of_once_by_its_last_arrival(ingest: Ingest) -> None:
    later = ARRIVED_AT + timedelta(seconds=1)
    beat = heartbeat("2026-01-15T10:00:00Z", "2026-01-15T10:15:00Z", 7, source="urn:acme:importer")

    ingest.run(
        a_record([usage_v2(), beat, usage_v2(source="urn:acme:refused", data={})], sequence=1),
        a_record([usage_v2(id="call-2"), b"{cut".decode()], sequence=2, arrived_at=later),
    )

    assert ingest.signs.writes == [
        {
            ("urn:acme:gateway", Sign.EVENT): later,
            ("urn:acme:importer", Sign.EVENT): ARRIVED_AT,
            ("urn:acme:refused", Sign.EVENT): ARRIVED_AT,
            ("urn:acme:importer", Sign.HEARTBEAT): ARRIVED_AT,
        }
    ]


def test_nobody_is_heard_of_before_what_it_sent_is_on_the_stream(ingest: Ingest) -> None:
    with pytest.raises(ConnectionError):
        ingest.run(a_record(usage_v2()), stream=BrokenStream())

    assert ingest.signs.writes == []
