"""A legal entity can accrue, tax and approve: accounts for it, a complete tax engine, an approver where needed."""

from collections.abc import Iterator

from shared.domain.issue import Issue
from shared.domain.master_data.catalog import ApprovalPolicy, ErpMapping, LegalEntity
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.tax_setup import COUNTRIES_TAXED_BY_PLACE, TaxEngineName
from shared.domain.posting.accrual import UNBILLED_RECEIVABLES
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.systems.erp_system import ErpSystem
from shared.domain.posting.systems.registry import SYSTEMS


def unusable_entities(draft: CatalogDraft) -> Iterator[Issue]:
    for entry in draft.legal_entities:
        entity = entry.record
        if entity.on_closed_period is ClosedPeriodPolicy.ACCRUE:
            yield from _unaccruable(entry.path, entity)
        yield from _unusable_tax(entry.path, entity)
        if entity.approval is not None:
            yield from _unusable_approval(f"{entry.path}.approval", entity.approval)


def _unaccruable(path: str, entity: LegalEntity) -> Iterator[Issue]:
    """Name what the journals of an accrual would want for in the mapping."""
    erp, system = entity.erp, SYSTEMS.get(entity.erp.system)
    if system is None:
        return  # said of its mapping
    if DocumentKind.JOURNAL not in system.capabilities.kinds:
        message = f"{erp.system} takes no journals, so nothing can be accrued in it"
        yield fault(CatalogFaultCode.INVALID_VALUE, f"{path}.on_closed_period", message)
    if UNBILLED_RECEIVABLES not in erp.accounts:
        message = f"on_closed_period: accrue needs an account of its ERP for {UNBILLED_RECEIVABLES}"
        yield fault(CatalogFaultCode.MAPPING_MISSING, f"{path}.erp.accounts", message)
    without = sorted(erp.products.keys() - erp.revenue_accounts.keys()) if system.mapping.names_items else []
    if without:
        message = f"on_closed_period: accrue needs the revenue account of {', '.join(without)}"
        yield fault(CatalogFaultCode.MAPPING_MISSING, f"{path}.erp.revenue_accounts", message)
    if system.mapping.names_currencies and entity.functional_currency.code not in erp.currencies:
        message = f"no internal id for {entity.functional_currency}, which on_closed_period: accrue books in"
        yield fault(CatalogFaultCode.MAPPING_MISSING, f"{path}.erp.currencies", message)
    yield from _without_settings_of_journals(f"{path}.erp.settings", erp, system)


def _without_settings_of_journals(path: str, erp: ErpMapping, system: ErpSystem) -> Iterator[Issue]:
    for name in system.mapping.journal_settings:
        if name not in erp.settings:
            meaning = system.mapping.settings[name].meaning
            message = f"on_closed_period: accrue needs the setting {name}: {meaning}"
            yield fault(CatalogFaultCode.MAPPING_MISSING, path, message)
    places = system.mapping.dimension_places
    for field, default in places.of(erp.settings).items() if places else ():
        if places and default is None:
            why = f"on_closed_period: accrue books {UNBILLED_RECEIVABLES} without dimensions"
            message = f"{why}, and {places.setting} has nothing for lines without {field}"
            yield fault(CatalogFaultCode.MAPPING_MISSING, f"{path}.{places.setting}", message)


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
