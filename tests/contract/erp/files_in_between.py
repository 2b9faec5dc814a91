"""What goes on between two questions where an ERP is told by files: both schedules fire, and its receiver looks."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from functions.deliver_erp_files.use_case import FileDeliverer
from functions.read_erp_answers.use_case import AnswerReader
from operations.local.bucket_folder import BucketFolder
from shared.adapters.dynamodb.erp_files import DynamoErpFiles
from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.erp.site import ErpSite, OwnRecords
from shared.adapters.s3.erp_file_drop import S3FileDrop
from shared.domain.identifiers import LegalEntityId
from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import Submission, Ticket
from shared.domain.posting.readings import Settlements
from shared.ports.erp import ReadableErp
from shared.runtime import aws
from simulators.erp.legacy_files.simulator import LegacyFilesSimulator
from tests.builders.aws_resources import create_bucket, create_table
from tests.builders.posting import GERMANY, TENANT
from tests.fakes.in_memory_erp_files import InMemoryTransfers
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter

_NUMBERS = count(1)  # the tests of a module share one AWS


@dataclass(frozen=True, slots=True)
class FilesInBetween:
    """Routes as usual; whoever asks finds that files were delivered and answers read in the meantime."""

    routing: MappedErpRouting
    deliverer: FileDeliverer
    reader: AnswerReader
    receiver: LegacyFilesSimulator
    folder: BucketFolder

    def erp_for(self, legal_entity_id: LegalEntityId) -> ReadableErp:
        return self.erp_and_books(legal_entity_id)[0]

    def erp_and_books(self, legal_entity_id: LegalEntityId) -> tuple[ReadableErp, str]:
        erp, books = self.routing.erp_and_books(legal_entity_id)
        asked: Any = _AskedAfterwards(erp, self)
        return asked, books

    def turn(self, legal_entity_id: LegalEntityId) -> AbstractContextManager[Any]:
        return self.routing.turn(legal_entity_id)

    def pass_by(self) -> None:
        self.deliverer.deliver()
        self.receiver.look(self.folder)
        self.reader.read()


class _AskedAfterwards:
    def __init__(self, erp: ReadableErp, files: FilesInBetween) -> None:
        self._erp = erp
        self._files = files

    def __getattr__(self, name: str) -> Any:
        return getattr(self._erp, name)

    def poll(self, ticket: Ticket, document: Document) -> Submission:
        self._files.pass_by()
        return self._erp.poll(ticket, document)

    def settlements(self, cursor: str) -> Settlements:
        self._files.pass_by()
        return self._erp.settlements(cursor)


def table_and_bucket() -> tuple[str, str]:
    """Make what documents and files are kept in, on moto, and return their names."""
    number = next(_NUMBERS)
    table, bucket = create_table(f"postings-{number}"), create_bucket(f"erp-files-{number}")
    aws.s3().put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return table, bucket


def told_by_files(site: ErpSite, master_data: Any, receiver: Any) -> FilesInBetween:
    """Return the routing to an ERP with its files: table and bucket on moto, and a receiver that sees the bucket."""
    (table, bucket), dynamodb = table_and_bucket(), aws.dynamodb()
    both: dict[str, Any] = {
        "tenant": TENANT,
        "files": DynamoErpFiles(dynamodb, table, TENANT),
        "drop": S3FileDrop(aws.s3(), bucket, TENANT),
        "transfers": InMemoryTransfers(),
        "master_data": master_data,
        "reporter": InMemoryExceptionReporter(),
        "clock": site.clock,
    }
    return FilesInBetween(
        MappedErpRouting(master_data, replace(site, records=OwnRecords(dynamodb, table, TENANT))),
        FileDeliverer(**both),
        AnswerReader(**both),
        receiver,
        BucketFolder(bucket, TENANT, {"DE01": GERMANY}),
    )
