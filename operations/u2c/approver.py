"""The approver that the catalogue names, as a local run plays that person. Without one, an invoice waits."""

from datetime import datetime
from decimal import Decimal

from operations.local.cloud import LocalCloud
from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.domain.exception_record import ExceptionCode, ExceptionRecord
from shared.domain.master_data.catalog import Catalog
from shared.domain.time_period import format_instant
from shared.runtime import aws


class CatalogApprover:
    """Decides each invoice that waits for approval, as the person its legal entity names, once."""

    def __init__(self, cloud: LocalCloud, catalog: Catalog) -> None:
        self._cloud = cloud
        self._tenant = catalog.tenant
        self._approvers = {e.legal_entity_id: e.approval.approver for e in catalog.legal_entities if e.approval}
        self._exceptions = DynamoExceptionStore(aws.dynamodb(), cloud.resource("ExceptionsTable"), catalog.tenant)
        self._asked: set[str] = set()

    def decide(self, now: datetime) -> bool:
        """Send the decisions that are due; return whether there were any."""
        waiting = [
            record
            for record in self._exceptions.open_records(ExceptionCode.APPROVAL_PENDING)
            if record.subject not in self._asked and record.detail.get("approver") in self._approvers.values()
        ]
        for record in waiting:
            self._asked.add(record.subject)
            self._cloud.send("ApprovalDecisions", self._decision(record, now))
        return bool(waiting)

    def _decision(self, record: ExceptionRecord, now: datetime) -> dict[str, object]:
        return {
            "tenant": self._tenant,
            "invoice_id": record.detail["invoice_id"],
            "revision": int(Decimal(record.detail["revision"])),
            "approved": True,
            "decided_by": record.detail["approver"],
            "decided_at": format_instant(now),
            "reason": "approved in a local run by the approver that the catalogue names",
        }
