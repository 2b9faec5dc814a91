"""From a payment in the ERP to the receivable here by a notice: through the handlers, on moto, with a simulator."""

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.adapters.dynamodb.receivables import DynamoReceivables
from shared.domain.posting.readings import SettlementStatus
from shared.runtime import aws
from simulators.erp import Fault
from simulators.http.server import serve
from tests.builders.aws_resources import create_table, messages_of
from tests.builders.lambda_functions import sample_event
from tests.builders.posting import GERMANY, TENANT, a_document, an_intent
from tests.contract.adapters.test_posting_intents import TABLE
from tests.contract.erp.conftest import open_site  # noqa: F401 - a fixture
from tests.integration.functions.test_posting_functions import Platform, _Context, around, platform  # noqa: F401

TOKEN = json.loads(sample_event("receive_erp_notices")["body"])["value"][0]["clientState"]
Handler = Callable[[dict[str, Any]], Any]


@dataclass
class Deployment:
    platform: Platform
    queue_url: str
    receive: Handler
    renew: Handler
    sync: Handler

    @property
    def asked(self) -> list[str]:
        return messages_of(self.queue_url)

    def status(self) -> SettlementStatus | None:
        read = DynamoReceivables(aws.dynamodb(), TABLE, TENANT).read(GERMANY, an_intent().posting_id)
        return read.status if read else None

    def pay(self) -> None:
        erp = self.platform.site.simulator
        erp.pay(a_document().external_ref, Decimal("1428.68"), date(2026, 11, 3))
        for _ in range(2):
            self.platform.site.clock.instant += timedelta(seconds=30)
            erp.pass_by()


@pytest.fixture
def deployment(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:  # noqa: F811
    site = platform.site
    entity = platform.entity
    wanted = replace(entity.erp, settings={**entity.erp.settings, "notices": "yes"})
    site.master_data.entity = replace(entity, erp=wanted)
    site.change_secret({"notice_token": TOKEN})
    create_table("exceptions")
    queue = aws.sqs().create_queue(QueueName="settlement-readings.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    monkeypatch.setenv("SETTLEMENT_READINGS_QUEUE_URL", queue)

    def handler(function: str, name: str, **parts: object) -> Handler:
        sys.modules.pop(f"functions.{function}.handler", None)
        module: Any = importlib.import_module(f"functions.{function}.handler")
        monkeypatch.setattr(module, name, replace(getattr(module, name), **parts))
        monkeypatch.setattr(module, "master_data", site.master_data, raising=False)
        return lambda event: module.handler(event, _Context())

    receive = handler("receive_erp_notices", "receiver", master_data=site.master_data)

    async def gateway(request: Request) -> Response:
        event = sample_event("receive_erp_notices") | {
            "queryStringParameters": dict(request.query_params),
            "pathParameters": request.path_params,
            "body": (await request.body()).decode(),
        }
        answer = receive(event)
        return Response(answer["body"], answer["statusCode"], answer["headers"])

    app = Starlette(routes=[Route("/erp-notices/{legal_entity}", gateway, methods=["POST"])])
    with serve(app) as root:
        monkeypatch.setenv("ERP_NOTICES_URL", f"{root}/erp-notices")
        erps = site.routing
        renew = handler("renew_erp_notices", "renewal", master_data=site.master_data, erps=erps)
        yield Deployment(platform, queue, receive, renew, handler("sync_settlements", "settlements", erps=erps))


def test_a_payment_is_known_here_by_its_notice_before_any_tick(
    deployment: Deployment, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.platform.outbox.add(an_intent())
    deployment.platform.handler("post_to_erp", monkeypatch)(sample_event("post_to_erp"))
    deployment.renew(sample_event("renew_erp_notices"))
    deployment.pay()

    (asked,) = deployment.asked
    assert json.loads(asked) == {"tenant": "default", "legal_entity": "acme-gmbh"}
    deployment.sync({"Records": [{"body": asked}]})

    assert deployment.status() is SettlementStatus.PAID
    assert TOKEN not in caplog.text


def test_a_forged_notice_asks_for_nothing_and_learns_nothing(
    deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    sample = sample_event("receive_erp_notices")
    forged = sample["body"].replace(TOKEN, "a-token-that-somebody-has-made-up-today")

    answers = [
        deployment.receive(sample | {"body": forged}),
        deployment.receive(sample | {"body": "<html>" + forged}),
        deployment.receive(sample | {"body": "", "pathParameters": {"legal_entity": "../globex"}}),
    ]

    assert deployment.asked == []
    assert answers == [deployment.receive(sample)] * 3
    assert len(deployment.asked) == 1
    told = repr([vars(record) for record in caplog.records])
    assert "somebody" not in told
    assert "globex" not in told


def test_a_thousand_times_the_same_notice_asks_once(deployment: Deployment) -> None:
    for _ in range(20):
        deployment.receive(sample_event("receive_erp_notices"))

    assert len(deployment.asked) == 1


def test_a_reading_that_fails_is_no_dead_letter_of_a_notice_but_a_failure_of_the_first_tick_of_an_hour(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = deployment.platform.site.simulator.faults
    body = json.dumps({"tenant": "default", "legal_entity": "acme-gmbh"})
    faults.script(Fault.LOGIN_PAGE, operation="find_invoices")

    assert deployment.sync({"Records": [{"body": body}]}) is None

    faults.script(Fault.LOGIN_PAGE, operation="find_invoices")
    assert deployment.sync({"time": "2026-11-01T06:15:00Z"}) is None

    faults.script(Fault.LOGIN_PAGE, operation="find_invoices")
    with pytest.raises(ExceptionGroup):
        deployment.sync(sample_event("sync_settlements"))
    assert '"ReceivablesAge"' in capsys.readouterr().out
