"""Prepared journals in DynamoDB (port Journals), beside the postings that come of them.

A write whose reply was lost and that then meets itself is a success: what is stored is compared with what was to be.
"""

from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from shared.adapters.dynamodb.intents_outbox import changed_item_write, new_item_write
from shared.adapters.dynamodb.posting_intents import new_intent_writes
from shared.contracts.journal import pack_stored_journal, unpack_stored_journal
from shared.domain.identifiers import PostingId, TenantId
from shared.domain.posting.intent import PostingIntent
from shared.ports.journals import AlreadyReversedError, JournalChangedError, StoredJournal
from shared.ports.posting_intents import AccountingPeriodClosedError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_MOST_TRIES_ON_CONFLICT = 5
# The accounting period is written third, after the journal and its posting; then whose reversal it is.
_PERIOD, _REVERSAL = 2, 3


class DynamoJournals:
    """The journals of one tenant."""

    def __init__(self, client: "DynamoDBClient", postings_table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = postings_table
        self._tenant = tenant

    def read(self, posting_id: PostingId) -> StoredJournal | None:
        reply = self._client.get_item(TableName=self._table, Key=self._key(posting_id), ConsistentRead=True)
        item = reply.get("Item")
        return unpack_stored_journal(item["body"]["B"]) if item else None

    def save(self, stored: StoredJournal) -> None:
        self._write([self._stored(stored)], stored)

    def reversal_of(self, original: PostingId) -> PostingId | None:
        key = self._reversal_key(original)
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return PostingId(item["posting_id"]["S"]) if item else None

    def approve(self, stored: StoredJournal, intent: PostingIntent, *, instead_of: PostingId | None = None) -> None:
        original = stored.prepared.journal.reverses
        reversal = [] if original is None else [self._reversal(original, intent.posting_id, instead_of)]
        self._write([self._stored(stored), *new_intent_writes(intent, table=self._table), *reversal], stored)

    def _reversal(
        self, original: PostingId, posting_id: PostingId, instead_of: PostingId | None
    ) -> "TransactWriteItemTypeDef":
        item = {**self._reversal_key(original), "posting_id": {"S": posting_id}}
        if instead_of is None:
            return new_item_write(item, table=self._table)
        return {
            "Put": {
                "TableName": self._table,
                "Item": item,
                "ConditionExpression": "posting_id = :instead_of",
                "ExpressionAttributeValues": {":instead_of": {"S": instead_of}},
            }
        }

    def _stored(self, stored: StoredJournal) -> "TransactWriteItemTypeDef":
        item = {
            **self._key(stored.prepared.journal.posting_id),
            "version": {"N": str(stored.version)},
            "body": {"B": pack_stored_journal(stored)},
        }
        is_new = stored.version == 1
        return new_item_write(item, table=self._table) if is_new else changed_item_write(item, table=self._table)

    def _write(self, writes: "list[TransactWriteItemTypeDef]", stored: StoredJournal) -> None:
        journal = stored.prepared.journal
        for tries_left in reversed(range(_MOST_TRIES_ON_CONFLICT)):
            try:
                self._client.transact_write_items(TransactItems=writes)
            except self._client.exceptions.TransactionCanceledException as error:
                if self.read(journal.posting_id) == stored:
                    return
                self._raise_what_failed(error, stored)
                if not tries_left:
                    raise
            else:
                return

    def _key(self, posting_id: PostingId) -> dict[str, Any]:
        return {"pk": {"S": f"{self._tenant}#journal#{posting_id}"}, "sk": {"S": "journal"}}

    def _reversal_key(self, original: PostingId) -> dict[str, Any]:
        return {"pk": {"S": f"{self._tenant}#journal#{original}"}, "sk": {"S": "reversal"}}

    def _raise_what_failed(self, error: ClientError, stored: StoredJournal) -> None:
        """Raise for a condition that failed; a conflict with another transaction is for trying again."""
        journal = stored.prepared.journal
        codes = [reason.get("Code") for reason in cast("dict[str, Any]", error.response).get("CancellationReasons", [])]
        failed = {place for place, code in enumerate(codes) if code == "ConditionalCheckFailed"}
        if failed == {_PERIOD}:
            raise AccountingPeriodClosedError(journal.accounting_period) from error
        if failed and failed <= {_PERIOD, _REVERSAL} and journal.reverses is not None:
            raise AlreadyReversedError(self.reversal_of(journal.reverses)) from error
        if failed:
            raise JournalChangedError(journal.posting_id) from error
        if "TransactionConflict" not in codes:
            raise error
