"""Old versions of the contract, one step at a time up to the current one. Readers only ever see the current one."""

from collections.abc import Mapping, Sequence

from shared.contracts.usage_event.v1 import UsageV1
from shared.contracts.usage_event.v2 import UsageV2
from shared.domain.usage.contract_definition import Constant, Default, Drop, Rename, Scalar, UpcastStep


def v1_to_v2(old: UsageV1) -> UsageV2:
    """v2 moved `customer` to the subject, renamed `value` to `quantity` and made `region` one dimension of many."""
    return UsageV2(
        subject=old.customer,
        meter=old.meter,
        quantity=old.value,
        unique_key=None,
        dimensions=() if old.region is None else (("region", old.region),),
    )


def upcast(members: Mapping[str, Scalar], steps: Sequence[UpcastStep]) -> dict[str, Scalar]:
    """Make the data of a version out of that of the one before; only a default or constant adds what is missing."""
    result = dict(members)
    for step in steps:
        match step:
            case Rename(member, to):
                if member in result:
                    result[to] = result.pop(member)
            case Default(member, value):
                result.setdefault(member, value)
            case Constant(member, value):
                result[member] = value
            case Drop(member):
                result.pop(member, None)
    return result
