"""Exceptions in the trade's sense: what failed, why, who owns it, what may safely be done. A closed catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from shared.domain.identifiers import ExceptionId, TenantId


class ExceptionCode(StrEnum):
    # usage: rejected at ingest
    MALFORMED_JSON = "MALFORMED_JSON"
    NOT_A_CLOUD_EVENT = "NOT_A_CLOUD_EVENT"
    UNKNOWN_CONTRACT_VERSION = "UNKNOWN_CONTRACT_VERSION"
    RETIRED_CONTRACT_VERSION = "RETIRED_CONTRACT_VERSION"
    CONTRACT_VIOLATION = "CONTRACT_VIOLATION"
    INVALID_QUANTITY = "INVALID_QUANTITY"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    PAYLOAD_TOO_DEEP = "PAYLOAD_TOO_DEEP"
    EVENT_TOO_OLD = "EVENT_TOO_OLD"
    EVENT_IN_THE_FUTURE = "EVENT_IN_THE_FUTURE"
    # usage: not arrived
    PRODUCER_QUIET = "PRODUCER_QUIET"
    COUNT_MISSING = "COUNT_MISSING"
    WRONG_HEARTBEAT = "WRONG_HEARTBEAT"
    # usage: accepted, cannot be billed yet
    UNKNOWN_CUSTOMER = "UNKNOWN_CUSTOMER"
    UNKNOWN_METER = "UNKNOWN_METER"
    NO_ACTIVE_SUBSCRIPTION = "NO_ACTIVE_SUBSCRIPTION"
    UNMEASURABLE_USAGE = "UNMEASURABLE_USAGE"
    # usage: in the ledger, needs a person
    USAGE_CONFLICT = "USAGE_CONFLICT"
    CORRECTION_WITHOUT_ORIGINAL = "CORRECTION_WITHOUT_ORIGINAL"
    CORRECTION_REFUSED = "CORRECTION_REFUSED"
    CORRECTION_WAITS = "CORRECTION_WAITS"
    CORRECTION_CONFLICT = "CORRECTION_CONFLICT"
    LATE_AFTER_ISSUE = "LATE_AFTER_ISSUE"
    ARCHIVE_DOES_NOT_TIE = "ARCHIVE_DOES_NOT_TIE"
    ARCHIVE_DAMAGED = "ARCHIVE_DAMAGED"
    USAGE_INCOMPLETE = "USAGE_INCOMPLETE"
    # invoicing
    INVOICE_NOT_STARTED = "INVOICE_NOT_STARTED"
    ACCOUNT_PARKED = "ACCOUNT_PARKED"
    INVOICE_INVALID = "INVOICE_INVALID"
    PRICE_MISSING = "PRICE_MISSING"
    TAX_RATE_MISSING = "TAX_RATE_MISSING"
    EXCHANGE_RATE_MISSING = "EXCHANGE_RATE_MISSING"
    TAX_ATTRIBUTE_MISSING = "TAX_ATTRIBUTE_MISSING"
    TAX_UNAVAILABLE = "TAX_UNAVAILABLE"
    TAX_REFUSED = "TAX_REFUSED"
    TAX_AUTH_FAILED = "TAX_AUTH_FAILED"
    TAX_MISMATCH = "TAX_MISMATCH"
    TAX_FROZEN = "TAX_FROZEN"
    INVOICE_OVER_LIMIT = "INVOICE_OVER_LIMIT"
    APPROVAL_PENDING = "APPROVAL_PENDING"
    CREDIT_NOTE_PENDING = "CREDIT_NOTE_PENDING"
    APPROVAL_OVERDUE = "APPROVAL_OVERDUE"
    APPROVAL_REJECTED = "APPROVAL_REJECTED"
    ADJUSTMENT_KEPT_BACK = "ADJUSTMENT_KEPT_BACK"
    INVOICE_NOT_RENDERED = "INVOICE_NOT_RENDERED"
    # contracts
    AMENDMENT_WITHDRAWN = "AMENDMENT_WITHDRAWN"
    AMENDMENT_NOT_UNDONE = "AMENDMENT_NOT_UNDONE"
    # posting
    MAPPING_MISSING = "MAPPING_MISSING"
    PERIOD_CLOSED = "PERIOD_CLOSED"
    REVENUE_NOT_ACCRUED = "REVENUE_NOT_ACCRUED"
    JOURNAL_PENDING = "JOURNAL_PENDING"
    POSTING_REJECTED = "POSTING_REJECTED"
    POSTING_UNKNOWN = "POSTING_UNKNOWN"
    POSTING_STUCK = "POSTING_STUCK"
    POSTING_ELSEWHERE = "POSTING_ELSEWHERE"
    POSTING_MISMATCH = "POSTING_MISMATCH"
    POSTING_PERIOD_SHIFTED = "POSTING_PERIOD_SHIFTED"
    POSTING_CONFLICT = "POSTING_CONFLICT"
    ERP_AUTH_FAILED = "ERP_AUTH_FAILED"
    ERP_NOT_READY = "ERP_NOT_READY"
    MAPPING_UNKNOWN = "MAPPING_UNKNOWN"
    PERIOD_CLOSED_EARLY = "PERIOD_CLOSED_EARLY"
    VOIDED_IN_ERP = "VOIDED_IN_ERP"
    CREDITED_IN_ERP = "CREDITED_IN_ERP"
    UNKNOWN_IN_ERP = "UNKNOWN_IN_ERP"
    ERP_FILE_NOT_DELIVERED = "ERP_FILE_NOT_DELIVERED"
    ERP_FILE_REFUSED = "ERP_FILE_REFUSED"
    ERP_ANSWER_WRONG = "ERP_ANSWER_WRONG"
    ERP_SETTLEMENTS_UNREAD = "ERP_SETTLEMENTS_UNREAD"
    # machinery
    DEAD_LETTER = "DEAD_LETTER"
    FAILED_BATCH = "FAILED_BATCH"
    FAILED_EXECUTION = "FAILED_EXECUTION"


class Owner(StrEnum):
    ENGINEERING = "engineering"
    BILLING_OPERATIONS = "billing operations"
    FINANCE = "finance"


class ExceptionStatus(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRecord:
    """One thing that needs attention. Its id is made from code and subject, so a repeat finds the first record.

    `subject` is what it is about: a delivery, an invoice id, a posting id, a queue message. `detail` holds facts for
    the reader, never a payload and never a secret. `raised_at` is UTC.
    """

    exception_id: ExceptionId
    tenant: TenantId
    code: ExceptionCode
    subject: str
    message: str
    raised_at: datetime
    detail: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    status: ExceptionStatus = ExceptionStatus.OPEN
    resolution: str = ""


def exception_id(code: ExceptionCode, subject: str) -> ExceptionId:
    """Name an exception by what it is about, so that raising it twice opens it once."""
    return ExceptionId(f"{code}:{subject}")
