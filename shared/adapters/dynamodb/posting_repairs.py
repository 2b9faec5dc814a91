"""Repairs of refused postings in DynamoDB (port PostingRepairs): one transaction over postings and invoices.

A write whose reply was lost and that then meets itself is a success: what is stored is compared with what was to be.
"""

from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from shared.adapters.dynamodb.billing_accounts import DynamoBillingProgresses
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents, changed_intent_write, new_intent_writes
from shared.domain.identifiers import TenantId
from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.repair import Adopted, Replaced
from shared.ports.invoices import StoredInvoice
from shared.ports.posting_intents import AccountingPeriodClosedError, StaleIntentError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_MOST_TRIES_ON_CONFLICT = 5


class DynamoPostingRepairs:
    """The repairs of one tenant."""

    def __init__(
        self, dynamodb: "DynamoDBClient", tenant: TenantId, *, postings_table: str, invoices_table: str
    ) -> None:
        self._dynamodb = dynamodb
        self._postings_table = postings_table
        self._intents = DynamoPostingIntents(dynamodb, postings_table, tenant)
        self._invoices = DynamoInvoices(dynamodb, invoices_table, tenant, postings_table=postings_table)
        self._progresses = DynamoBillingProgresses(dynamodb, invoices_table, tenant)

    def replace(self, repair: Replaced, invoice: StoredInvoice | None) -> None:
        writes = [
            changed_intent_write(repair.refused, table=self._postings_table),
            *new_intent_writes(repair.posting, table=self._postings_table),
            *self._invoice_writes(invoice),
        ]
        if invoice is not None:
            writes.append(self._progresses.reopen(invoice.invoice.contract_id, by=repair.posting.posting_id))
        self._write(writes, repair.posting, period=repair.posting.document.accounting_period)

    def adopt(self, repair: Adopted, invoice: StoredInvoice | None) -> None:
        writes = [changed_intent_write(repair.posting, table=self._postings_table), *self._invoice_writes(invoice)]
        self._write(writes, repair.posting, period="")

    def _invoice_writes(self, invoice: StoredInvoice | None) -> "list[TransactWriteItemTypeDef]":
        return [{"Put": self._invoices.write(invoice)}] if invoice else []

    def _write(self, writes: "list[TransactWriteItemTypeDef]", posting: PostingIntent, *, period: str) -> None:
        for tries_left in reversed(range(_MOST_TRIES_ON_CONFLICT)):
            try:
                self._dynamodb.transact_write_items(TransactItems=writes)
            except self._dynamodb.exceptions.TransactionCanceledException as error:
                if self._intents.read(posting.posting_id) == posting:
                    return
                _raise_what_failed(error, posting, period)
                if not tries_left:
                    raise
            else:
                return


def _raise_what_failed(error: ClientError, posting: PostingIntent, period: str) -> None:
    """Raise for a condition that failed; a conflict with another transaction is for trying again.

    The period of a posting that takes the place of another is written third, after both of them.
    """
    codes = [reason.get("Code") for reason in cast("dict[str, Any]", error.response).get("CancellationReasons", [])]
    failed = [place for place, code in enumerate(codes) if code == "ConditionalCheckFailed"]
    if period and failed == [2]:
        raise AccountingPeriodClosedError(period) from error
    if failed:
        raise StaleIntentError(posting.posting_id) from error
    if "TransactionConflict" not in codes:
        raise error
