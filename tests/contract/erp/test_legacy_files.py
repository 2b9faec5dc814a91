"""What only an ERP by files does: a whole posting stage with receivers that err, and a real SFTP server between."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.dynamodb.erp_files import DynamoErpFiles
from shared.adapters.s3.erp_file_drop import S3FileDrop
from shared.adapters.transfer.sftp_connectors import SftpConnectors
from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.intent import IntentState
from shared.domain.posting.outcome import Accepted, Duplicate, Posted, Rejected, RejectionKind, Ticket, Uncertain
from shared.runtime import aws
from simulators.erp.legacy_files.folder import DirectoryFolder
from simulators.http.faults import FaultPlan
from tests.builders.erp_files import MAPPING, with_line_text
from tests.builders.posting import TENANT, a_document, an_intent
from tests.contract.erp.conftest import OpenSite, Surroundings
from tests.contract.erp.files_in_between import table_and_bucket
from tests.contract.erp.sftp_server import FileServer, TransferStandIn, serve_files
from tests.fakes.erp_files_world import ErpFilesWorld
from tests.fakes.posting_world import PostingWorld

POSTINGS = 12
FAULTS = FaultPlan(
    seed=3,
    file_missed=0.2,
    file_duplicated=0.15,
    answer_late=0.15,
    answer_half=0.15,
    answer_truncated=0.15,
    answers_out_of_order=0.15,
)
OpenWorld = Callable[..., ErpFilesWorld]


def test_among_files_that_are_missed_and_answers_of_every_kind_each_posting_is_in_the_ledger_once(
    open_site: OpenSite,
) -> None:
    site = open_site("legacy_files", FAULTS)
    world = PostingWorld(erps=site.routing)
    world.clock = site.clock
    documents = [a_document(posting_id=f"acme-{n}/2026-10/r1", number=f"DE-{n:06d}") for n in range(POSTINGS)]
    for document in documents:
        world.issue(an_intent(document, created_at=world.clock.now()))
        world.tick()  # into files of their own

    world.run_until_settled()

    assert Counter(site.posted()) == {document.external_ref: 1 for document in documents}
    assert {intent.state for intent in world.all_intents()} == {IntentState.POSTED}
    assert world.told.open_codes() == set()
    assert site.simulator.faults.injected.total() > 3


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FileServer]:
    DirectoryFolder(tmp_path)
    with serve_files(tmp_path) as running:
        yield running


@pytest.fixture
def behind(server: FileServer, around: Surroundings) -> OpenWorld:
    """Return a function that makes a world with this server between: table and bucket on moto, files over SFTP."""
    del around  # its AWS is all that is needed

    def make(*, trusting: FileServer = server, let_in_by: FileServer = server) -> ErpFilesWorld:
        table, bucket = table_and_bucket()
        transfer: Any = TransferStandIn(aws.s3(), server, host_keys=[trusting.host_key], user_key=let_in_by.user_key)
        world = ErpFilesWorld(
            files=DynamoErpFiles(aws.dynamodb(), table, TENANT),
            drop=S3FileDrop(aws.s3(), bucket, TENANT),
            transfers=SftpConnectors(transfer, bucket, TENANT, {"old-books": "c-1"}),
        )
        world.over_sftp()
        return world

    return make


def test_over_sftp_an_invoice_is_booked_answered_and_paid(behind: OpenWorld, tmp_path: Path) -> None:
    world, folder = behind(), DirectoryFolder(tmp_path)
    world.erp.submit(a_document())

    assert world.deliver().delivered == 1
    names = sorted(path.name for path in (tmp_path / "outbound").iterdir())
    assert names == [f"usage-to-cash.DE01.invoice.2026-10.000001.csv{suffix}" for suffix in ("", ".manifest.json")]
    world.receiver.look(folder)
    assert world.read().answered == 1
    assert isinstance(world.erp.poll(Ticket(a_document().external_ref), a_document()), Posted)
    world.receiver.pay(a_document().external_ref, Decimal("1428.68"), date(2026, 11, 20))
    world.receiver.look(folder)
    assert [world.read().settlements for _ in range(2)] == [0, 1]  # fetched by the one, read by the next
    assert world.told() == []


def test_half_an_answer_on_the_server_is_fetched_again_until_it_is_whole(behind: OpenWorld, tmp_path: Path) -> None:
    world = behind()
    world.erp.submit(a_document())
    world.deliver()
    world.receiver.look(DirectoryFolder(tmp_path))
    response = next((tmp_path / "inbound").glob("*.rsp"))
    whole = response.read_bytes()

    response.write_bytes(whole[:-5])
    world.read()
    assert isinstance(world.erp.poll(Ticket(a_document().external_ref), a_document()), Accepted)

    response.write_bytes(whole)
    world.read()
    assert isinstance(world.erp.poll(Ticket(a_document().external_ref), a_document()), Posted)


@pytest.mark.parametrize(("who", "why"), [("trusting", "HOST_KEY_MISMATCH"), ("let_in_by", "AUTHENTICATION_FAILED")])
def test_a_server_that_is_not_the_one_we_know_or_does_not_know_us_gets_nothing_and_a_person_is_told(
    behind: OpenWorld, tmp_path: Path, who: str, why: str
) -> None:
    with serve_files(tmp_path) as another:
        world = behind(**{who: another})
        world.erp.submit(a_document())

        assert world.deliver().under_way == 1

    assert list((tmp_path / "outbound").iterdir()) == []
    assert world.told() == [ExceptionCode.ERP_FILE_NOT_DELIVERED]
    assert why in world.reporter.reported[0].message


def test_another_content_under_our_key_is_a_conflict_and_never_sent() -> None:
    world = ErpFilesWorld()
    world.erp.submit(a_document())
    other = replace(a_document(), human_number="DE-000002")

    assert world.erp.submit(other) == Duplicate()
    assert world.erp.poll(Ticket(other.external_ref), other) == Rejected(
        RejectionKind.VALIDATION, "STAGED_DIFFERS", "another content is staged under its key"
    )
    world.round()
    assert [document.number for document in world.receiver.documents()] == ["RE-00001"]


def test_a_document_that_cannot_be_written_is_refused_before_it_is_staged() -> None:
    world = ErpFilesWorld()
    world.map_to(replace(MAPPING, settings={"encoding": "iso-8859-1"}))

    told = "line 1: a description with 'Ł', which cannot be written in iso-8859-1"
    assert world.erp.submit(with_line_text("Łódź")) == Rejected(RejectionKind.VALIDATION, "NOT_IN_ENCODING", told)
    named = replace(a_document(), party=replace(a_document().party, name="Žižkov s.r.o."))
    told = "a customer's name with 'Ž', which cannot be written in iso-8859-1"
    assert world.erp.submit(named) == Rejected(RejectionKind.VALIDATION, "NOT_IN_ENCODING", told)
    world.map_to(replace(MAPPING, products=dict.fromkeys(MAPPING.products, "4" * 21)))
    told = "account of a record L has more than 20 characters"
    assert world.erp.submit(a_document()) == Rejected(RejectionKind.VALIDATION, "TEXT_TOO_LONG", told)
    world.map_to(replace(MAPPING, company="DE 01"))
    assert isinstance(world.erp.submit(a_document()), Rejected)
    assert world.erp.check_connection().problems == (
        "the company 'DE 01' cannot stand in the name of a file: correct the mapping in the catalogue",
    )
    assert world.deliver().written == 0


def test_a_source_that_no_header_has_room_for_is_told_before_anything_is_staged() -> None:
    world = ErpFilesWorld()
    world.map_to(replace(MAPPING, settings={"source": "usage-to-cash-of-acme"}))

    assert world.erp.check_connection().problems == (
        "the source 'usage-to-cash-of-acme' has more than 20 characters: correct the mapping in the catalogue",
    )
    refused = world.erp.submit(a_document())
    assert isinstance(refused, Rejected)
    assert (refused.kind, refused.code) == (RejectionKind.CONFIGURATION, "SETTING")
    assert world.deliver().written == 0


def test_a_ticket_that_nobody_knows_leaves_the_document_to_the_look_up() -> None:
    assert isinstance(ErpFilesWorld().erp.poll(Ticket("2W7SJ3KX5Q4ZB6TA"), a_document()), Uncertain)


def test_what_is_late_is_asked_after_and_sent_nothing_twice() -> None:
    world = ErpFilesWorld(faults=FaultPlan(answer_never=1.0))
    world.erp.submit(a_document())
    for _ in range(3):
        world.round()
        world.clock.instant += timedelta(hours=12)

    assert isinstance(world.erp.submit(a_document()), Accepted)
    world.round()
    assert len(world.outbound()) == 1


def test_a_number_with_a_space_that_does_not_break_is_the_same_in_all_of_its_file(open_site: OpenSite) -> None:
    """Such a space comes with a series that was copied from a letter."""
    site = open_site("legacy_files")

    assert isinstance(site.post(a_document(number="DE\N{NO-BREAK SPACE}2026-000001")), Posted)
