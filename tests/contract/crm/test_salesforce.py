"""Salesforce as it is told: secrets on moto, HTTP to a simulator on loopback, and everything that goes wrong there."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from moto import mock_aws

from shared.adapters.crm.salesforce import salesforce
from shared.domain.identifiers import ContractId, CustomerId, SubscriptionId
from shared.domain.subscriptions.amendment_request import AmendmentRequestId
from shared.domain.subscriptions.crm_notice import CrmNotice, CrmRefused, CrmTold, CrmUnavailable
from shared.ports.crm import Crm
from shared.runtime import aws
from simulators.crm import SalesforceSimulator
from simulators.http.faults import Fault
from simulators.http.server import serve
from tests.contract.foreign_certificates import of_loopback, tls_server
from tests.fakes.steady_clock import SteadyClock

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
NOTICE = CrmNotice(
    request_id=AmendmentRequestId("order-1"),
    customer_id=CustomerId("acme"),
    contract_id=ContractId("c-acme"),
    subscription_id=SubscriptionId("s-acme"),
    effective_at=datetime(2026, 5, 1, 4, tzinfo=UTC),
    in_force=True,
)
PASSING = [
    Fault.THROTTLE,
    Fault.SERVER_ERROR,
    Fault.UNAVAILABLE,
    Fault.GATEWAY_TIMEOUT,
    Fault.GATEWAY_PAGE,
    Fault.LOSE_REPLY,
    Fault.LATE_COMMIT,
]


@dataclass(frozen=True)
class World:
    crm: Crm
    simulator: SalesforceSimulator


@pytest.fixture
def world() -> Iterator[World]:
    simulator = SalesforceSimulator(client_id="u2c", client_secret="hush", now=lambda: NOON)
    with mock_aws(), serve(simulator.app) as address:
        secret = {"base_url": address, "client_id": "u2c", "client_secret": "hush"}
        aws.secretsmanager().create_secret(Name="nimbus/crm", SecretString=json.dumps(secret))
        yield World(salesforce("nimbus/crm", secrets=aws.secretsmanager(), clock=SteadyClock(NOON)), simulator)


def test_a_notice_is_one_record_under_the_id_of_the_request(world: World) -> None:
    assert world.crm.tell(NOTICE) == CrmTold()
    assert world.simulator.records() == {
        "order-1": {
            "Customer__c": "acme",
            "Contract__c": "c-acme",
            "Subscription__c": "s-acme",
            "Effective_At__c": "2026-05-01T04:00:00Z",
            "Status__c": "In force",
        }
    }


def test_a_later_notice_takes_the_place_of_the_earlier_one(world: World) -> None:
    world.crm.tell(NOTICE)

    assert world.crm.tell(replace(NOTICE, in_force=False)) == CrmTold()
    assert [record["Status__c"] for record in world.simulator.records().values()] == ["Withdrawn"]


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_told_again_and_comes_to_one_record(world: World, fault: Fault) -> None:
    world.simulator.faults.script(fault)

    assert isinstance(world.crm.tell(NOTICE), CrmUnavailable)
    assert world.crm.tell(NOTICE) == CrmTold()
    assert list(world.simulator.records()) == ["order-1"]


def test_an_expired_token_is_renewed_without_a_word(world: World) -> None:
    world.crm.tell(NOTICE)
    world.simulator.faults.script(Fault.AUTH_EXPIRED)

    assert world.crm.tell(NOTICE) == CrmTold()


def test_an_id_that_several_records_have_is_for_a_person(world: World) -> None:
    world.simulator.doubled.add("order-1")

    assert world.crm.tell(NOTICE) == CrmRefused("several records have the id of the request")


def test_a_missing_object_is_for_a_person(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.adapters.crm.salesforce._RECORD", "/services/data/v62.0/sobjects/Order/Request_Id__c")

    assert world.crm.tell(NOTICE) == CrmRefused("NOT_FOUND: The requested resource does not exist")


def test_a_crm_whose_certificate_is_not_to_be_trusted_is_told_nothing(world: World) -> None:
    with tls_server(of_loopback(signed=False)) as stranger:
        secret = {"base_url": stranger.address, "client_id": "u2c", "client_secret": "hush"}
        aws.secretsmanager().put_secret_value(SecretId="nimbus/crm", SecretString=json.dumps(secret))

        told = world.crm.tell(NOTICE)

    assert told == CrmUnavailable("the certificate of 127.0.0.1 is not trusted: self-signed certificate")
    assert stranger.requests == []


def test_without_its_secret_no_crm_is_told() -> None:
    with mock_aws():
        crm = salesforce("nimbus/crm", secrets=aws.secretsmanager(), clock=SteadyClock(NOON))

        assert crm.tell(NOTICE) == CrmUnavailable(
            "secret nimbus/crm: ResourceNotFoundException: there has to be a secret of this name,"
            " tagged crm-connection=true"
        )
