"""A simulator is served from a thread that ends with its context."""

import asyncio
import threading

import httpx
import pytest

from operations.u2c.simulated_company import company_setup
from simulators.erp import Fault, serve
from simulators.erp.launch import ErpSetup, launched
from tests.builders.posting import FIRST_OF_NOVEMBER
from tests.contract.erp.conftest import ALL_RATES, an_entity
from tests.contract.erp.systems.every_system import EVERY_SYSTEM, under_test
from tests.contract.simulators.callers import BusinessCentral


def test_nothing_is_left_behind(business_central: BusinessCentral) -> None:
    with serve(business_central.simulator.app) as root:
        assert httpx.get(f"{root}/_simulator/faults").status_code == 200

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{root}/_simulator/faults")
    assert len([thread for thread in threading.enumerate() if thread.name == "simulator"]) == 1


def test_a_kept_connection_survives_other_calls_losing_theirs(business_central: BusinessCentral) -> None:
    business_central.customer()
    for _ in range(5):
        business_central.simulator.faults.script(Fault.LOSE_REPLY, operation="create_invoice")
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            business_central.draft()
        assert business_central.get("/companies").status_code == 200

    assert len(business_central.simulator.documents()) == 5


def test_without_a_connection_to_drop_the_app_says_that_the_reply_is_lost(business_central: BusinessCentral) -> None:
    business_central.simulator.faults.script(Fault.LOSE_REPLY, operation="create_customer")

    async def create_a_customer() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(business_central.simulator.app)) as client:
            await client.post(
                business_central.base + business_central.path("customers"),
                json={"number": "C-1", "displayName": "Stark"},
                headers={"Authorization": f"Bearer {business_central.token}"},
            )

    with pytest.raises(ConnectionError, match="reply is lost"):
        asyncio.run(create_a_customer())


@pytest.mark.parametrize("system", EVERY_SYSTEM)
def test_every_simulated_erp_shows_itself_on_this_machine_without_credentials(system: str) -> None:
    company = company_setup(an_entity(under_test(system)), ALL_RATES)

    setup = ErpSetup(companies=[company], now=lambda: FIRST_OF_NOVEMBER, public_key_pem="")
    with launched(system, setup) as running, httpx.Client() as http:
        shown = {name: http.get(f"{running.root}/_simulator/{name}") for name in ("documents", "faults", "ledger")}

        assert running.root.startswith("http://127.0.0.1:")
        assert shown["documents"].json() == []
        assert shown["faults"].json()["writes"] == 0
        assert shown["ledger"].text == running.simulator.ledger.to_beancount()
