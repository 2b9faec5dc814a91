"""Read master data from DynamoDB (port MasterData): one version at a time, remembered within bounds."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from shared.adapters.dynamodb.batches import get_all
from shared.adapters.dynamodb.master_data_keys import (
    CUSTOMER_IDS,
    EXCHANGE_RATES,
    LEGAL_ENTITIES,
    METERS,
    PLANS,
    POINTER,
    PRODUCERS,
    PRODUCTS,
    TAX_RATES,
    VersionKeys,
    amendments_key,
    changes_of,
    pointer_key,
)
from shared.contracts.amendment import read_recorded
from shared.contracts.catalog import records
from shared.domain.currency_exchange.published_rates import PublishedRates
from shared.domain.identifiers import (
    CatalogVersion,
    CustomerId,
    LegalEntityId,
    MeterCode,
    PlanId,
    ProductId,
    TenantId,
)
from shared.domain.master_data.catalog import CustomerAccount, LegalEntity, Plan, Product, TaxRate
from shared.domain.master_data.recorded_amendments import RecordedAmendment, with_recorded
from shared.domain.master_data.subjects import Holder, SubjectAccounts
from shared.domain.metering.meter import Meter
from shared.domain.producers.producer import Producer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

MAX_REMEMBERED = 20_000

Record = TypeVar("Record")


class DynamoMasterData:
    """A version never changes once it is published, so whatever was read of one is read once, absences included.

    Accounts also have the amendments that were recorded when the version was asked for, and are read once until then.
    """

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant
        self._keys: VersionKeys | None = None
        self._changes = 0
        self._forget()

    def version(self) -> CatalogVersion | None:
        answer = self._client.get_item(TableName=self._table, Key=pointer_key(self._tenant), ConsistentRead=True)
        if "Item" not in answer:
            return None
        keys = VersionKeys(self._tenant, CatalogVersion(answer["Item"][POINTER]["S"]))
        if keys != self._keys:
            self._keys = keys
            self._forget()
        if changes_of(answer["Item"]) != self._changes:
            self._changes = changes_of(answer["Item"])
            self._accounts.clear()
        return keys.version

    def accounts_by_subject(self, subjects: Collection[str]) -> Mapping[str, SubjectAccounts]:
        self._learn_subjects({subject for subject in subjects if subject not in self._holders})
        known = {subject: holders for subject in subjects if (holders := self._holders.get(subject))}
        accounts = self._accounts_of({holder.billed_to for holders in known.values() for holder in holders})
        self._shorten(self._holders)
        return {subject: SubjectAccounts.of(holders, accounts) for subject, holders in known.items()}

    def account(self, customer_id: CustomerId) -> CustomerAccount | None:
        return self._accounts_of({customer_id}).get(customer_id)

    def accounts(self, customer_ids: Collection[CustomerId]) -> Mapping[CustomerId, CustomerAccount]:
        return self._accounts_of(set(customer_ids))

    def customer_ids(self) -> Iterator[CustomerId]:
        for item in self._query(CUSTOMER_IDS):
            for value in item["customer_ids"]["L"]:
                yield CustomerId(value["S"])

    def meters(self) -> Mapping[MeterCode, Meter]:
        return {meter.code: meter for meter in self._all(METERS, records.read_meter)}

    def products(self) -> Mapping[ProductId, Product]:
        return {product.product_id: product for product in self._all(PRODUCTS, records.read_product)}

    def features(self) -> Collection[str]:
        return {feature for plan in self._all(PLANS, records.read_plan) for feature in plan.features}

    def plans(self, plan_ids: Collection[PlanId]) -> Mapping[PlanId, Plan]:
        return {plan.plan_id: plan for plan in self._all(PLANS, records.read_plan) if plan.plan_id in plan_ids}

    def legal_entity(self, legal_entity_id: LegalEntityId) -> LegalEntity | None:
        return next((entity for entity in self.legal_entities() if entity.legal_entity_id == legal_entity_id), None)

    def legal_entities(self) -> tuple[LegalEntity, ...]:
        return self._all(LEGAL_ENTITIES, records.read_legal_entity)

    def tax_rates(self) -> tuple[TaxRate, ...]:
        return self._all(TAX_RATES, records.read_tax_rate)

    def producers(self) -> tuple[Producer, ...]:
        return self._all(PRODUCERS, records.read_producer)

    def exchange_rates(self) -> tuple[PublishedRates, ...]:
        return self._all(EXCHANGE_RATES, records.read_exchange_rates)

    def _learn_subjects(self, unknown: set[str]) -> None:
        if self._keys is None or not unknown:
            return
        keys = {subject: self._keys.subject(subject) for subject in unknown}
        subject_of = {key["pk"]["S"]: subject for subject, key in keys.items()}
        holders: dict[str, tuple[Holder, ...]] = dict.fromkeys(unknown, ())
        for item in get_all(self._client, self._table, keys.values()):
            holders[subject_of[item["pk"]["S"]]] = records.read_holders(item["body"]["S"])
        # Only now: an absence is known once all of them were looked up.
        self._holders.update(holders)

    def _accounts_of(self, customer_ids: set[CustomerId]) -> Mapping[CustomerId, CustomerAccount]:
        known = {one: account for one in customer_ids if (account := self._accounts.get(one)) is not None}
        unknown = customer_ids - known.keys()
        if self._keys is not None and unknown:
            keys = [self._keys.account(customer_id) for customer_id in sorted(unknown)]
            recorded = self._recorded_of(unknown)
            for item in get_all(self._client, self._table, keys):
                published = records.read_account(item["body"]["S"])
                customer_id = published.customer.customer_id
                account = with_recorded(published, recorded.get(customer_id, ()))
                known[customer_id] = self._accounts[customer_id] = account
        self._shorten(self._accounts)
        return known

    def _recorded_of(self, customer_ids: set[CustomerId]) -> Mapping[str, Sequence[RecordedAmendment]]:
        if not self._changes:
            return {}
        keys = [amendments_key(self._tenant, customer_id) for customer_id in sorted(customer_ids)]
        items = get_all(self._client, self._table, keys)
        recorded = {item["sk"]["S"]: read_recorded(item["body"]["S"]) for item in items}
        return {
            customer_id: [one for one in amendments if one.stands_after(self._changes)]
            for customer_id, amendments in recorded.items()
        }

    def _all(self, kind: str, read: Callable[[str], Record]) -> tuple[Record, ...]:
        """Return all records of a kind, which are few, and remember them."""
        if self._keys is None:
            return ()
        if kind not in self._kinds:
            self._kinds[kind] = tuple(read(item["body"]["S"]) for item in self._query(kind))
        remembered: tuple[Record, ...] = self._kinds[kind]
        return remembered

    def _query(self, kind: str) -> "Iterator[Mapping[str, AttributeValueTypeDef]]":
        if self._keys is None:
            return
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": self._keys.partition(kind)}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def _forget(self) -> None:
        self._holders: dict[str, tuple[Holder, ...]] = {}
        self._accounts: dict[CustomerId, CustomerAccount] = {}
        self._kinds: dict[str, tuple[Any, ...]] = {}

    @staticmethod
    def _shorten(remembered: dict[Any, Any]) -> None:
        """Drop what was remembered first, down to the bound."""
        for key in list(islice(remembered, max(0, len(remembered) - MAX_REMEMBERED))):
            del remembered[key]
