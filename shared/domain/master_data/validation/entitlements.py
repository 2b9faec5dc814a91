"""A plan says one thing about each meter and feature, and no feature is called as a meter is."""

from collections.abc import Iterator

from shared.domain.entitlement.entitlement import FeatureEntitlement, MeterEntitlement
from shared.domain.issue import Issue
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.validation.index import CatalogIndex


def contradicting_entitlements(draft: CatalogDraft, index: CatalogIndex) -> Iterator[Issue]:
    for plan in draft.plans:
        first_at: dict[str, int] = {}
        for i, entitlement in enumerate(plan.record.entitlements):
            path = f"{plan.path}.entitlements[{i}]"
            if first_at.setdefault(entitlement.name, i) != i:
                message = f"{entitlement.name!r} is already at entitlements[{first_at[entitlement.name]}]"
                yield fault(CatalogFaultCode.DUPLICATE_ID, path, message)
            known = entitlement.name in index.meters
            if isinstance(entitlement, FeatureEntitlement) and known:
                message = f"the feature {entitlement.name!r} has the name of a meter"
                yield fault(CatalogFaultCode.DUPLICATE_ID, path, message)
            unusable = draft.unusable.get("meters", frozenset())
            if isinstance(entitlement, MeterEntitlement) and not known and entitlement.name not in unusable:
                yield fault(
                    CatalogFaultCode.UNKNOWN_REFERENCE, f"{path}.meter", f"{entitlement.name!r} is not in meters"
                )
