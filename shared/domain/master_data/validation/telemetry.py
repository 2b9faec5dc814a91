"""Telemetry never reaches finance: no meter may measure the events of a telemetry contract."""

from collections.abc import Iterator

from shared.domain.issue import Issue
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.usage.contract_definition import Billing


def metered_telemetry(draft: CatalogDraft) -> Iterator[Issue]:
    contracts = {
        str(entry.record.event): entry.record.name
        for entry in draft.usage_contracts
        if entry.record.billing is Billing.TELEMETRY
    }
    for entry in draft.meters:
        name = contracts.get(entry.record.event)
        if name is not None:
            message = f"{entry.record.event} is telemetry by the usage contract {name}, which no meter may measure"
            yield fault(CatalogFaultCode.TELEMETRY_METERED, f"{entry.path}.event", message)
