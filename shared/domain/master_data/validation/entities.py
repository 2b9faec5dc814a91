"""A legal entity can post and approve: a known ERP, and an approver where there is something to approve."""

from collections.abc import Iterator

from shared.domain.issue import Issue
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault

ERP_SYSTEMS = ("business_central", "netsuite")
SETTINGS_NEEDED = {"netsuite": ("tax_type",)}


def unusable_entities(draft: CatalogDraft) -> Iterator[Issue]:
    for entry in draft.legal_entities:
        entity = entry.record
        if entity.erp.system not in ERP_SYSTEMS:
            message = f"{entity.erp.system!r} is none of {', '.join(ERP_SYSTEMS)}"
            yield fault(CatalogFaultCode.UNKNOWN_ERP_SYSTEM, f"{entry.path}.erp.system", message)
        for setting in SETTINGS_NEEDED.get(entity.erp.system, ()):
            if setting not in entity.erp.settings:
                message = f"{entity.erp.system} needs the setting {setting}"
                yield fault(CatalogFaultCode.MAPPING_MISSING, f"{entry.path}.erp.settings", message)
        if entity.approval is not None and entity.approval.thresholds and not entity.approval.approver:
            message = "invoices over a threshold wait for an approver, and none is named"
            yield fault(CatalogFaultCode.APPROVER_MISSING, f"{entry.path}.approval", message)
