"""What waits becomes the next file of its stream, once, and goes out in order, its manifest last."""

from dataclasses import replace
from datetime import date

import pytest

from functions.deliver_erp_files.use_case import FileNotOpenError
from shared.domain.erp_files.delivery_file import DeliveryFile
from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.outcome import Accepted, Posted, Ticket
from simulators.http.faults import Fault
from tests.builders.erp_files import MAPPING, a_journal
from tests.builders.posting import a_credit_memo, a_document
from tests.fakes.erp_files_world import ErpFilesWorld
from tests.fakes.in_memory_erp_files import InMemoryErpFiles
from tests.fakes.posting_world import Died

OCTOBER = "usage-to-cash.DE01.invoice.2026-10.000001.csv"


@pytest.fixture
def world() -> ErpFilesWorld:
    return ErpFilesWorld()


def november(number: int = 2) -> object:
    return a_document(posting_id=f"acme-{number}/2026-11/r1", posting_date=date(2026, 11, 30), number=f"DE-{number}")


def test_what_waits_is_written_into_one_file_and_laid_out_with_its_manifest(world: ErpFilesWorld) -> None:
    world.erp.submit(a_document())
    world.erp.submit(a_document(posting_id="acme/2/r1", number="DE-2"))

    done = world.deliver()

    assert (done.written, done.delivered) == (1, 1)
    assert list(world.folder.outbound) == [OCTOBER, f"{OCTOBER}.manifest.json"]  # in this order
    assert world.deliver().written == 0


def test_each_kind_and_each_period_has_files_of_its_own_in_one_sequence_a_kind(world: ErpFilesWorld) -> None:
    for document in (a_document(), november(), a_journal(), a_credit_memo(of_invoice="2W7SJ3KX5Q4ZB6TA")):
        world.erp.submit(document)  # type: ignore[arg-type]

    world.deliver()

    assert world.outbound() == [
        "usage-to-cash.DE01.credit_memo.2026-11.000001.csv",
        OCTOBER,
        "usage-to-cash.DE01.invoice.2026-11.000002.csv",
        "usage-to-cash.DE01.journal.2026-10.000001.csv",
    ]


def test_a_document_submitted_again_is_in_no_second_file(world: ErpFilesWorld) -> None:
    world.erp.submit(a_document())
    world.deliver()

    assert isinstance(world.erp.submit(a_document()), Accepted)
    world.deliver()

    assert world.outbound() == [OCTOBER]


class DiesAfterItsClaim(InMemoryErpFiles):
    def take(self, file: DeliveryFile) -> None:
        raise Died


def test_a_run_that_dies_after_it_has_claimed_a_file_is_finished_by_the_next_one(world: ErpFilesWorld) -> None:
    files = DiesAfterItsClaim()
    dying = ErpFilesWorld(files=files)
    dying.erp.submit(a_document())
    with pytest.raises(Died):
        dying.deliver()
    files.__class__ = InMemoryErpFiles  # type: ignore[assignment]

    dying.deliver()

    assert dying.outbound() == [OCTOBER]
    dying.look()
    dying.read()
    assert [document.external_ref for document in dying.receiver.documents()] == [a_document().external_ref]


class SomebodyElseIsFaster(InMemoryErpFiles):
    def claim(self, file: DeliveryFile) -> bool:
        super().claim(replace(file, name="theirs.csv"))
        return False


def test_of_two_runs_at_once_one_has_the_place_and_the_documents() -> None:
    world = ErpFilesWorld(files=SomebodyElseIsFaster())
    world.erp.submit(a_document())

    done = world.deliver()

    assert done.written == 0
    assert OCTOBER not in world.folder.outbound


def test_over_a_server_the_manifest_leaves_once_the_content_has_arrived(world: ErpFilesWorld) -> None:
    world.over_sftp()
    world.erp.submit(a_document())
    world.transfers.slow = True

    assert world.deliver().under_way == 1
    assert world.transfers.sent == [f"/outbound/{OCTOBER}"]

    world.transfers.slow = False
    assert world.deliver().delivered == 1
    assert world.transfers.sent == [f"/outbound/{OCTOBER}", f"/outbound/{OCTOBER}.manifest.json"]


def test_no_file_overtakes_the_one_before_it(world: ErpFilesWorld) -> None:
    world.over_sftp()
    world.transfers.slow = True
    world.erp.submit(a_document())
    world.deliver()
    world.erp.submit(november())  # type: ignore[arg-type]

    world.deliver()

    assert world.transfers.sent == [f"/outbound/{OCTOBER}"]


def test_a_server_that_is_down_is_told_of_once_and_the_file_goes_out_when_it_is_up(world: ErpFilesWorld) -> None:
    world.over_sftp()
    world.erp.submit(a_document())
    world.transfers.broken = "AUTHENTICATION_FAILED: nobody lets us in"

    world.deliver()
    world.deliver()
    assert world.told() == [ExceptionCode.ERP_FILE_NOT_DELIVERED]
    assert world.reporter.reported[0].message == "AUTHENTICATION_FAILED: nobody lets us in"

    world.transfers.broken = ""
    assert world.deliver().delivered == 1
    assert world.told() == []


def test_a_stream_whose_settings_are_wrong_keeps_no_other_back(world: ErpFilesWorld) -> None:
    world.erp.submit(a_document())
    world.deliver()
    world.erp.submit(november())  # type: ignore[arg-type]
    world.map_to(replace(MAPPING, settings={"encoding": "ebcdic"}))

    with pytest.raises(ExceptionGroup, match="1 streams of files could not go on"):
        world.deliver()


def test_what_waits_for_an_entity_that_is_told_otherwise_now_goes_nowhere(world: ErpFilesWorld) -> None:
    world.erp.submit(a_document())
    world.map_to(replace(MAPPING, system="netsuite"))

    assert world.deliver().written == 0
    assert world.outbound() == []


def test_a_damaged_file_goes_out_again_when_a_person_says_so_with_the_same_bytes(world: ErpFilesWorld) -> None:
    world.erp.submit(a_document())
    world.round(Fault.FILE_TRUNCATED)
    assert world.told() == [ExceptionCode.ERP_FILE_REFUSED]
    before = dict(world.folder.outbound)

    world.deliverer.deliver_again(OCTOBER)
    world.round()

    assert world.folder.outbound == before
    assert world.told() == []
    assert isinstance(world.erp.poll(Ticket(a_document().external_ref), a_document()), Posted)


def test_a_file_that_is_answered_or_was_never_written_is_not_delivered_again(world: ErpFilesWorld) -> None:
    with pytest.raises(FileNotOpenError):
        world.deliverer.deliver_again(OCTOBER)
