"""Files for ERPs in DynamoDB (port ErpFiles): what waits, every stream's files by number, what is not answered yet."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.adapters.dynamodb.batches import get_all
from shared.adapters.dynamodb.staged_documents import (
    DynamoStagedDocuments,
    Item,
    document_key,
    settlements_key,
    staged_document,
    stream_key,
    waiting_key,
    waiting_list,
)
from shared.contracts.erp_files.stored import (
    pack_file,
    pack_progress,
    pack_settlements,
    pack_verdict,
    unpack_file,
    unpack_progress,
)
from shared.domain.erp_files.delivery_file import DeliveryFile, SentDocument
from shared.domain.erp_files.progress import FileProgress
from shared.domain.erp_files.settlements import StuckSettlements
from shared.domain.erp_files.staged_document import FileStream, Receiver, StagedDocument, Verdict
from shared.domain.identifiers import ExternalRef, LegalEntityId
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.readings import Settlement
from shared.ports.erp_files import StaleFileError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_DOCUMENTS_A_TRANSACTION = 50  # two writes each, of the hundred that one may have
_PAST_THE_STREAM = "\uffff"


class DynamoErpFiles(DynamoStagedDocuments):
    """The files of one tenant."""

    def streams_waiting(self) -> tuple[FileStream, ...]:
        return tuple(self._streams_waiting())

    def waiting(self, stream: FileStream, *, most: int) -> tuple[StagedDocument, ...]:
        prefix = f"{stream_key(stream)}#"
        first = self._first_waiting(after=prefix)
        if first is None or not first.startswith(prefix):
            return ()
        of_period = f"{prefix}{first.removeprefix(prefix).partition('#')[0]}#"
        found = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :waiting AND begins_with(sk, :period)",
            ExpressionAttributeValues={":waiting": waiting_list(self._tenant), ":period": {"S": of_period}},
            ConsistentRead=True,
            Limit=most,
        )["Items"]
        refs = [ExternalRef(item["sk"]["S"].removeprefix(of_period)) for item in found]
        keys = [document_key(self._tenant, stream.kind, ref) for ref in refs]
        return tuple(staged_document(dict(item)) for item in get_all(self._client, self._table, keys))

    def last_file(self, stream: FileStream) -> DeliveryFile | None:
        found = self._last_of({"S": self._files(stream)})
        return unpack_file(bytes(found["file"]["B"])) if found else None

    def claim(self, file: DeliveryFile) -> bool:
        place = {"pk": {"S": self._files(file.stream)}, "sk": {"S": f"{file.sequence:06d}"}}
        items = [{**place, "file": {"B": pack_file(file)}}, self._unfinished_item(FileProgress(file=file))]
        try:
            self._client.transact_write_items(TransactItems=[self._put(item) for item in items])
        except self._client.exceptions.TransactionCanceledException:
            return False
        return True

    def take(self, file: DeliveryFile) -> None:
        """Look before writing: most files that are taken again were taken, and their documents are being answered."""
        places = [self._place(file, document) for document in file.documents]
        still = {item["sk"]["S"] for item in get_all(self._client, self._table, places)}
        waiting = [one for one, place in zip(file.documents, places, strict=True) if place["sk"]["S"] in still]
        for start in range(0, len(waiting), _DOCUMENTS_A_TRANSACTION):
            documents = waiting[start : start + _DOCUMENTS_A_TRANSACTION]
            writes = [write for document in documents for write in self._taken(file, document)]
            self._client.transact_write_items(TransactItems=writes)

    def unfinished(self) -> tuple[FileProgress, ...]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :unfinished",
            ExpressionAttributeValues={":unfinished": {"S": f"{self._tenant}#erp-files#unfinished"}},
            ConsistentRead=True,
        )
        return tuple(unpack_progress(bytes(item["progress"]["B"])) for page in pages for item in page["Items"])

    def save(self, progress: FileProgress) -> None:
        try:
            self._client.put_item(
                TableName=self._table, Item=self._unfinished_item(progress), **self._if_one_version_back(progress)
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            raise StaleFileError(progress.file.name) from None

    def finish(self, progress: FileProgress) -> None:
        try:
            self._client.delete_item(
                TableName=self._table, Key=self._unfinished_key(progress.file), **self._if_one_version_back(progress)
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            raise StaleFileError(progress.file.name) from None

    def last_settlements(self, of: Receiver) -> int:
        found = self._last_of(settlements_key(self._tenant, of, 1)["pk"])
        return int(found["sk"]["S"]) if found else 0

    def keep_settlements(self, of: Receiver, sequence: int, told: tuple[Settlement, ...]) -> None:
        item = {**settlements_key(self._tenant, of, sequence), "settlements": {"B": pack_settlements(told)}}
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.put_item(TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)")

    def stuck_settlements(self, of: Receiver) -> StuckSettlements | None:
        found = self._last_of(self._stuck_key(of)["pk"])
        if found is None:
            return None
        since = datetime.fromisoformat(found["since"]["S"])
        return StuckSettlements(sequence=int(found["sequence"]["N"]), since=since, told=found["told"]["BOOL"])

    def note_stuck(self, of: Receiver, stuck: StuckSettlements | None) -> None:
        if stuck is None:
            self._client.delete_item(TableName=self._table, Key=self._stuck_key(of))
            return
        noted: Item = {
            "sequence": {"N": str(stuck.sequence)},
            "since": {"S": stuck.since.isoformat()},
            "told": {"BOOL": stuck.told},
        }
        self._client.put_item(TableName=self._table, Item={**self._stuck_key(of), **noted})

    def decide(self, kind: DocumentKind, verdict: Verdict) -> None:
        self._client.update_item(
            TableName=self._table,
            Key=document_key(self._tenant, kind, verdict.external_ref),
            UpdateExpression="SET verdict = if_not_exists(verdict, :verdict)",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues={":verdict": {"S": pack_verdict(verdict)}},
        )

    def _last_of(self, partition: Item) -> Item | None:
        found = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :partition",
            ExpressionAttributeValues={":partition": partition},
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=1,
        )["Items"]
        return dict(found[0]) if found else None

    def _streams_waiting(self) -> Iterator[FileStream]:
        """Go from stream to stream, past all that waits in each."""
        found = self._first_waiting(after="")
        while found is not None:
            entity, company, kind, *_ = found.split("#")
            stream = FileStream(LegalEntityId(entity), company, DocumentKind(kind))
            yield stream
            found = self._first_waiting(after=f"{stream_key(stream)}#{_PAST_THE_STREAM}")

    def _first_waiting(self, *, after: str) -> str | None:
        condition = "pk = :waiting AND sk > :after" if after else "pk = :waiting"
        found = self._client.query(
            TableName=self._table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues={
                ":waiting": waiting_list(self._tenant),
                **({":after": {"S": after}} if after else {}),
            },
            ConsistentRead=True,
            Limit=1,
        )["Items"]
        return found[0]["sk"]["S"] if found else None

    def _taken(self, file: DeliveryFile, document: SentDocument) -> Sequence["TransactWriteItemTypeDef"]:
        return [
            {"Delete": {"TableName": self._table, "Key": self._place(file, document)}},
            {
                "Update": {
                    "TableName": self._table,
                    "Key": document_key(self._tenant, file.stream.kind, document.external_ref),
                    "UpdateExpression": "SET #file = :file",
                    "ConditionExpression": "attribute_exists(pk)",
                    "ExpressionAttributeNames": {"#file": "file"},
                    "ExpressionAttributeValues": {":file": {"S": file.name}},
                }
            },
        ]

    def _place(self, file: DeliveryFile, document: SentDocument) -> Item:
        return waiting_key(self._tenant, file.stream, period=file.period, external_ref=document.external_ref)

    def _files(self, stream: FileStream) -> str:
        return f"{self._tenant}#erp-files#stream#{stream_key(stream)}"

    def _stuck_key(self, of: Receiver) -> Item:
        place = f"{self._tenant}#erp-files#stuck-settlements#{of.legal_entity_id}#{of.company}"
        return {"pk": {"S": place}, "sk": {"S": "stuck"}}

    def _unfinished_key(self, file: DeliveryFile) -> Item:
        place = f"{stream_key(file.stream)}#{file.sequence:06d}"
        return {"pk": {"S": f"{self._tenant}#erp-files#unfinished"}, "sk": {"S": place}}

    def _unfinished_item(self, progress: FileProgress) -> Item:
        return {
            **self._unfinished_key(progress.file),
            "progress": {"B": pack_progress(progress)},
            "version": {"N": str(progress.version)},
        }

    @staticmethod
    def _if_one_version_back(progress: FileProgress) -> dict[str, Any]:
        return {
            "ConditionExpression": "version = :expected",
            "ExpressionAttributeValues": {":expected": {"N": str(progress.version - 1)}},
        }
