"""Documents staged for files, beside the postings in DynamoDB (port StagedDocuments): each with its place in a queue.

Both are written in one transaction: a document without its place would never be sent.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

from botocore.exceptions import BotoCoreError, ClientError

from shared.contracts.erp_files.stored import pack_staged, unpack_settlements, unpack_staged, unpack_verdict
from shared.domain.erp_files.staged_document import FileStream, Receiver, StagedDocument
from shared.domain.identifiers import ExternalRef, TenantId
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.readings import Settlement
from shared.ports.erp_files import FilesUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item: TypeAlias = dict[str, Any]


def document_key(tenant: TenantId, kind: DocumentKind, external_ref: ExternalRef) -> Item:
    return {"pk": {"S": f"{tenant}#erp-files#document#{kind}#{external_ref}"}, "sk": {"S": "document"}}


def waiting_key(tenant: TenantId, stream: FileStream, *, period: str, external_ref: ExternalRef) -> Item:
    return {"pk": waiting_list(tenant), "sk": {"S": f"{stream_key(stream)}#{period}#{external_ref}"}}


def waiting_list(tenant: TenantId) -> Item:
    return {"S": f"{tenant}#erp-files#waiting"}


def stream_key(stream: FileStream) -> str:
    return f"{stream.legal_entity_id}#{stream.company}#{stream.kind}"


def settlements_key(tenant: TenantId, of: Receiver, sequence: int) -> Item:
    place = f"{tenant}#erp-files#settlements#{of.legal_entity_id}#{of.company}"
    return {"pk": {"S": place}, "sk": {"S": f"{sequence:06d}"}}


def staged_document(item: Item) -> StagedDocument:
    kept = unpack_staged(bytes(item["document"]["B"]))
    verdict = item.get("verdict")
    return kept.answered(item.get("file", {}).get("S", ""), unpack_verdict(verdict["S"]) if verdict else None)


class DynamoStagedDocuments:
    """The staged documents of one tenant."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def stage(self, document: StagedDocument) -> StagedDocument:
        try:
            self._client.transact_write_items(TransactItems=[self._put(item) for item in self._items(document)])
        except self._client.exceptions.TransactionCanceledException as error:
            kept = self.staged(document.external_ref, document.stream.kind)
            if kept is None:
                raise FilesUnavailableError(str(error)) from None
            return kept
        except (ClientError, BotoCoreError) as error:
            raise FilesUnavailableError(type(error).__name__) from None
        return document

    def staged(self, external_ref: ExternalRef, kind: DocumentKind) -> StagedDocument | None:
        try:
            item = self._client.get_item(
                TableName=self._table, Key=document_key(self._tenant, kind, external_ref), ConsistentRead=True
            ).get("Item")
        except (ClientError, BotoCoreError) as error:
            raise FilesUnavailableError(type(error).__name__) from None
        return staged_document(item) if item else None

    def settlements(self, of: Receiver, sequence: int) -> tuple[Settlement, ...] | None:
        try:
            item = self._client.get_item(
                TableName=self._table, Key=settlements_key(self._tenant, of, sequence), ConsistentRead=True
            ).get("Item")
        except (ClientError, BotoCoreError) as error:
            raise FilesUnavailableError(type(error).__name__) from None
        return unpack_settlements(bytes(item["settlements"]["B"])) if item else None

    def _items(self, document: StagedDocument) -> tuple[Item, Item]:
        stream, key = document.stream, document.external_ref
        return (
            {**document_key(self._tenant, stream.kind, key), "document": {"B": pack_staged(document)}},
            waiting_key(self._tenant, stream, period=document.period, external_ref=key),
        )

    def _put(self, item: Item) -> Any:  # noqa: ANN401 - one of a transaction's writes
        return {
            "Put": {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"},
        }
