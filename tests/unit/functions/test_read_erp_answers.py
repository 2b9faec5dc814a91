"""What a receiver answers reaches each document: late, twice, in any order, by halves, or never."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from functions.read_erp_answers import settlements
from shared.domain.erp_files.progress import FileProgress
from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.comparison import differences
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import (
    Absent,
    Accepted,
    ErpRef,
    Found,
    Posted,
    PostedDocument,
    Rejected,
    RejectionKind,
    Submission,
    Ticket,
)
from shared.domain.posting.readings import SettlementPage, SettlementStatus
from simulators.http.faults import Fault, FaultPlan
from tests.builders.erp_files import a_journal, invoices
from tests.builders.posting import GERMANY, a_credit_memo, a_document
from tests.fakes.erp_files_world import ErpFilesWorld
from tests.fakes.in_memory_erp_files import InMemoryErpFiles

FIRST, SECOND = (a_document(posting_id=f"acme-{n}/2026-10/r1", number=f"DE-{n:06d}") for n in (1, 2))


@pytest.fixture
def world() -> ErpFilesWorld:
    world = ErpFilesWorld()
    for document in (FIRST, SECOND):
        world.erp.submit(document)
    return world


def outcomes(world: ErpFilesWorld) -> list[Submission]:
    return [world.erp.poll(Ticket(document.external_ref), document) for document in (FIRST, SECOND)]


def kinds(world: ErpFilesWorld) -> list[type[Submission]]:
    return [type(outcome) for outcome in outcomes(world)]


def test_what_is_posted_is_read_back_with_number_period_and_totals(world: ErpFilesWorld) -> None:
    read = world.round()

    assert (read.files, read.answered, read.documents) == (1, 1, 2)
    found = world.erp.read(ErpRef(FIRST.external_ref), DocumentKind.INVOICE)
    assert isinstance(found, PostedDocument)
    assert (found.number, found.posted) == ("RE-00001", True)
    assert differences(FIRST, found) == ()
    assert world.erp.locate(FIRST.external_ref, DocumentKind.INVOICE) == Found(found)
    assert world.read().files == 0  # nothing is asked after any more


def test_until_it_is_answered_a_document_is_accepted_and_found_as_not_posted(world: ErpFilesWorld) -> None:
    world.deliver()
    world.read()

    assert kinds(world) == [Accepted, Accepted]
    located = world.erp.locate(FIRST.external_ref, DocumentKind.INVOICE)
    assert isinstance(located, Found)
    assert not located.document.posted


def test_what_is_rejected_is_so_by_its_code_and_certainly_absent(world: ErpFilesWorld) -> None:
    world.receiver.set_posting_window("DE01", posting_from=date(2026, 11, 1), posting_to=None)

    world.round()

    assert outcomes(world)[0] == Rejected(RejectionKind.PERIOD, "PERIOD_CLOSED", "2026-10 is closed")
    assert world.erp.locate(FIRST.external_ref, DocumentKind.INVOICE) == Absent()


@pytest.mark.parametrize(
    ("fault", "at_once"),
    [
        (Fault.FILE_MISSED, [Accepted, Accepted]),
        (Fault.FILE_DUPLICATED, [Posted, Posted]),
        (Fault.ANSWER_LATE, [Accepted, Accepted]),
        (Fault.ANSWER_TRUNCATED, [Accepted, Accepted]),
        (Fault.ANSWERS_OUT_OF_ORDER, [Posted, Posted]),
    ],
)
def test_whatever_the_order_and_the_hour_each_document_is_posted_once(
    world: ErpFilesWorld, fault: Fault, at_once: list[type[Submission]]
) -> None:
    world.round(fault)
    assert kinds(world) == at_once

    world.round()

    assert kinds(world) == [Posted, Posted]
    assert len(world.receiver.documents()) == 2
    assert world.told() == []


def test_half_an_answer_decides_half_and_the_rest_when_it_comes(world: ErpFilesWorld) -> None:
    world.round(Fault.ANSWER_HALF)
    assert sorted(kind.__name__ for kind in kinds(world)) == ["Accepted", "Posted"]

    world.round()

    assert kinds(world) == [Posted, Posted]


def test_a_receiver_that_never_answers_is_sent_nothing_twice(world: ErpFilesWorld) -> None:
    world.round(Fault.ANSWER_NEVER)
    before = dict(world.folder.offered())

    for _ in range(20):
        world.round()

    assert kinds(world) == [Accepted, Accepted]
    assert world.folder.offered() == before


def test_wrong_control_totals_reject_every_document_for_good(world: ErpFilesWorld) -> None:
    world.round(Fault.CONTROL_TOTAL_WRONG)

    first, _ = outcomes(world)
    assert isinstance(first, Rejected)
    assert (first.kind, first.code) == (RejectionKind.CONFIGURATION, "FILE_REFUSED")
    assert world.told() == [ExceptionCode.ERP_FILE_REFUSED]
    assert world.receiver.documents() == ()


def test_after_a_file_that_was_refused_for_good_the_next_one_goes_on(world: ErpFilesWorld) -> None:
    world.round(Fault.CONTROL_TOTAL_WRONG)
    world.erp.submit(a_document(posting_id="acme-1/2026-10/r1/p2", number="DE-000001"))

    world.round()

    assert [document.number for document in world.receiver.documents()] == ["RE-00001"]
    assert world.told() == [ExceptionCode.ERP_FILE_REFUSED]  # of the first, which nobody reads any more: a person's


def test_an_answer_about_something_else_changes_nothing_and_is_told(world: ErpFilesWorld) -> None:
    world.deliver()
    name = world.outbound()[0]
    world.folder.answer(f"{name}.rsp", f"H,1,{name},{'0' * 64}\r\nT,0\r\n".encode())

    world.read()

    assert kinds(world) == [Accepted, Accepted]
    assert world.told() == [ExceptionCode.ERP_ANSWER_WRONG]


def test_an_answer_that_is_fetched_again_and_again_is_told_of_once(world: ErpFilesWorld) -> None:
    world.deliver()
    (name,) = world.outbound()
    for _ in range(3):
        world.folder.answer(f"{name}.rsp", f"H,1,{name},{'0' * 64}\r\nT,0\r\n".encode())
        world.read()

    assert [record.code for record in world.reporter.reported] == [ExceptionCode.ERP_ANSWER_WRONG]


def test_another_amount_in_the_ledger_is_told_of_and_read_back_as_it_is(world: ErpFilesWorld) -> None:
    world.deliver()
    world.look()
    (name,) = world.outbound()
    altered = InboundAltered(world, name)

    altered.read()

    assert ExceptionCode.ERP_ANSWER_WRONG in world.told()
    assert "0.01 EUR more were sent" in world.reporter.reported[0].message
    found = world.erp.read(ErpRef(FIRST.external_ref), DocumentKind.INVOICE)
    assert isinstance(found, PostedDocument)
    assert differences(FIRST, found) == ("gross is 1428.67 EUR in the ERP, 1428.68 EUR here",)


class InboundAltered:
    """The answers of a receiver that has booked a cent less of its first document."""

    def __init__(self, world: ErpFilesWorld, name: str) -> None:
        self._world = world
        inbound = world.folder._inbound
        world.folder._inbound = [
            (key, content.replace(b",142868,", b",142867,", 1) if key == f"{name}.rsp" else content)
            for key, content in inbound
        ]

    def read(self) -> None:
        self._world.read()


def test_one_journal_that_cannot_be_booked_keeps_all_of_its_file_out_of_the_ledger() -> None:
    world = ErpFilesWorld()
    good, bad = a_journal(number="J-1"), a_journal(number="J-2", posting_date=date(2026, 10, 30))
    world.receiver.set_posting_window("DE01", posting_from=date(2026, 10, 31), posting_to=None)
    for journal in (good, bad):
        world.erp.submit(journal)

    world.round()

    codes = [
        outcome.code
        for journal in (good, bad)
        if isinstance(outcome := world.erp.poll(Ticket(journal.external_ref), journal), Rejected)
    ]
    assert codes == ["ALL_OR_NOTHING", "PERIOD_CLOSED"]
    assert world.receiver.documents() == ()


def test_over_a_server_answers_are_fetched_and_a_connector_that_is_down_keeps_nothing_else_back(
    world: ErpFilesWorld,
) -> None:
    world.over_sftp()
    world.deliver()
    world.look()
    world.transfers.broken = "NOT_CONNECTED"

    read = world.read()  # what lies there already is read all the same

    assert (read.not_fetched, read.answered) == (2, 1)  # the answers to a file, and the next payments


class KeepsNoInvoices(InMemoryErpFiles):
    def finish(self, progress: FileProgress) -> None:
        if progress.file.stream.kind is DocumentKind.INVOICE:
            raise ValueError("Item size has exceeded the maximum allowed size")
        super().finish(progress)


def test_a_file_whose_answer_cannot_be_kept_keeps_no_other_back() -> None:
    world, journal = ErpFilesWorld(files=KeepsNoInvoices()), a_journal()
    for document in (FIRST, journal):
        world.erp.submit(document)
    world.deliver()
    world.look()
    world.folder.answer("settlements.DE01.000001.csv", payments(1))

    with pytest.raises(ExceptionGroup, match="the answers of 1 receivers or files could not be kept"):
        world.read()

    assert isinstance(world.erp.poll(Ticket(journal.external_ref), journal), Posted)
    assert settled(world).next_cursor == "1"


def settled(world: ErpFilesWorld, cursor: str = "") -> SettlementPage:
    page = world.erp.settlements(cursor)
    assert isinstance(page, SettlementPage)
    return page


def test_what_customers_pay_comes_back_file_by_file(world: ErpFilesWorld) -> None:
    world.round()
    assert settled(world).settlements == ()
    world.receiver.pay(FIRST.external_ref, Decimal("1000.00"), date(2026, 11, 20))
    world.receiver.pay(FIRST.external_ref, Decimal("428.68"), date(2026, 11, 21))

    world.round()

    page = settled(world)
    assert [(one.external_ref, one.status, str(one.open_amount)) for one in page.settlements] == [
        (FIRST.external_ref, SettlementStatus.PARTLY_PAID, "428.68 EUR"),
        (FIRST.external_ref, SettlementStatus.PAID, "0.00 EUR"),
    ]
    assert (page.next_cursor, page.complete) == ("2", True)
    assert settled(world, page.next_cursor).settlements == ()


def test_an_invoice_that_a_credit_memo_clears_is_told_of_as_credited(world: ErpFilesWorld) -> None:
    world.round()
    memo = a_credit_memo(of_invoice=FIRST.external_ref, net="1200.57", tax="228.11")
    world.erp.submit(memo)

    world.round()
    world.round()

    (told,) = settled(world).settlements
    assert (told.external_ref, told.status) == (FIRST.external_ref, SettlementStatus.CREDITED)


def test_a_file_of_payments_that_is_cut_off_keeps_those_behind_it_waiting(world: ErpFilesWorld) -> None:
    world.folder.answer("settlements.DE01.000002.csv", b"H,1,DE01,000002\r\nT,0\r\n")
    world.folder.answer("settlements.DE01.000001.csv", b"H,1,DE01,0000")

    assert world.read().settlements == 0
    assert settled(world).next_cursor == "0"

    world.folder.answer("settlements.DE01.000001.csv", b"H,1,DE01,000001\r\nT,0\r\n")
    world.read()
    assert settled(world).next_cursor == "2"


def payments(number: int, *, status: str = "paid") -> bytes:
    row = f"S,{FIRST.external_ref},invoice,RE-1,{status},EUR,2,0,2026-11-20T09:30:00Z"
    return f"H,1,DE01,{number:06d}\r\n{row}\r\nT,1\r\n".encode()


def read_for(world: ErpFilesWorld, hours: int) -> None:
    """Read once an hour, and once at the end."""
    for _ in range(hours):
        world.read()
        world.clock.instant += timedelta(hours=1)
    world.read()


def test_payments_that_stay_unreadable_are_told_of_by_name_until_they_are_read(world: ErpFilesWorld) -> None:
    world.folder.answer("settlements.DE01.000001.csv", payments(1, status="settled"))
    read_for(world, hours=3)
    assert world.told() == []  # the receiver may still be writing

    read_for(world, hours=2)

    assert world.told() == [ExceptionCode.ERP_SETTLEMENTS_UNREAD]
    (record,) = world.reporter.open.values()
    assert record.subject == f"{GERMANY}/settlements.DE01.000001.csv"
    assert record.message == "it cannot be read: ValueError: 'settled' is not a valid SettlementStatus"

    world.folder.answer("settlements.DE01.000001.csv", payments(1))
    assert world.read().settlements == 1
    assert world.told() == []


def test_more_payments_than_are_kept_of_a_file_are_told_of(
    world: ErpFilesWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlements, "MOST_SETTLEMENTS", 1)
    row = payments(1).splitlines()[1].decode()
    world.folder.answer("settlements.DE01.000001.csv", f"H,1,DE01,000001\r\n{row}\r\n{row}\r\nT,2\r\n".encode())

    read_for(world, hours=4)

    (record,) = world.reporter.open.values()
    assert record.message == "it has 2 lines, more than 1: the rest belongs in the next"


def test_a_number_that_is_missing_is_told_of_once_a_later_one_has_waited_for_hours(world: ErpFilesWorld) -> None:
    world.folder.answer("settlements.DE01.000003.csv", payments(3))

    read_for(world, hours=4)

    (record,) = world.reporter.open.values()
    assert record.code is ExceptionCode.ERP_SETTLEMENTS_UNREAD
    assert record.subject == f"{GERMANY}/settlements.DE01.000001.csv"
    assert record.message == "it is not there, and a later one is"
    for number in (1, 2):
        world.folder.answer(f"settlements.DE01.{number:06d}.csv", payments(number))
    assert world.read().settlements == 3
    assert world.told() == []


def test_the_next_number_that_is_stuck_has_hours_of_its_own(world: ErpFilesWorld) -> None:
    world.folder.answer("settlements.DE01.000003.csv", payments(3))
    read_for(world, hours=4)
    world.folder.answer("settlements.DE01.000001.csv", payments(1))

    read_for(world, hours=3)
    assert world.told() == []

    read_for(world, hours=1)
    assert [record.subject for record in world.reporter.open.values()] == [f"{GERMANY}/settlements.DE01.000002.csv"]


def test_a_receiver_that_has_nothing_to_tell_is_not_waited_for(world: ErpFilesWorld) -> None:
    world.folder.answer("settlements.DE01.000001.csv", payments(1))

    read_for(world, hours=100)

    assert world.reporter.reported == []
    assert world.reporter.resolved == {}  # nothing is closed that was never open


def test_over_a_server_the_file_behind_a_missing_one_is_fetched_as_well_by_which_it_shows(
    world: ErpFilesWorld,
) -> None:
    world.over_sftp()
    world.read()
    assert world.transfers.fetched == ["settlements 1", "settlements 2"]

    world.folder.answer("settlements.DE01.000002.csv", payments(2))
    world.read()

    assert world.transfers.fetched[2:] == ["settlements 1"]  # the other one is here


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_among_faults_of_every_kind_each_document_is_booked_once_or_known_to_be_pending(seed: int) -> None:
    chances = dict.fromkeys(
        ("file_missed", "file_duplicated", "answer_late", "answer_half", "answer_truncated", "answers_out_of_order"),
        0.15,
    )
    world = ErpFilesWorld(faults=replace(FaultPlan(seed=seed), **chances))  # type: ignore[arg-type]
    for document in invoices(30):
        world.files.stage(document)
        world.round()

    for _ in range(3):
        world.round()

    assert len({one.external_ref for one in world.receiver.documents()}) == 30
    assert world.files.unfinished() == ()
    assert world.told() == []
    assert world.receiver.faults.injected.total() > 10
