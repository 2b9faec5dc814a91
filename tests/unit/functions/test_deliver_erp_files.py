"""What waits becomes the next file of its stream, once, and goes out in order, its manifest last."""

from dataclasses import replace
from datetime import date

import pytest

from functions.deliver_erp_files import use_case
from functions.deliver_erp_files.use_case import FileNotOpenError
from shared.domain.erp_files.delivery_file import DeliveryFile
from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.journal import Document
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


def november(number: int = 2) -> Document:
    return a_document(posting_id=f"acme-{number}/2026-11/r1", posting_date=date(2026, 11, 30), number=f"DE-{number}")


def october(number: int) -> Document:
    return a_document(posting_id=f"acme-{number}/2026-10/r1", number=f"DE-{number}")


def test_what_waits_is_written_into_one_file_and_laid_out_with_its_manifest(world: ErpFilesWorld) -> None:
    world.erp.submit(a_document())
    world.erp.submit(a_document(posting_id="acme/2/r1", number="DE-2"))

    done = world.deliver()

    assert (done.written, done.delivered) == (1, 1)
    assert list(world.folder.outbound) == [OCTOBER, f"{OCTOBER}.manifest.json"]  # in this order
    assert world.deliver().written == 0


def test_each_kind_and_each_period_has_files_of_its_own_in_one_sequence_a_kind(world: ErpFilesWorld) -> None:
    for document in (a_document(), november(), a_journal(), a_credit_memo(of_invoice="2W7SJ3KX5Q4ZB6TA")):
        world.erp.submit(document)

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


def died_with(*documents: Document) -> ErpFilesWorld:
    """Return a world whose run has claimed a file with these documents, and has died before it took them."""
    files = DiesAfterItsClaim()
    world = ErpFilesWorld(files=files)
    for document in documents:
        world.erp.submit(document)
    with pytest.raises(Died):
        world.deliver()
    files.__class__ = InMemoryErpFiles  # type: ignore[assignment]
    return world


def holding(world: ErpFilesWorld, document: Document) -> list[str]:
    """Return the files with a document."""
    return [name for name in world.outbound() if document.external_ref.encode() in world.folder.outbound[name]]


def test_a_run_that_dies_after_it_has_claimed_a_file_is_finished_by_the_next_one() -> None:
    world = died_with(a_document())

    world.deliver()

    assert world.outbound() == [OCTOBER]
    world.look()
    world.read()
    assert [document.external_ref for document in world.receiver.documents()] == [a_document().external_ref]


def test_what_a_dead_run_has_claimed_is_in_no_second_file_though_an_earlier_period_goes_first() -> None:
    world = died_with(november())
    world.erp.submit(a_document())  # of October

    world.deliver()

    assert holding(world, november()) == ["usage-to-cash.DE01.invoice.2026-11.000001.csv"]
    assert holding(world, a_document()) == ["usage-to-cash.DE01.invoice.2026-10.000002.csv"]


def test_what_a_dead_run_has_claimed_is_in_no_second_file_though_more_came_than_one_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(use_case, "MOST_DOCUMENTS", 2)
    first, second, *claimed = sorted(map(october, range(4)), key=lambda one: one.external_ref)
    world = died_with(*claimed)
    for document in (first, second):
        world.erp.submit(document)

    world.deliver()

    assert [len(holding(world, document)) for document in (first, second, *claimed)] == [1, 1, 1, 1]


def test_journals_do_not_fall_with_one_that_a_dead_run_has_claimed() -> None:
    claimed = a_journal(number="J-1", posting_date=date(2026, 11, 30))
    fresh = a_journal(number="J-3", posting_date=date(2026, 11, 30))
    world = died_with(claimed)
    for journal in (a_journal(number="J-2"), fresh):
        world.erp.submit(journal)

    for _ in range(3):
        world.round()

    outcomes = [world.erp.poll(Ticket(journal.external_ref), journal) for journal in (claimed, fresh)]
    assert list(map(type, outcomes)) == [Posted, Posted]


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
    world.erp.submit(november())

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
    world.erp.submit(november())
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


def test_a_second_refusal_with_the_same_bytes_is_told_once_the_file_was_delivered_again(world: ErpFilesWorld) -> None:
    world.erp.submit(a_document())
    world.round(Fault.FILE_TRUNCATED)
    (first,) = world.reporter.reported
    (refused,) = (content for name, content in world.folder._inbound if name == f"{OCTOBER}.ack")
    world.reporter.resolve(first.exception_id, "sent once more", world.clock.now())  # by a person

    world.deliverer.deliver_again(OCTOBER)
    world.folder.answer(f"{OCTOBER}.ack", refused)
    world.read()
    world.folder.answer(f"{OCTOBER}.ack", refused)  # fetched once more
    world.read()

    assert [(one.code, one.message) for one in world.reporter.reported] == [(first.code, first.message)] * 2
    assert isinstance(world.erp.poll(Ticket(a_document().external_ref), a_document()), Accepted)


def test_what_a_receiver_has_said_of_documents_is_not_taken_in_again_after_a_second_delivery(
    world: ErpFilesWorld,
) -> None:
    for document in (a_document(), october(2)):
        world.erp.submit(document)
    world.round(Fault.ANSWER_HALF)
    (before,) = world.files.unfinished()

    world.deliverer.deliver_again(OCTOBER)

    (again,) = world.files.unfinished()
    assert (again.verdicts, again.acknowledged, again.versions) == (before.verdicts, True, before.versions)
    assert [name.partition(" ")[0] for name in before.heard] == ["ack", "rsp"]
    assert again.heard == before.heard[1:]


def test_a_file_that_is_answered_or_was_never_written_is_not_delivered_again(world: ErpFilesWorld) -> None:
    with pytest.raises(FileNotOpenError):
        world.deliverer.deliver_again(OCTOBER)
