"""Accruals in DynamoDB (port Accruals): the invoice's posting and both journals in one transaction.

A write whose reply was lost and that then meets itself is a success: what is stored is compared with what was to be.
"""

from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents, changed_intent_write, new_intent_writes
from shared.domain.identifiers import TenantId
from shared.domain.posting.accrual import Accrual
from shared.domain.posting.intent import PostingIntent
from shared.ports.posting_intents import AccountingPeriodClosedError, StaleIntentError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST_TRIES_ON_CONFLICT = 5
_OF_ACCRUAL, _OF_REVERSAL = 2, 4  # where their accounting periods are written: after the posting, behind each journal


class DynamoAccruals:
    """The accruals of one tenant."""

    def __init__(self, client: "DynamoDBClient", postings_table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = postings_table
        self._intents = DynamoPostingIntents(client, postings_table, tenant)

    def book(self, posted: PostingIntent, accrual: Accrual) -> None:
        writes = [
            changed_intent_write(posted, table=self._table),
            *new_intent_writes(accrual.accrual, table=self._table),
            *new_intent_writes(accrual.reversal, table=self._table),
        ]
        for tries_left in reversed(range(_MOST_TRIES_ON_CONFLICT)):
            try:
                self._client.transact_write_items(TransactItems=writes)
            except self._client.exceptions.TransactionCanceledException as error:
                if self._intents.read(posted.posting_id) == posted:
                    return
                _raise_what_failed(error, posted, accrual)
                if not tries_left:
                    raise
            else:
                return


def _raise_what_failed(error: ClientError, posted: PostingIntent, accrual: Accrual) -> None:
    """Raise for a condition that failed; a conflict with another transaction is for trying again."""
    codes = [reason.get("Code") for reason in cast("dict[str, Any]", error.response).get("CancellationReasons", [])]
    failed = {place for place, code in enumerate(codes) if code == "ConditionalCheckFailed"}
    if failed and failed <= {_OF_ACCRUAL, _OF_REVERSAL}:
        closed = accrual.accrual if _OF_ACCRUAL in failed else accrual.reversal
        raise AccountingPeriodClosedError(closed.document.accounting_period) from error
    if failed:
        raise StaleIntentError(posted.posting_id) from error
    if "TransactionConflict" not in codes:
        raise error
