"""Every reader of master data sees one published version, whole."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.master_data_versions import DynamoMasterDataVersions
from shared.domain.identifiers import CustomerId, LegalEntityId, PlanId, TenantId
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.customer import ALWAYS, Dated
from shared.domain.master_data.subjects import SubjectAccounts, accounts_of
from shared.domain.producers.producer import Completeness, Producer
from shared.ports.master_data import MasterData
from shared.ports.master_data_versions import MasterDataVersions
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.catalog import FIRST_VERSION, OCCURRED_AT, SECOND_VERSION, catalog, catalog_with_wayne
from tests.fakes.in_memory_master_data import InMemoryMasterData

NIMBUS, OTHER = TenantId("nimbus"), TenantId("other")


@dataclass(frozen=True)
class BothSides:
    reader: MasterData
    writer: MasterDataVersions

    def publish(self) -> None:
        self.writer.write(FIRST_VERSION, catalog())
        self.writer.publish(FIRST_VERSION)


@pytest.fixture(params=["in memory", "dynamodb"])
def master_data(request: pytest.FixtureRequest) -> Iterator[BothSides]:
    if request.param == "in memory":
        both = InMemoryMasterData()
        yield BothSides(both, both)
        return
    with mock_aws():
        table = create_table("master-data")
        yield BothSides(
            DynamoMasterData(aws.dynamodb(), table, NIMBUS), DynamoMasterDataVersions(aws.dynamodb(), table, NIMBUS)
        )


def customer_of(known: SubjectAccounts) -> str | None:
    who = known.at(OCCURRED_AT)
    return None if who is None else who.account.customer.customer_id


def test_before_anything_is_published_nothing_is_known(master_data: BothSides) -> None:
    assert master_data.reader.version() is None
    assert master_data.reader.accounts_by_subject({"acme"}) == {}
    assert master_data.reader.account(CustomerId("acme")) is None
    assert list(master_data.reader.customer_ids()) == []
    assert master_data.reader.meters() == {}
    assert master_data.reader.tax_rates() == ()
    assert master_data.reader.producers() == ()


def test_what_was_written_is_not_seen_before_it_is_published(master_data: BothSides) -> None:
    master_data.writer.write(FIRST_VERSION, catalog())

    assert master_data.reader.version() is None
    assert master_data.writer.current() is None


def test_a_published_catalogue_is_read_as_it_was_written(master_data: BothSides) -> None:
    master_data.publish()
    reader, whole = master_data.reader, catalog()

    assert reader.version() == master_data.writer.current() == FIRST_VERSION
    assert [reader.account(one) for one in sorted(reader.customer_ids())] == list(accounts_of(whole))
    assert tuple(reader.meters().values()) == whole.meters
    assert set(reader.products().values()) == set(whole.products)
    assert tuple(reader.plans({PlanId("growth"), PlanId("none")}).values()) == whole.plans
    assert reader.legal_entity(LegalEntityId("nimbus-us")) == whole.legal_entities[0]
    assert reader.legal_entity(LegalEntityId("nimbus-uk")) is None
    assert reader.tax_rates() == whole.tax_rates


def test_the_sources_to_watch_over_come_in_the_order_they_are_listed(master_data: BothSides) -> None:
    producers = tuple(
        Producer(source=source, quiet_after=timedelta(minutes=30), completeness=Completeness.HEARTBEAT, owner="ops")
        for source in ("urn:nimbus:gateway", "urn:nimbus:billing-job")
    )
    master_data.writer.write(FIRST_VERSION, replace(catalog(), producers=producers))
    master_data.writer.publish(FIRST_VERSION)
    master_data.reader.version()

    assert master_data.reader.producers() == producers


def test_accounts_are_found_by_any_of_their_subjects(master_data: BothSides) -> None:
    master_data.publish()
    master_data.reader.version()

    accounts = master_data.reader.accounts_by_subject({"acme", "acme-production", "vandelay"})

    assert {subject: customer_of(known) for subject, known in accounts.items()} == {
        "acme": "acme",
        "acme-production": "acme",
    }


def test_a_reader_keeps_its_version_until_it_asks_again(master_data: BothSides) -> None:
    master_data.publish()
    master_data.reader.version()
    master_data.writer.write(SECOND_VERSION, catalog_with_wayne())
    master_data.writer.publish(SECOND_VERSION)

    assert master_data.reader.accounts_by_subject({"wayne"}) == {}
    assert master_data.reader.version() == SECOND_VERSION
    assert "wayne" in master_data.reader.accounts_by_subject({"wayne"})


class AwayOnce:
    """A client of DynamoDB whose first BatchGetItem fails, as one does that is throttled or runs out of time."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._away = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def batch_get_item(self, **request: Any) -> Any:
        if self._away:
            self._away = False
            raise ConnectionError("the answer did not come")
        return self._client.batch_get_item(**request)


@mock_aws
def test_a_subject_whose_look_up_failed_is_looked_up_again_and_not_taken_for_unknown() -> None:
    table = create_table("master-data")
    BothSides(InMemoryMasterData(), DynamoMasterDataVersions(aws.dynamodb(), table, NIMBUS)).publish()
    client: Any = AwayOnce(aws.dynamodb())
    reader = DynamoMasterData(client, table, NIMBUS)
    reader.version()

    with pytest.raises(ConnectionError):
        reader.accounts_by_subject({"acme"})

    assert reader.accounts_by_subject({"acme"}).keys() == {"acme"}


def test_versions_never_go_back(master_data: BothSides) -> None:
    master_data.writer.write(SECOND_VERSION, catalog())
    assert master_data.writer.publish(SECOND_VERSION)

    assert not master_data.writer.publish(FIRST_VERSION)
    assert master_data.writer.publish(SECOND_VERSION)
    assert master_data.reader.version() == SECOND_VERSION


@mock_aws
def test_tenants_do_not_see_each_other() -> None:
    table = create_table("master-data")
    writer = DynamoMasterDataVersions(aws.dynamodb(), table, NIMBUS)
    writer.write(FIRST_VERSION, catalog())
    writer.publish(FIRST_VERSION)

    assert DynamoMasterData(aws.dynamodb(), table, OTHER).version() is None


def many_customers(count: int) -> Catalog:
    whole = catalog()
    acme = whole.customers[0]
    customers = (
        type(acme)(
            customer_id=CustomerId(f"customer-{number:04d}"),
            name="Somebody",
            country="US",
            time_zone=acme.time_zone,
            known_as=(Dated(f"customer-{number:04d}", ALWAYS),),
        )
        for number in range(count)
    )
    return type(whole)(
        tenant=whole.tenant,
        name=whole.name,
        legal_entities=whole.legal_entities,
        customers=tuple(customers),
        contracts=(),
        products=whole.products,
        meters=whole.meters,
        plans=whole.plans,
        tax_rates=whole.tax_rates,
    )


def test_more_customers_than_one_call_takes_are_all_there(master_data: BothSides) -> None:
    master_data.writer.write(FIRST_VERSION, many_customers(1_050))
    master_data.writer.publish(FIRST_VERSION)
    master_data.reader.version()

    customer_ids = list(master_data.reader.customer_ids())

    assert len(customer_ids) == 1_050
    assert len(master_data.reader.accounts_by_subject(customer_ids[:250])) == 250
