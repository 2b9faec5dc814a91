"""Whoever reads the published contracts gets those of the version in force, and asks for them once a version."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.master_data_versions import DynamoMasterDataVersions
from shared.adapters.dynamodb.usage_contracts import DynamoUsageContracts
from shared.domain.identifiers import CatalogVersion, TenantId
from shared.domain.usage.contract_definition import ContractDefinition
from shared.ports.master_data_versions import MasterDataVersions
from shared.ports.usage_contracts import UsageContracts
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.catalog import FIRST_VERSION, SECOND_VERSION, catalog
from tests.fakes.in_memory_master_data import InMemoryMasterData
from tests.fakes.usage_contract_folder import read_contract, write_contract

NIMBUS, OTHER = TenantId("nimbus"), TenantId("other")


@dataclass(frozen=True)
class BothSides:
    reader: UsageContracts
    writer: MasterDataVersions

    def publish(self, version: CatalogVersion, *contracts: ContractDefinition) -> None:
        self.writer.write(version, replace(catalog(), usage_contracts=contracts))
        self.writer.publish(version)


@pytest.fixture(params=["in memory", "dynamodb"])
def sides(request: pytest.FixtureRequest) -> Iterator[BothSides]:
    if request.param == "in memory":
        both = InMemoryMasterData()
        yield BothSides(both, both)
        return
    with mock_aws():
        table = create_table("master-data")
        yield BothSides(
            DynamoUsageContracts(aws.dynamodb(), table, NIMBUS), DynamoMasterDataVersions(aws.dynamodb(), table, NIMBUS)
        )


@pytest.fixture
def storage(tmp_path: Path) -> ContractDefinition:
    return read_contract(write_contract(tmp_path))


def test_there_are_none_while_nothing_is_published(sides: BothSides) -> None:
    assert tuple(sides.reader.published()) == ()


def test_contracts_are_read_as_they_were_published(sides: BothSides, storage: ContractDefinition) -> None:
    sides.publish(FIRST_VERSION, storage, replace(storage, name="a_store"))

    assert {definition.name: definition for definition in sides.reader.published()} == {
        "a_store": replace(storage, name="a_store"),
        "storage": storage,
    }


def test_the_next_version_is_seen(sides: BothSides, storage: ContractDefinition) -> None:
    sides.publish(FIRST_VERSION)
    assert tuple(sides.reader.published()) == ()

    sides.publish(SECOND_VERSION, storage)
    assert tuple(sides.reader.published()) == (storage,)


def test_a_version_that_is_only_written_is_not_read(sides: BothSides, storage: ContractDefinition) -> None:
    sides.publish(FIRST_VERSION)
    sides.writer.write(SECOND_VERSION, replace(catalog(), usage_contracts=(storage,)))

    assert tuple(sides.reader.published()) == ()


def test_another_tenant_reads_its_own(storage: ContractDefinition) -> None:
    with mock_aws():
        table = create_table("master-data")
        writer = DynamoMasterDataVersions(aws.dynamodb(), table, NIMBUS)
        BothSides(InMemoryMasterData(), writer).publish(FIRST_VERSION, storage)

        assert tuple(DynamoUsageContracts(aws.dynamodb(), table, OTHER).published()) == ()
