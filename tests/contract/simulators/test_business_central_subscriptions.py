"""Webhook subscriptions of the simulated Business Central: who may have one, for how long, and what is refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.erp.business_central import subscriptions as rules
from simulators.http.server import serve
from tests.contract.simulators.callers import ACME_ID, BusinessCentral

INVOICES = f"/api/v2.0/companies({ACME_ID})/salesInvoices"


@dataclass
class Subscriber:
    url: str = ""
    told: list[list[dict[str, Any]]] = field(default_factory=list)
    status: int = 200

    async def answer(self, request: Request) -> Response:
        if "validationToken" in request.query_params:
            return Response(request.query_params["validationToken"], media_type="text/plain")
        self.told.append((await request.json())["value"])
        return Response(status_code=self.status)


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    subscriber = Subscriber()
    with serve(Starlette(routes=[Route("/told", subscriber.answer, methods=["POST"])])) as root:
        subscriber.url = f"{root}/told"
        yield subscriber


def subscribe(erp: BusinessCentral, url: str, **changes: object) -> httpx.Response:
    sent = {"notificationUrl": url, "resource": INVOICES, "clientState": "a secret"}
    return erp.post("/subscriptions", sent | changes)


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_change_is_told_once_with_its_client_state_half_a_minute_later(
    business_central: BusinessCentral, subscriber: Subscriber
) -> None:
    made = subscribe(business_central, subscriber.url)
    assert made.status_code == 201
    assert made.json()["expirationDateTime"] == "2026-04-05T06:00:00Z"
    business_central.customer()
    invoice = business_central.draft().json()["id"]
    business_central.posted(invoice)
    business_central.simulator.pass_by()
    assert subscriber.told == []

    business_central.clock.pass_(seconds=30)
    business_central.simulator.pass_by()
    business_central.simulator.pass_by()

    ((notice,),) = subscriber.told
    assert notice["clientState"] == "a secret"
    assert notice["changeType"] == "created"
    assert notice["resource"] == f"{INVOICES}({invoice})"


def test_more_changes_than_are_told_one_by_one_are_told_as_a_collection(
    business_central: BusinessCentral, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SINGLE_NOTIFICATIONS_MAX", 1)
    subscribe(business_central, subscriber.url)
    business_central.customer()
    for _ in range(2):
        business_central.draft()
    business_central.simulator.pass_by()

    business_central.clock.pass_(seconds=30)
    business_central.simulator.pass_by()

    ((notice,),) = subscriber.told
    assert notice["changeType"] == "collection"


def test_a_second_one_alike_and_one_too_many_are_refused(
    business_central: BusinessCentral, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(business_central, subscriber.url)
    assert error_of(subscribe(business_central, subscriber.url)) == (400, "Internal_EntityWithSameKeyExists")

    monkeypatch.setattr(rules, "SUBSCRIPTIONS_MAX", 1)

    memos = INVOICES.replace("Invoices", "CreditMemos")
    assert error_of(subscribe(business_central, subscriber.url, resource=memos)) == (400, "BadRequest")


@pytest.mark.parametrize(
    "changes",
    [
        {"notificationUrl": "https://example.com/told"},
        {"notificationUrl": "http://127.0.0.1:1/nobody"},
        {"notificationUrl": "http://127.0.0.1:99999/told"},
        {"resource": f"/api/v2.0/companies({ACME_ID})/jobQueueEntries"},
        {"resource": "/api/v2.0/companies(00000000-0000-0000-0000-000000000000)/salesInvoices"},
        {"expirationDateTime": "2030-01-01T00:00:00Z"},
        {"clientState": 7},
    ],
)
def test_what_cannot_be_subscribed_to_is_refused(
    business_central: BusinessCentral, subscriber: Subscriber, changes: dict[str, object]
) -> None:
    answer = subscribe(business_central, subscriber.url, **changes)

    assert error_of(answer) == (400, "BadRequest")
    assert business_central.get("/subscriptions").json()["value"] == []


def test_renewing_needs_the_present_etag_and_prolongs_from_now(
    business_central: BusinessCentral, subscriber: Subscriber
) -> None:
    made = subscribe(business_central, subscriber.url).json()
    one = f"/subscriptions('{made['subscriptionId']}')"
    sent = {name: made[name] for name in ("notificationUrl", "resource", "clientState")}
    business_central.clock.pass_(minutes=30)

    renewed = business_central.send("PATCH", one, sent, If_Match=made["@odata.etag"])

    assert renewed.json()["expirationDateTime"] == "2026-04-05T06:30:00Z"
    assert error_of(business_central.send("PATCH", one, sent, If_Match=made["@odata.etag"]))[0] == 409
    assert error_of(business_central.send("PATCH", one, sent))[0] == 400
    assert business_central.send("DELETE", one, If_Match=renewed.json()["@odata.etag"]).status_code == 204
    assert error_of(business_central.send("PATCH", one, sent, If_Match="*")) == (404, "Internal_RecordNotFound")


def test_a_subscriber_who_stays_away_for_36_hours_is_not_told_of_that_any_more(
    business_central: BusinessCentral, subscriber: Subscriber
) -> None:
    subscribe(business_central, subscriber.url)
    business_central.customer()
    business_central.draft()
    business_central.simulator.pass_by()
    subscriber.status = 503
    for _ in range(3):
        business_central.clock.pass_(hours=19)
        business_central.simulator.pass_by()
    assert len(subscriber.told) == 2

    subscriber.status = 200
    business_central.clock.pass_(hours=1)
    business_central.simulator.pass_by()

    assert len(subscriber.told) == 2
