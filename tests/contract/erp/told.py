"""What an ERP tells, where a test expects it to tell something."""

from typing import Any

from shared.domain.posting.readings import SettlementPage
from tests.contract.erp.conftest import PostingSite

MOST_PAGES = 20


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


def polled(site: PostingSite, cursor: str) -> tuple[list[str], str]:
    """Read to the end, as a run does; return the keys that were told, and where the next run begins."""
    told: list[str] = []
    for _ in range(MOST_PAGES):
        page = settled(site, cursor)
        told += [one.external_ref for one in page.settlements]
        cursor = page.next_cursor
        if page.complete:
            return told, cursor
    raise AssertionError("the pages have no end")
