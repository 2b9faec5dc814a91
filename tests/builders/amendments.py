"""Requests to amend c-acme of the small catalogue, whose customer lives in New York."""

from datetime import UTC, datetime
from typing import Any

from shared.contracts.amendment import AmendmentAsked
from shared.domain.identifiers import TenantId
from shared.domain.master_data.catalog import Catalog
from shared.domain.subscriptions.amendment_request import AmendmentRequestId
from tests.builders.catalog import catalog

NIMBUS = TenantId("nimbus")
ORDER = AmendmentRequestId("0068d00000AbCdEfAAF")
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
BUSINESS = """\
- id: business
  name: Business
  charges:
    - {id: base-fee, product: platform, prices: [{currency: USD, flat: 499.00}]}
- id: eurozone
  name: Euro only
  charges:
    - {id: base-fee, product: platform, prices: [{currency: EUR, flat: 499.00}]}
"""
CANCELLATION = {"subscription": "s-acme", "effective": "2026-06-01", "change": "cancellation"}


def with_more_plans() -> Catalog:
    """Return the small catalogue with a plan `business`, and one that has no price in dollars."""
    return catalog(file="price_book.yaml", old="- id: growth\n", new=f"{BUSINESS}- id: growth\n")


def asked(
    request_id: str = ORDER, *, contract: str = "c-acme", customer: str = "acme", **amendment: Any
) -> AmendmentAsked:
    """Return a request, by default to upgrade to business from 1 May on; or whatever `amendment` says."""
    upgrade = {"subscription": "s-acme", "effective": "2026-05-01", "change": "upgrade", "plan": "business"}
    return AmendmentAsked.model_validate(
        {
            "tenant": NIMBUS,
            "request_id": request_id,
            "customer": customer,
            "contract": contract,
            "amendment": amendment or upgrade,
            "asked_by": "carl@nimbus.example",
        }
    )
