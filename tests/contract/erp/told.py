"""What an ERP tells, where a test expects it to tell something."""

from typing import Any

from shared.domain.posting.readings import SettlementPage
from tests.contract.erp.conftest import PostingSite


def listed(readings: object) -> tuple[Any, ...]:
    assert isinstance(readings, tuple), readings
    return readings


def settled(site: PostingSite, cursor: str = "") -> SettlementPage:
    page = site.erp.settlements(cursor)
    assert isinstance(page, SettlementPage)
    return page


def statuses(site: PostingSite, cursor: str = "") -> dict[str, tuple[str, str]]:
    """Return status and open amount of each document by its key."""
    found = settled(site, cursor).settlements
    return {one.external_ref: (one.status.value, str(one.open_amount.amount)) for one in found}
