"""Whom a subject stands for at an instant: who used, who pays, and where. Worked out once, when a catalogue is written.

Nothing of this enters an event's identity or its place in the ledger. What was counted for one payer stays there: to
move it is a void and a new booking.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.identifiers import CustomerId
from shared.domain.master_data.catalog import Catalog, CustomerAccount, MemberContract
from shared.domain.master_data.customer import SINCE_ALWAYS, Customer, value_at
from shared.domain.time_period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who a subject stands for as long as it is `valid`. `region` is that of who uses, "" without one."""

    valid: Period
    used_by: CustomerId
    billed_to: CustomerId
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageAccount:
    """The account that is billed for usage, with who used it and where."""

    account: CustomerAccount
    used_by: CustomerId
    region: str


@dataclass(frozen=True, slots=True)
class SubjectAccounts:
    """Everybody that one subject stands for, in turn."""

    holders: tuple[Holder, ...]
    payers: Mapping[CustomerId, CustomerAccount]

    @classmethod
    def of(cls, holders: tuple[Holder, ...], accounts: Mapping[CustomerId, CustomerAccount]) -> "SubjectAccounts":
        return cls(holders, {holder.billed_to: accounts[holder.billed_to] for holder in holders})

    def at(self, instant: datetime) -> UsageAccount | None:
        """Return who is billed for what happens at an instant; None when the subject is nobody's name then."""
        for holder in self.holders:
            if instant in holder.valid:
                account = self.payers[holder.billed_to]
                return UsageAccount(account=account, used_by=holder.used_by, region=holder.region)
        return None


def holders_by_subject(customers: Iterable[Customer]) -> Mapping[str, tuple[Holder, ...]]:
    """Return the holders of every subject by time. The customers are those of a sound catalogue."""
    by_id = {customer.customer_id: customer for customer in customers}
    holders: defaultdict[str, list[Holder]] = defaultdict(list)
    for customer in by_id.values():
        history = list(_history(customer, by_id))
        for name in customer.known_as:
            for holder in history:
                if (valid := holder.valid.intersection(name.valid)) is not None:
                    holders[name.value].append(replace(holder, valid=valid))
    return {subject: tuple(sorted(found, key=lambda one: one.valid.start)) for subject, found in holders.items()}


def accounts_of(catalog: Catalog) -> Iterator[CustomerAccount]:
    """Yield each customer with its contracts, their members, and the subjects of others that it ever pays for."""
    contracts, pays_for = defaultdict(list), defaultdict(list)
    for contract in catalog.contracts:
        contracts[contract.customer_id].append(contract)
    members = _members(catalog)
    for subject, holders in holders_by_subject(catalog.customers).items():
        for payer in {holder.billed_to for holder in holders if holder.billed_to != holder.used_by}:
            pays_for[payer].append(subject)
    for customer in catalog.customers:
        customer_id = customer.customer_id
        yield CustomerAccount(
            customer=customer,
            contracts=tuple(contracts[customer_id]),
            pays_for=tuple(sorted(pays_for[customer_id])),
            members=tuple(members[customer_id]),
        )


def _members(catalog: Catalog) -> Mapping[CustomerId, list[MemberContract]]:
    """Return the member contracts by the customer of their lead."""
    customers = {contract.contract_id: contract.customer_id for contract in catalog.contracts}
    members: defaultdict[CustomerId, list[MemberContract]] = defaultdict(list)
    for one in catalog.contracts:
        if (lead := one.invoiced_with) is not None:
            member = MemberContract(lead=lead, customer_id=one.customer_id, contract_id=one.contract_id)
            members[customers[lead]].append(member)
    return members


def subject_accounts(catalog: Catalog) -> Mapping[str, SubjectAccounts]:
    """Return whom each subject of a whole catalogue stands for."""
    accounts = {account.customer.customer_id: account for account in accounts_of(catalog)}
    return {
        subject: SubjectAccounts.of(holders, accounts)
        for subject, holders in holders_by_subject(catalog.customers).items()
    }


def _history(customer: Customer, by_id: Mapping[CustomerId, Customer]) -> Iterator[Holder]:
    """Yield who pays for a customer, and where it is, from one change to the next."""
    edges = sorted(set(_edges(customer, by_id)))
    for start, end in zip(edges, [*edges[1:], None], strict=True):
        yield Holder(
            valid=Period(start, end),
            used_by=customer.customer_id,
            billed_to=_payer_at(start, customer, by_id).customer_id,
            region=value_at(customer.regions, start) or "",
        )


def _edges(customer: Customer, by_id: Mapping[CustomerId, Customer]) -> Iterator[datetime]:
    yield SINCE_ALWAYS
    above, seen = [customer], set()
    periods = [region.valid for region in customer.regions]
    while above:
        current = above.pop()
        if current.customer_id not in seen:
            seen.add(current.customer_id)
            periods += [parent.valid for parent in current.parents]
            above += [by_id[parent.value.customer_id] for parent in current.parents]
    for period in periods:
        yield period.start
        if period.end is not None:
            yield period.end


def _payer_at(instant: datetime, customer: Customer, by_id: Mapping[CustomerId, Customer]) -> Customer:
    while (parent := value_at(customer.parents, instant)) is not None and parent.pays:
        customer = by_id[parent.customer_id]
    return customer
