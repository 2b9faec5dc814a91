"""A simulator is served from a thread that ends with its context."""

import asyncio
import threading

import httpx
import pytest

from simulators.erp import Fault, serve
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
