"""Files for ERPs in memory and on AWS: what waits, one place for each file, what is answered, and where they lie."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from random import Random
from typing import Any, Protocol

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber
from moto import mock_aws

from shared.adapters.dynamodb import erp_files
from shared.adapters.dynamodb.erp_files import DynamoErpFiles
from shared.adapters.s3.erp_file_drop import S3FileDrop, inbound_prefix
from shared.adapters.transfer.sftp_connectors import SftpConnectors, read_connectors
from shared.domain.erp_files.answers import Acknowledgement, Received, ReceivedAnswer, Response, Unreadable
from shared.domain.erp_files.destination import SftpServer
from shared.domain.erp_files.progress import Delivery, FileProgress, hear
from shared.domain.erp_files.settlements import StuckSettlements
from shared.domain.erp_files.staged_document import Receiver
from shared.domain.posting.document import DocumentKind
from shared.ports.erp_files import ErpFiles, FileDrop, FilesUnavailableError, StaleFileError, TransferFailedError
from shared.runtime import aws
from tests.builders.aws_resources import create_bucket, create_table
from tests.builders.erp_files import a_file, a_journal, a_staged, invoices, posted, rejected
from tests.builders.posting import FIRST_OF_NOVEMBER, GERMANY, TENANT, a_document
from tests.fakes.in_memory_erp_files import InMemoryErpFiles, InMemoryFileDrop
from tests.fakes.posting_world import Died

_KANJI = [chr(0x4E00 + n) for n in range(2_000)]
SERVER = SftpServer("old-books", "/outbound", "/inbound")


class Drop(FileDrop, Protocol):
    """The port, with what a receiver does beside it."""

    def answer(self, name: str, content: bytes) -> None: ...

    def answer_in_parts(self, name: str, content: bytes) -> None: ...

    def read(self, name: str) -> bytes: ...


class BucketDrop(S3FileDrop):
    def __init__(self) -> None:
        self.bucket = create_bucket("erp-files")
        aws.s3().put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        super().__init__(aws.s3(), self.bucket, TENANT)

    def answer(self, name: str, content: bytes) -> None:
        aws.s3().put_object(Bucket=self.bucket, Key=inbound_prefix(TENANT, GERMANY) + name, Body=content)

    def answer_in_parts(self, name: str, content: bytes) -> None:
        place: Any = {"Bucket": self.bucket, "Key": inbound_prefix(TENANT, GERMANY) + name}
        place["UploadId"] = aws.s3().create_multipart_upload(**place)["UploadId"]
        part = aws.s3().upload_part(**place, PartNumber=1, Body=content)
        parts: Any = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        aws.s3().complete_multipart_upload(**place, MultipartUpload=parts)

    def read(self, name: str) -> bytes:
        found = aws.s3().get_object(Bucket=self.bucket, Key=f"{TENANT}/{GERMANY}/outbound/{name}")
        return found["Body"].read()


@dataclass(frozen=True, slots=True)
class Store:
    files: ErpFiles
    drop: Drop


@pytest.fixture(params=["in memory", "on aws"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "in memory":
        yield Store(InMemoryErpFiles(), InMemoryFileDrop())
        return
    with mock_aws():
        yield Store(DynamoErpFiles(aws.dynamodb(), create_table("postings"), TENANT), BucketDrop())


@pytest.fixture
def tables() -> Iterator[DynamoErpFiles]:
    with mock_aws():
        yield DynamoErpFiles(aws.dynamodb(), create_table("postings"), TENANT)


@contextmanager
def writing(*, dies_at: int) -> Iterator[None]:
    """Die at a transaction, counted from one."""
    numbers, events = count(1), aws.dynamodb().meta.events

    def call(**_: object) -> None:
        if next(numbers) == dies_at:
            raise Died

    events.register("before-call.dynamodb.TransactWriteItems", call)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb.TransactWriteItems", call)


def test_a_staged_document_waits_and_the_first_content_of_its_key_stays(store: Store) -> None:
    first = a_staged()

    assert store.files.stage(first) == first
    assert store.files.stage(replace(first, digest="other")) == first
    assert store.files.staged(first.external_ref, DocumentKind.INVOICE) == first
    assert store.files.staged(first.external_ref, DocumentKind.CREDIT_MEMO) is None
    assert store.files.waiting(first.stream, most=10) == (first,)


def test_the_streams_that_wait_are_found_however_much_waits_in_each(store: Store) -> None:
    journal = a_staged(a_journal())
    for document in (*invoices(3), journal):
        store.files.stage(document)

    assert set(store.files.streams_waiting()) == {invoices(1)[0].stream, journal.stream}
    assert len(store.files.streams_waiting()) == 2


def test_what_waits_longest_by_its_period_comes_first_and_alone(store: Store) -> None:
    november = a_staged(a_document(posting_id="acme/2026-11/r1", posting_date=date(2026, 11, 30)))
    for document in (november, *invoices(3)):
        store.files.stage(document)

    assert {one.period for one in store.files.waiting(november.stream, most=10)} == {"2026-10"}
    assert len(store.files.waiting(november.stream, most=2)) == 2


def test_a_place_in_a_stream_is_claimed_once(store: Store) -> None:
    first, second = invoices(2)
    file = a_file([first]).file

    assert store.files.last_file(file.stream) is None
    assert store.files.claim(file)
    assert not store.files.claim(a_file([second]).file)
    assert store.files.last_file(file.stream) == file
    after = a_file([second], after=file).file
    assert store.files.claim(after)
    assert store.files.last_file(file.stream) == after
    assert [progress.file for progress in store.files.unfinished()] == [file, after]


def test_what_a_file_has_taken_waits_no_more_and_taking_it_again_changes_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erp_files, "_DOCUMENTS_A_TRANSACTION", 2)
    documents = invoices(5)
    for document in documents:
        store.files.stage(document)
    file = a_file(documents).file
    store.files.claim(file)

    store.files.take(file)
    store.files.take(file)

    assert store.files.waiting(file.stream, most=100) == ()
    assert store.files.streams_waiting() == ()
    kept = store.files.staged(documents[4].external_ref, DocumentKind.INVOICE)
    assert kept is not None
    assert kept.file == file.name


def test_a_file_that_was_taken_by_half_is_taken_whole_the_next_time(
    tables: DynamoErpFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erp_files, "_DOCUMENTS_A_TRANSACTION", 2)
    documents = invoices(5)
    for document in documents:
        tables.stage(document)
    file = a_file(documents).file
    tables.claim(file)
    with pytest.raises(Died), writing(dies_at=2):
        tables.take(file)
    assert len(tables.waiting(file.stream, most=100)) == 3

    tables.take(file)

    assert tables.waiting(file.stream, most=100) == ()
    kept = [tables.staged(document.external_ref, DocumentKind.INVOICE) for document in documents]
    assert {document.file for document in kept if document} == {file.name}


def test_taking_a_file_whose_documents_are_decided_writes_nothing(tables: DynamoErpFiles) -> None:
    document = a_staged()
    tables.stage(document)
    file = a_file([document]).file
    tables.claim(file)
    tables.take(file)
    tables.decide(DocumentKind.INVOICE, posted(document))

    with writing(dies_at=1):
        tables.take(file)

    kept = tables.staged(document.external_ref, DocumentKind.INVOICE)
    assert kept == document.answered(file.name, posted(document))


def test_progress_is_stored_one_version_on_and_never_over_somebody_elses(store: Store) -> None:
    file = a_file().file
    store.files.claim(file)
    (first,) = store.files.unfinished()
    delivered = first.brought_to(Delivery.DELIVERED, transfer="t-1")

    store.files.save(delivered)
    with pytest.raises(StaleFileError):
        store.files.save(first.brought_to(Delivery.WRITTEN))

    assert store.files.unfinished() == (delivered,)
    with pytest.raises(StaleFileError):
        store.files.finish(first.brought_to(Delivery.WRITTEN))
    store.files.finish(delivered.brought_to(Delivery.DELIVERED))
    assert store.files.unfinished() == ()


def test_the_first_verdict_on_a_document_stands(store: Store) -> None:
    document = a_staged()
    store.files.stage(document)

    store.files.decide(DocumentKind.INVOICE, posted(document))
    store.files.decide(DocumentKind.INVOICE, rejected(document))

    kept = store.files.staged(document.external_ref, DocumentKind.INVOICE)
    assert kept is not None
    assert kept.verdict == posted(document)


def test_what_a_receiver_tells_of_payments_is_kept_by_number_and_the_first_content_stands(store: Store) -> None:
    of, other = Receiver(GERMANY, "DE01"), Receiver(GERMANY, "DE02")
    content = b"H,1,DE01,000001\r\nS,REF1,invoice,RE-1,paid,EUR,2,0,2026-11-20T09:30:00Z\r\nT,1\r\n"
    assert store.drop.settlements(of, 1) is None
    store.drop.answer("settlements.DE01.000001.csv", content[:20])
    assert isinstance(store.drop.settlements(of, 1), Unreadable)
    store.drop.answer("settlements.DE01.000001.csv", content)
    told = store.drop.settlements(of, 1)
    assert isinstance(told, tuple)

    store.files.keep_settlements(of, 1, told)
    store.files.keep_settlements(of, 1, ())

    assert store.files.settlements(of, 1) == told
    assert (store.files.settlements(of, 2), store.files.settlements(other, 1)) == (None, None)
    assert (store.files.last_settlements(of), store.files.last_settlements(other)) == (1, 0)


def test_a_later_file_of_payments_is_found_whatever_its_number_and_only_of_the_same_company(store: Store) -> None:
    of, content = Receiver(GERMANY, "DE01"), b"H,1,DE01,000012\r\nT,0\r\n"
    for name in ("settlements.DE01.000004.csv", "settlements.DE01.000013.csv.tmp", "settlements.DE02.000017.csv"):
        store.drop.answer(name, content)
    assert not store.drop.tells_later(of, 4)

    store.drop.answer("settlements.DE01.000012.csv", content)

    assert store.drop.tells_later(of, 4)
    assert not store.drop.tells_later(of, 12)


def test_which_payments_are_stuck_is_noted_for_each_receiver_until_it_is_forgotten(store: Store) -> None:
    of, other = Receiver(GERMANY, "DE01"), Receiver(GERMANY, "DE02")
    stuck = StuckSettlements(sequence=7, since=FIRST_OF_NOVEMBER)
    store.files.note_stuck(of, stuck)
    assert store.files.stuck_settlements(of) == stuck

    store.files.note_stuck(of, replace(stuck, told=True))
    assert store.files.stuck_settlements(of) == replace(stuck, told=True)
    assert store.files.stuck_settlements(other) is None
    assert store.files.last_settlements(of) == 0

    store.files.note_stuck(of, None)
    store.files.note_stuck(of, None)
    assert store.files.stuck_settlements(of) is None


def test_a_file_is_laid_out_with_its_manifest_as_often_as_one_likes(store: Store) -> None:
    made = a_file()
    store.drop.keep(made)
    for _ in range(2):
        store.drop.offer(made.file)

    assert store.drop.read(made.file.name) == made.content
    assert made.file.sha256.encode() in store.drop.read(f"{made.file.name}.manifest.json")


def test_every_version_of_an_answer_is_read_once_oldest_first(store: Store) -> None:
    file = a_file().file
    ack = f'{{"schema_version":1,"file":"{file.name}","sha256":"{file.sha256}","status":"VALIDATED"}}'.encode()
    rsp = f"H,1,{file.name},{file.sha256}\r\nT,0\r\n".encode()
    assert store.drop.answers(file, seen=()) == Received()

    store.drop.answer(f"{file.name}.rsp", rsp)
    store.drop.answer(f"{file.name}.ack", ack[:30])
    store.drop.answer(f"{file.name}.ack", ack)
    store.drop.answer(f"{file.name}.ack", ack)  # fetched once more
    store.drop.answer("another.csv.ack", ack)

    received = store.drop.answers(file, seen=())
    assert [type(one.answer) for one in received.answers] == [Unreadable, Acknowledgement, Response]
    assert len(received.versions) == 4
    assert store.drop.answers(file, seen=received.versions) == Received(versions=received.versions)


def test_the_same_answer_is_known_for_it_however_it_was_stored(store: Store) -> None:
    file = a_file().file
    rsp = f"H,1,{file.name},{file.sha256}\r\nT,0\r\n".encode()
    store.drop.answer(f"{file.name}.rsp", rsp)
    before = store.drop.answers(file, seen=())

    store.drop.answer_in_parts(f"{file.name}.rsp", rsp)  # under another ETag, as every copy of what is encrypted

    again = store.drop.answers(file, seen=before.versions)
    assert [one.identity for one in again.answers] == [one.identity for one in before.answers]


def test_progress_is_stored_however_long_and_different_the_reasons_of_all_refusals_are(store: Store) -> None:
    documents, letters = invoices(1_000), Random(7)
    reasons = ["".join(letters.choices(_KANJI, k=500)) for _ in documents]
    file = a_file(documents).file
    store.files.claim(file)
    (written,) = store.files.unfinished()
    refused = [replace(rejected(one), text=why) for one, why in zip(documents[1:], reasons[1:], strict=True)]
    response = Response(file=file.name, sha256=file.sha256, verdicts=tuple(refused))

    heard = hear(written, Received(answers=(ReceivedAnswer("rsp 1", response),)))
    store.files.save(heard.progress)

    assert store.files.unfinished() == (heard.progress,)
    assert [verdict.text for verdict in heard.verdicts] == reasons[1:]  # what is stored of each document


@mock_aws
def test_a_table_that_does_not_answer_leaves_it_open_whether_a_document_is_staged() -> None:
    client: Any = boto3.client("dynamodb")
    files = DynamoErpFiles(client, "no-such-table", TENANT)
    with pytest.raises(FilesUnavailableError, match="ResourceNotFoundException"):
        files.staged(a_staged().external_ref, DocumentKind.INVOICE)

    def silent(*_: object, **__: object) -> None:
        raise ReadTimeoutError(endpoint_url="dynamodb")

    client.transact_write_items = silent
    with pytest.raises(FilesUnavailableError, match="ReadTimeoutError"):
        files.stage(a_staged())


@pytest.fixture(scope="module")
def client() -> Any:
    """Return one for all tests, which never calls anybody: what is known of the service takes long to read."""
    nobody: Any = boto3.client("transfer", region_name="eu-central-1", aws_access_key_id="-", aws_secret_access_key="-")
    return nobody


@pytest.fixture
def transfer(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber


def connectors(stubber: Stubber) -> SftpConnectors:
    client: Any = stubber.client
    return SftpConnectors(client, "erp-files", TENANT, read_connectors("old-books=c-0123456789abcdef0"))


def test_a_connector_sends_the_content_then_the_manifest(transfer: Stubber) -> None:
    file = a_file().file
    path = f"/erp-files/{TENANT}/{GERMANY}/outbound/{file.name}"
    for sent, transfer_id in ((path, "t-1"), (f"{path}.manifest.json", "t-2")):
        expected = {
            "ConnectorId": "c-0123456789abcdef0",
            "SendFilePaths": [sent],
            "RemoteDirectoryPath": "/outbound",
        }
        transfer.add_response("start_file_transfer", {"TransferId": transfer_id}, expected)

    assert connectors(transfer).send_content(file, SERVER) == "t-1"
    assert connectors(transfer).send_manifest(file, SERVER) == "t-2"


@pytest.mark.parametrize(
    ("states", "arrived"), [([], False), (["QUEUED"], False), (["IN_PROGRESS"], False), (["COMPLETED"], True)]
)
def test_a_transfer_has_arrived_when_its_file_has(transfer: Stubber, states: list[str], arrived: bool) -> None:
    results = [{"FilePath": "/f.csv", "StatusCode": state} for state in states]
    transfer.add_response("list_file_transfer_results", {"FileTransferResults": results})

    assert connectors(transfer).has_arrived("t-1", SERVER) is arrived


def test_a_transfer_that_failed_says_why(transfer: Stubber) -> None:
    failed = {"FilePath": "/f.csv", "StatusCode": "FAILED", "FailureCode": "AUTH", "FailureMessage": "no such user"}
    transfer.add_response("list_file_transfer_results", {"FileTransferResults": [failed]})
    with pytest.raises(TransferFailedError, match="AUTH: no such user"):
        connectors(transfer).has_arrived("t-1", SERVER)


def test_what_aws_refuses_is_a_failed_transfer_whichever_call_it_was(transfer: Stubber) -> None:
    file = a_file().file
    for call in ("start_file_transfer", "list_file_transfer_results", "start_file_transfer"):
        transfer.add_client_error(call, "ThrottlingException")
    connected = connectors(transfer)
    with pytest.raises(TransferFailedError, match="ThrottlingException"):
        connected.send_content(file, SERVER)
    with pytest.raises(TransferFailedError, match="ThrottlingException"):
        connected.has_arrived("t-1", SERVER)
    with pytest.raises(TransferFailedError, match="ThrottlingException"):
        connected.fetch_answers([FileProgress(file=file)], SERVER)
    with pytest.raises(TransferFailedError, match="no connector new-books"):
        connected.send_content(file, replace(SERVER, connector="new-books"))


def test_answers_are_fetched_ten_paths_a_call_and_an_acknowledgement_only_until_it_is_there(transfer: Stubber) -> None:
    progress = [FileProgress(file=replace(a_file().file, name=f"{n}.csv"), acknowledged=n > 0) for n in range(11)]
    names = ["0.csv.ack", *(f"{n}.csv.rsp" for n in range(11))]
    for part in (names[:10], names[10:]):
        expected = {
            "ConnectorId": "c-0123456789abcdef0",
            "RetrieveFilePaths": [f"/inbound/{name}" for name in part],
            "LocalDirectoryPath": f"/erp-files/{TENANT}/{GERMANY}/inbound",
        }
        transfer.add_response("start_file_transfer", {"TransferId": "t"}, expected)

    connectors(transfer).fetch_answers(progress, SERVER)

    transfer.assert_no_pending_responses()


def test_the_next_file_of_payments_is_fetched_by_its_name(transfer: Stubber) -> None:
    expected = {
        "ConnectorId": "c-0123456789abcdef0",
        "RetrieveFilePaths": ["/inbound/settlements.DE01.000003.csv"],
        "LocalDirectoryPath": f"/erp-files/{TENANT}/{GERMANY}/inbound",
    }
    transfer.add_response("start_file_transfer", {"TransferId": "t"}, expected)

    connectors(transfer).fetch_settlements(Receiver(GERMANY, "DE01"), 3, SERVER)

    transfer.assert_no_pending_responses()
