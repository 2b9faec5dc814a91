"""Old versions of the contract, one step at a time up to the current one. Readers only ever see the current one."""

from shared.contracts.usage_event.v1 import UsageV1
from shared.contracts.usage_event.v2 import UsageV2


def v1_to_v2(old: UsageV1) -> UsageV2:
    """v2 moved `customer` to the subject, renamed `value` to `quantity` and made `region` one dimension of many."""
    return UsageV2(
        subject=old.customer,
        meter=old.meter,
        quantity=old.value,
        unique_key=None,
        dimensions=() if old.region is None else (("region", old.region),),
    )
