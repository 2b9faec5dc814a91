"""Exceptions in DynamoDB: one item each, opened and closed by conditional updates that may repeat and cross."""

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, ExceptionStatus
from shared.domain.identifiers import ExceptionId, TenantId
from shared.domain.resolution import Resolution
from shared.domain.time_period import format_instant, parse_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, UniversalAttributeValueTypeDef

_LONGEST_SORT_KEY_BYTES = 900  # DynamoDB takes 1,024
_OPEN, _RESOLVED = ExceptionStatus.OPEN.value, ExceptionStatus.RESOLVED.value

_FACTS = "subject = :subject, message = :message, raised_at = :raised_at, detail = :detail"


class DynamoExceptionStore:
    """Port ExceptionStore. Key: tenant and code, then the subject."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def open(self, record: ExceptionRecord) -> None:
        facts: dict[str, UniversalAttributeValueTypeDef] = {
            ":subject": {"S": record.subject},
            ":message": {"S": record.message},
            ":raised_at": {"S": format_instant(record.raised_at)},
            ":detail": {"S": json.dumps(dict(record.detail), sort_keys=True)},
        }
        opened = self._update(
            record.exception_id,
            f"SET {_FACTS}, #status = :open REMOVE resolution, resolved_at, last_raised_at",
            "attribute_not_exists(pk) OR (#status = :resolved AND resolved_at < :raised_at)",
            {**facts, ":open": {"S": _OPEN}, ":resolved": {"S": _RESOLVED}},
        )
        if not opened:
            # The resolution came first and knew none of the facts.
            self._update(
                record.exception_id,
                f"SET {_FACTS}",
                "#status = :resolved AND attribute_not_exists(raised_at)",
                {**facts, ":resolved": {"S": _RESOLVED}},
            )
            # It is open and recurs: the resolution of what was before may still be on its way and must not close it.
            self._update(
                record.exception_id,
                "SET last_raised_at = :raised_at",
                "#status = :open AND raised_at < :raised_at"
                " AND (attribute_not_exists(last_raised_at) OR last_raised_at < :raised_at)",
                {":open": {"S": _OPEN}, ":raised_at": facts[":raised_at"]},
            )

    def resolve(self, closed: Resolution) -> None:
        self._update(
            closed.exception_id,
            "SET #status = :resolved, resolution = :resolution, resolved_at = :resolved_at",
            "attribute_not_exists(pk)"
            " OR (#status = :open AND raised_at <= :resolved_at"
            " AND (attribute_not_exists(last_raised_at) OR last_raised_at <= :resolved_at))"
            # Resolved already: what recurred in between may still be on its way.
            " OR (#status = :resolved AND resolved_at < :resolved_at)",
            {
                ":resolved": {"S": _RESOLVED},
                ":open": {"S": _OPEN},
                ":resolution": {"S": closed.resolution},
                ":resolved_at": {"S": format_instant(closed.resolved_at)},
            },
        )

    def find(self, exception_id: ExceptionId) -> ExceptionRecord | None:
        answer = self._client.get_item(TableName=self._table, Key=self._key(exception_id), ConsistentRead=True)
        return self._record(answer["Item"]) if "Item" in answer else None

    def records(self, code: ExceptionCode) -> Iterator[ExceptionRecord]:
        return self._query("pk = :pk", {":pk": {"S": self._partition(code)}})

    def between(self, code: ExceptionCode, first: str, last: str) -> Iterator[ExceptionRecord]:
        values = {":pk": {"S": self._partition(code)}, ":first": {"S": first}, ":last": {"S": last}}
        return self._query("pk = :pk AND sk BETWEEN :first AND :last", values)

    def open_records(self, code: ExceptionCode) -> Iterator[ExceptionRecord]:
        return (record for record in self.records(code) if record.status is ExceptionStatus.OPEN)

    def _query(self, keys: str, values: "Mapping[str, UniversalAttributeValueTypeDef]") -> Iterator[ExceptionRecord]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=keys,
            ExpressionAttributeValues=values,
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield self._record(item)

    def _update(
        self,
        exception_id: ExceptionId,
        change: str,
        condition: str,
        values: "Mapping[str, UniversalAttributeValueTypeDef]",
    ) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=self._key(exception_id),
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=values,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _partition(self, code: str) -> str:
        return f"{self._tenant}#{code}"

    def _key(self, exception_id: ExceptionId) -> "dict[str, UniversalAttributeValueTypeDef]":
        code, _, subject = exception_id.partition(":")
        return {"pk": {"S": self._partition(code)}, "sk": {"S": _sort_key(subject)}}

    def _record(self, item: "Mapping[str, AttributeValueTypeDef]") -> ExceptionRecord:
        code = ExceptionCode(item["pk"]["S"].removeprefix(f"{self._tenant}#"))
        # A resolution that came before its exception has no facts yet: its own time stands in.
        subject = item["subject"]["S"] if "subject" in item else item["sk"]["S"]
        return ExceptionRecord(
            exception_id=ExceptionId(f"{code}:{subject}"),
            tenant=self._tenant,
            code=code,
            subject=subject,
            message=item["message"]["S"] if "message" in item else "",
            raised_at=parse_instant(item["raised_at" if "raised_at" in item else "resolved_at"]["S"]),
            detail=json.loads(item["detail"]["S"]) if "detail" in item else {},
            status=ExceptionStatus(item["status"]["S"]),
            resolution=item["resolution"]["S"] if "resolution" in item else "",
        )


def _sort_key(subject: str) -> str:
    """Return the subject, or for one too long for a key its beginning and a hash of it."""
    encoded = subject.encode()
    if 0 < len(encoded) <= _LONGEST_SORT_KEY_BYTES:
        return subject
    return f"{subject[:100]}#{blake2b(encoded, digest_size=16).hexdigest()}"
