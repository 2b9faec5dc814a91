"""Whether a catalogue contradicts itself. One file for each kind of contradiction; every fault is named at once."""

from shared.domain.issue import Issue
from shared.domain.master_data.draft import CatalogDraft
from shared.domain.master_data.validation.adjustments import unusable_adjustments
from shared.domain.master_data.validation.agreed_prices import unusable_agreed_prices
from shared.domain.master_data.validation.billing import unusable_billing
from shared.domain.master_data.validation.charge_models import unusable_models
from shared.domain.master_data.validation.consolidation import contracts_that_share_no_invoice
from shared.domain.master_data.validation.coverage import what_contracts_need
from shared.domain.master_data.validation.entities import unusable_entities
from shared.domain.master_data.validation.entitlements import contradicting_entitlements
from shared.domain.master_data.validation.erp_mappings import unusable_mappings
from shared.domain.master_data.validation.fees import unusable_fees
from shared.domain.master_data.validation.histories import contradicting_histories
from shared.domain.master_data.validation.identity import ids_and_subjects
from shared.domain.master_data.validation.index import CatalogIndex
from shared.domain.master_data.validation.overlaps import usage_billed_twice
from shared.domain.master_data.validation.periods import contradicting_periods
from shared.domain.master_data.validation.price_dimensions import unusable_price_dimensions
from shared.domain.master_data.validation.prices import unusable_prices
from shared.domain.master_data.validation.references import unknown_references
from shared.domain.master_data.validation.telemetry import metered_telemetry


def contradictions(draft: CatalogDraft) -> tuple[Issue, ...]:
    """Return every fault that shows only when records are seen together, in the order of the checks."""
    index = CatalogIndex(draft)
    return (
        *ids_and_subjects(draft),
        *unknown_references(draft, index),
        *contradicting_periods(draft),
        *unusable_billing(index),
        *contracts_that_share_no_invoice(draft, index),
        *contradicting_entitlements(draft, index),
        *contradicting_histories(draft, index),
        *unusable_prices(draft),
        *unusable_price_dimensions(draft, index),
        *unusable_models(draft, index),
        *unusable_agreed_prices(draft, index),
        *unusable_adjustments(draft, index),
        *unusable_fees(draft),
        *unusable_mappings(draft),
        *unusable_entities(draft),
        *usage_billed_twice(draft, index),
        *what_contracts_need(draft, index),
        *metered_telemetry(draft),
    )
