"""How far a contract is billed: which of its ended periods a bill run need not look at again.

It is worked out from invoices and may be lost at any time: all periods are looked at then. It stands only for the very
calendar it was made of, so that a contract that now starts earlier, or in another zone, is looked at whole.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from shared.domain.identifiers import ContractId, InvoiceId
from shared.domain.invoicing.bill_run import BillingAccount
from shared.domain.time_period import format_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingProgress:
    """The first `periods` ended periods of a contract are finished for good, all but those that are `unfinished`.

    `calendar` is the digest of these periods' names and bounds. `reopened_by` names the last document that had opened a
    finished period of the contract again before this was worked out: after another one, it does not stand any more.
    """

    contract_id: ContractId
    periods: int
    calendar: str
    unfinished: tuple[InvoiceId, ...] = ()
    reopened_by: str = ""


def no_progress(contract_id: ContractId, *, reopened_by: str) -> BillingProgress:
    """Return what is known of a contract after one of its finished periods was opened again: all are looked at."""
    return BillingProgress(contract_id=contract_id, periods=0, calendar=calendar_of(()), reopened_by=reopened_by)


def to_look_at(ended: Sequence[BillingAccount], progress: BillingProgress | None) -> list[BillingAccount]:
    """Return those of a contract's ended periods, all of them given oldest first, that may not be finished."""
    if progress is None or calendar_of(ended[: progress.periods]) != progress.calendar:
        return list(ended)
    left_behind = [one for one in ended[: progress.periods] if one.invoice_id in progress.unfinished]
    return [*left_behind, *ended[progress.periods :]]


def progress_after(
    ended: Sequence[BillingAccount], unfinished: Collection[InvoiceId], *, known: BillingProgress | None = None
) -> BillingProgress | None:
    """Return the progress up to the newest finished period, given the one `known` before; None without one."""
    finished = [number for number, one in enumerate(ended, start=1) if one.invoice_id not in unfinished]
    if not finished:
        return None
    behind = ended[: finished[-1]]
    return BillingProgress(
        contract_id=behind[0].contract_id,
        periods=len(behind),
        calendar=calendar_of(behind),
        unfinished=tuple(one.invoice_id for one in behind if one.invoice_id in unfinished),
        reopened_by=known.reopened_by if known else "",
    )


def calendar_of(periods: Sequence[BillingAccount]) -> str:
    digest = blake2b(digest_size=16)
    for one in periods:
        period = one.billing_period
        digest.update(f"{period.name}\0{format_instant(period.start)}\0{format_instant(period.end)}\0".encode())
    return digest.hexdigest()
