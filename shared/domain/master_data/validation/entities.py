"""A legal entity can post, tax and approve: a known ERP, a complete tax engine, an approver where one is needed."""

from collections.abc import Iterator

from shared.domain.issue import Issue
from shared.domain.master_data.catalog import ApprovalPolicy, LegalEntity
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.tax_setup import COUNTRIES_TAXED_BY_PLACE, TaxEngineName

ERP_SYSTEMS = ("business_central", "netsuite")
SETTINGS_NEEDED = {"netsuite": ("tax_type",)}
SETTINGS_OF_ONE_SYSTEM = {"sales_order_item": "netsuite"}


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
        for setting, system in SETTINGS_OF_ONE_SYSTEM.items():
            if setting in entity.erp.settings and entity.erp.system != system:
                message = f"{entity.erp.system} keeps no sales orders of ours: {setting} is a setting of {system}"
                yield fault(CatalogFaultCode.INVALID_VALUE, f"{entry.path}.erp.settings.{setting}", message)
        yield from _unusable_tax(entry.path, entity)
        if entity.approval is not None:
            yield from _unusable_approval(f"{entry.path}.approval", entity.approval)


def _unusable_approval(path: str, policy: ApprovalPolicy) -> Iterator[Issue]:
    if not policy.approver and (policy.thresholds or policy.looks_back or policy.manual_adjustment):
        message = "invoices wait for an approver by this policy, and none is named"
        yield fault(CatalogFaultCode.APPROVER_MISSING, path, message)
    if policy.approver and policy.approver == policy.second_approver:
        message = f"{policy.approver} is asked already; the second approver is somebody else"
        yield fault(CatalogFaultCode.INVALID_VALUE, f"{path}.second_approver", message)
    if policy.deviation is not None and policy.deviation.at_least > policy.deviation.of_last:
        message = f"of {policy.deviation.of_last} billing periods there are never {policy.deviation.at_least} invoices"
        yield fault(CatalogFaultCode.INVALID_VALUE, f"{path}.deviation.at_least", message)


def _unusable_tax(path: str, entity: LegalEntity) -> Iterator[Issue]:
    tax = entity.tax
    if not tax.is_outside:
        return
    if not tax.connection:
        message = f"{tax.engine} needs the name of the secret with its address and credentials"
        yield fault(CatalogFaultCode.VALUE_MISSING, f"{path}.tax.connection", message)
    if tax.engine is not TaxEngineName.AVATAX:
        return
    if not tax.company:
        yield fault(CatalogFaultCode.VALUE_MISSING, f"{path}.tax.company", "AvaTax needs its company code")
    if entity.country in COUNTRIES_TAXED_BY_PLACE and entity.details.address is None:
        message = f"AvaTax needs the address in {entity.country} that is sold from"
        yield fault(CatalogFaultCode.VALUE_MISSING, f"{path}.details.address", message)
