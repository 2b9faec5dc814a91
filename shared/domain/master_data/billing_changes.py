"""Whether a catalogue cuts contracts that are in force into other billing periods than they were billed by.

It may not: invoices are known by their billing periods, so usage would be billed twice, or never.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.domain.identifiers import CustomerId
from shared.domain.master_data.catalog import Contract, CustomerAccount


def forbidden_billing_changes(
    published: Mapping[CustomerId, CustomerAccount], coming: Iterable[CustomerAccount], at: datetime
) -> Iterator[str]:
    """Name every contract that a publication at an instant (UTC) may not bill by its new periods."""
    for account in coming:
        known = published.get(account.customer.customer_id)
        before = {one.contract_id: one for one in known.contracts} if known else {}
        for contract in account.contracts:
            old = before.get(contract.contract_id)
            if old is not None and old.active.start <= at and not _alike(old, contract, account.customer.time_zone):
                yield (
                    f"contract {contract.contract_id}: the billing periods of a contract in force never change: "
                    "end it, and agree a new one"
                )


def _alike(one: Contract, other: Contract, zone: ZoneInfo) -> bool:
    return one.billing_calendar(zone).has_boundaries_of(other.billing_calendar(zone))
