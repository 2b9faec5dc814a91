"""What a backfill would change if it were closed now, and what of it would not count."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from shared.contracts.usage_rows import billable_row
from shared.domain.archive.delivery import JudgedDelivery
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import ContractId, CustomerId, InvoiceId, MeterCode
from shared.domain.invoicing.billing_calendar import billing_period_at
from shared.domain.invoicing.invoice import Invoice, invoice_id
from shared.domain.invoicing.issuing import BILLED_STATES
from shared.domain.master_data.catalog import CustomerAccount
from shared.domain.metering.aggregate import AggregateState, merge, quantity_of
from shared.domain.metering.layout import Bucket
from shared.domain.metering.tally import UsageRow, tally
from shared.domain.replay.sorting import admitted, voids_among
from shared.domain.time_period import BillingPeriod
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.billable import BillableUsage
from shared.domain.usage.enrichment import Unresolved, enrich
from shared.domain.usage.fingerprint import IDENTITY_BYTES
from shared.domain.usage.measurement import meters_by_event
from shared.domain.usage.rejection import Rejected
from shared.domain.usage.standing import Standing
from shared.ports.master_data import MasterData
from shared.ports.usage_standing import UsageStanding

_IDENTITY_DIGITS = 2 * IDENTITY_BYTES


@dataclass(frozen=True, slots=True, order=True)
class EffectKey:
    customer_id: CustomerId
    contract_id: ContractId
    meter: MeterCode
    period_name: str
    period: BillingPeriod = field(compare=False)


@dataclass(slots=True)
class Effect:
    """Events that would count, by where; and how many would not, by why.

    `quantity` of a line is that of the new usage alone. `waiting` would be parked, `refused` is by code, `corrections`
    would take back something.
    """

    lines: dict[EffectKey, tuple[int, AggregateState]] = field(default_factory=dict)
    counted_already: int = 0
    repeated: int = 0
    corrections: int = 0
    refused: Counter[ExceptionCode] = field(default_factory=Counter)
    waiting: Counter[ExceptionCode] = field(default_factory=Counter)

    def quantity(self, key: EffectKey) -> Decimal:
        return quantity_of(self.lines[key][1])


@dataclass(slots=True, kw_only=True)
class EffectOfBackfill:
    """Adds up the parts. Remembers the id of each event that it has seen: some hundred bytes each."""

    standing: UsageStanding
    master_data: MasterData
    home: Callable[[str, datetime], Bucket]
    now: datetime
    effect: Effect = field(default_factory=Effect)
    _seen: dict[str, str] = field(default_factory=dict)

    def add(self, judged: Sequence[JudgedDelivery]) -> None:
        """Add a part. What the same backfill says twice counts once."""
        effect = self.effect
        effect.refused.update(one.verdict.code for one in judged if isinstance(one.verdict, Rejected))
        effect.corrections += len(voids_among(judged, self.home))
        usage = self._first_ones(admitted(judged, lambda subject, used_at: self.home(subject, used_at).group))
        fresh: list[AcceptedUsage] = []
        for one, standing in zip(usage, self.standing.of(usage, self.now), strict=True):
            match standing:
                case Standing.NEW:
                    fresh.append(one)
                case Standing.KNOWN:
                    effect.counted_already += 1
                case Standing.CONFLICTING:
                    effect.refused[ExceptionCode.USAGE_CONFLICT] += 1
                case Standing.FORGOTTEN:
                    effect.refused[ExceptionCode.EVENT_TOO_OLD] += 1
        self._count(fresh)

    def _first_ones(self, usage: Iterable[AcceptedUsage]) -> Sequence[AcceptedUsage]:
        first: list[AcceptedUsage] = []
        for one in usage:
            identity = one.fingerprint[:_IDENTITY_DIGITS]
            known = self._seen.get(identity)
            if known is None:
                self._seen[identity] = one.fingerprint
                first.append(one)
            elif known == one.fingerprint:
                self.effect.repeated += 1
            else:
                self.effect.refused[ExceptionCode.USAGE_CONFLICT] += 1
        return first

    def _count(self, usage: Sequence[AcceptedUsage]) -> None:
        self.master_data.version()
        meters = meters_by_event(self.master_data.meters().values())
        subjects = self.master_data.accounts_by_subject({one.event.subject for one in usage})
        plans = self.master_data.plans(
            {
                subscription.plan_id
                for subject in subjects.values()
                for account in subject.payers.values()
                for contract in account.contracts
                for subscription in contract.subscriptions
            }
        )
        for one in usage:
            subject = subjects.get(one.event.subject)
            who = subject.at(one.event.occurred_at) if subject else None
            for outcome in enrich(one, who=who, meters=meters, plans=plans):
                match outcome:
                    case Unresolved():
                        self.effect.waiting[outcome.code] += 1
                    case BillableUsage():
                        assert who is not None
                        self._add_line(outcome, _period_of(outcome, one.event.occurred_at, who.account))

    def _add_line(self, usage: BillableUsage, period: BillingPeriod) -> None:
        meter = usage.measurement.meter.code
        key = EffectKey(usage.customer_id, usage.contract_id, meter, period.name, period)
        (window,) = tally([_row(usage)])
        events, state = self.effect.lines.get(key, (0, None))
        self.effect.lines[key] = (events + 1, window.state if state is None else merge(state, window.state))


def _period_of(usage: BillableUsage, occurred_at: datetime, account: CustomerAccount) -> BillingPeriod:
    contract = next(one for one in account.contracts if one.contract_id == usage.contract_id)
    return billing_period_at(contract, occurred_at, account.customer.time_zone)


def _row(usage: BillableUsage) -> UsageRow:
    row = billable_row(usage)
    return {
        "delivery": row["delivery"],
        "source": row["source"],
        "id": row["id"],
        "subject": row["subject"],
        "occurred_at": row["occurred_at"],
        "meter": row["meter"],
        "quantity": row["quantity"],
        "unique_key": row["unique_key"],
        "dimensions": usage.measurement.dimensions,
        "fingerprint": row["fingerprint"],
        "customer": row["customer"],
        "aggregation": row["aggregation"],
    }


def billed_already(
    keys: Iterable[EffectKey], invoices: Callable[[Iterable[InvoiceId]], Mapping[InvoiceId, Invoice]]
) -> Mapping[EffectKey, Invoice]:
    """Return the invoices that are billed for good: what comes into their periods is an adjustment on the next one."""
    names = {key: invoice_id(key.contract_id, key.period) for key in keys}
    found = invoices(set(names.values()))
    return {key: found[name] for key, name in names.items() if name in found and found[name].state in BILLED_STATES}
