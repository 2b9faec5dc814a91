"""A canary: what the secret of a connection holds, and what was got with it, is in no log, no exception and no table.

Whatever goes wrong: also where an ERP refuses a call with all that it was sent, the headers among it.
"""

import importlib
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.record_amendment.use_case import AmendmentRecorder
from shared.adapters.erp.order_routing import MappedSalesOrderRouting
from shared.adapters.http.connection_secrets import KEPT_FOR
from shared.domain.identifiers import PostingId
from shared.domain.time_period import format_instant
from simulators.erp import Fault
from tests.builders.amendments import asked
from tests.builders.aws_resources import create_queue, create_table, messages_of
from tests.builders.billing import catalog, contract, published
from tests.builders.posting import FIRST_OF_NOVEMBER, GERMANY, TENANT, a_document, an_intent
from tests.contract.adapters.test_posting_intents import TABLE
from tests.contract.erp.conftest import OpenSite, open_site  # noqa: F401 - a fixture
from tests.contract.erp.systems.every_system import CALLED_SYSTEMS
from tests.fakes.in_memory_amendments import InMemoryAmendments
from tests.fakes.in_memory_master_data import InMemoryMasterData
from tests.fakes.steady_clock import SteadyClock
from tests.integration.functions.test_posting_functions import Platform, around, sample  # noqa: F401 - a fixture

NOT_SECRET = ("usage-to-cash",)  # the client's own name
READS, WRITES = frozenset({"GET"}), frozenset({"DELETE", "PATCH", "POST", "PUT"})
NOTICE_TOKEN = "a-token-of-notices-that-nobody-may-read"
# Functions that read secrets beside post_to_erp, and what of their handlers has the ERPs, where `erps` is no part. That
# every one is here that may read them is seen in tests/infrastructure/test_functions.py.
READERS = {
    "sync_settlements": "settlements",
    "sync_accounting_periods": "sync",
    "check_erp_mappings": "checker",
    "renew_erp_notices": "renewal",
    "align_customers": "",
    "repair_posting": "settler",
    "resolve_unknown_postings": "",
    "receive_erp_notices": "receiver",
    "write_sales_order": "writer",
}
# What is switched on in the settings of a mapping, and reads secrets too.
SWITCHED_ON = {"business_central": {"notices": "yes"}, "netsuite": {"sales_order_item": "540"}}
CANCELLATION = asked(subscription="s-acme", effective="2026-12-01", change="cancellation")
AMENDMENT = CANCELLATION.model_copy(update={"tenant": TENANT})


def canaries(secret: Any) -> set[str]:
    """Return what must not be told of a secret: everything in it but addresses, names and ports."""
    return {
        value
        for name, value in secret.items()
        if not name.endswith(("_url", "_id", "username", "host", "port")) and value not in NOT_SECRET
    }


@dataclass(slots=True)
class Wire:
    """Sees with what everybody signs in, tokens too; what comes by a method that it `echoes` is refused with all."""

    signed_in_with: set[str] = field(default_factory=set)
    echoes: frozenset[str] = frozenset()

    def passing(self, send: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
        def sent(client: httpx.Client, request: httpx.Request, **how: Any) -> httpx.Response:
            for name in ("Authorization", "Cookie", "X-CSRF-Token"):
                value = request.headers.get(name, "").partition(" ")
                self.signed_in_with |= {part for part in (value[2] or value[0],) if len(part) > len("Fetch")}
            if request.method not in self.echoes:
                return send(client, request, **how)
            quoted = echo(request)
            refusal = {
                "error": {"code": "REFUSED", "message": quoted},
                "title": quoted,
                "o:errorDetails": [{"o:errorCode": "USER_ERROR", "detail": quoted}],
            }
            return httpx.Response(400, json=refusal, request=request)

        return sent


def echo(request: httpx.Request) -> str:
    """Return what was sent as a careless ERP quotes it; where somebody signs in, with the secret in the body."""
    return "; ".join([*(f"{name}: {value}" for name, value in request.headers.items()), request.read().decode()])


@dataclass(slots=True)
class Watched:
    """One tenant's functions, and what they have told: by their answers, and by failing, as the platform logs it."""

    platform: Platform
    monkeypatch: pytest.MonkeyPatch
    agreed: InMemoryMasterData
    requests: InMemoryAmendments
    told: list[str] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)

    def issue(self, number: int) -> PostingId:
        document = a_document(posting_id=f"acme-{number}/2026-10/r1", number=f"DE-{number:06d}")
        self.platform.outbox.add(an_intent(document))
        return document.posting_id

    def post(self, number: int) -> None:
        event = sample("post_to_erp")
        event["Records"][0]["body"] = json.dumps({"tenant": "default", "posting_id": self.issue(number)})
        self.call("post_to_erp", event)

    def read(self, unsent: PostingId) -> None:
        """Have every other one call the ERP, an hour later; a person asks whether a posting may be given up."""
        self.platform.site.clock.instant += timedelta(hours=1)
        events = {
            "repair_posting": {"remedy": "cancel", "document": unsent, "reason": "insolvent", "asked_by": "fred"},
            "align_customers": sample("align_customers"),
            "resolve_unknown_postings": self.follow_ups(),
            "receive_erp_notices": a_notice(),
        }
        tick = {"time": format_instant(self.platform.site.clock.now())}
        for function in READERS:
            if function != "write_sales_order":
                self.call(function, events.get(function, tick))
        self.write_order()

    def follow_ups(self) -> Any:
        due = self.platform.outbox.listed(due_by=self.platform.site.clock.now())
        message = sample("resolve_unknown_postings")["Records"][0]
        bodies = [json.dumps({"tenant": "default", "posting_id": one.posting_id}) for one in due]
        return {"Records": [message | {"messageId": str(number), "body": body} for number, body in enumerate(bodies)]}

    def write_order(self) -> None:
        """Have the ERP hold a contract of which more is agreed than the last time."""
        self.agreed.changes += 1
        self.call("write_sales_order", {"request": AMENDMENT.model_dump(mode="json", exclude_none=True)})

    def call(self, function: str, event: Any) -> None:
        handler = self.platform.handler(function, self.monkeypatch)
        module: Any = importlib.import_module(f"functions.{function}.handler")
        site = self.platform.site
        of_customers = function in {"align_customers", "write_sales_order"}
        master_data: Any = self.agreed if of_customers else site.master_data
        self.monkeypatch.setattr(module, "master_data", master_data, raising=False)
        if part := READERS.get(function):
            world = {
                "erps": site.routing,
                "master_data": master_data,
                "orders": MappedSalesOrderRouting(site.connections),
                "requests": self.requests,
            }
            there = {name: one for name, one in world.items() if hasattr(getattr(module, part), name)}
            self.monkeypatch.setattr(module, part, replace(getattr(module, part), **there))
        try:
            self.told.append(repr(handler(event)))
        except Exception as error:  # noqa: BLE001 - what it says is what is looked at
            self.told += traceback.format_exception(error)
            self.failed.add(function)


def a_notice() -> dict[str, Any]:
    notice: dict[str, Any] = sample("receive_erp_notices")
    known = json.loads(notice["body"])["value"][0]["clientState"]
    return {**notice, "body": notice["body"].replace(known, NOTICE_TOKEN)}


def asked_for(agreed: InMemoryMasterData) -> InMemoryAmendments:
    """Return the requests to amend contracts: one, which the contract has."""
    requests = InMemoryAmendments(agreed)
    recorder = AmendmentRecorder(requests=requests, master_data=agreed, clock=SteadyClock(FIRST_OF_NOVEMBER))
    recorder.record(AMENDMENT.to_domain(), AMENDMENT.amendment_in)
    return requests


@contextmanager
def on_the_wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    wire = Wire()
    with monkeypatch.context() as patched:
        patched.setattr(httpx.Client, "send", wire.passing(httpx.Client.send))
        yield wire


@pytest.mark.parametrize("system", CALLED_SYSTEMS)
def test_nothing_of_a_secret_or_of_what_was_got_with_it_is_told(
    open_site: OpenSite,  # noqa: F811
    system: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("ERP_NOTICES_URL", "https://notices.test/erp-notices")
    platform = Platform(monkeypatch, open_site(system))
    create_table("exceptions")
    monkeypatch.setenv("SETTLEMENT_READINGS_QUEUE_URL", create_queue("settlement-readings"))
    site = platform.site
    wanted = {**platform.entity.erp.settings, **SWITCHED_ON.get(system, {})}
    site.master_data.entity = replace(platform.entity, erp=replace(platform.entity.erp, settings=wanted))
    site.change_secret({"notice_token": NOTICE_TOKEN})
    billed_by_it = replace(contract(), legal_entity_id=GERMANY)
    agreed = published(catalog(entity=platform.entity, contracts=[billed_by_it]))
    watched = Watched(platform, monkeypatch, agreed, asked_for(agreed))
    unsent = watched.issue(9)

    with on_the_wire(monkeypatch) as wire:
        watched.post(0)
        watched.read(unsent)
        assert watched.failed <= {"renew_erp_notices"}  # nobody listens at its address
        assert wire.signed_in_with
        site.simulator.faults.script(Fault.LOSE_REPLY, operation=site.creates_invoice)
        watched.post(1)
        wire.echoes = WRITES
        watched.write_order()
        wire.echoes = READS | WRITES
        for number in (2, 3):
            watched.post(number)
            watched.read(unsent)
            site.connections.sign_in_anew()
        wire.echoes = frozenset()
        site.change_secret(site.under_test.wrong_credentials)
        site.clock.instant += KEPT_FOR
        watched.post(4)
        watched.read(unsent)

    # They did read: without what they need of the secret they fail.
    assert ("receive_erp_notices" in watched.failed) == (system == "business_central")
    assert ("write_sales_order" in watched.failed) == (system == "netsuite")
    told = "".join(
        [
            *capsys.readouterr(),
            caplog.text,
            *(repr(vars(record)) for record in caplog.records),  # with what a line has beside its message
            *messages_of(platform.exceptions),
            *watched.told,
            repr(platform.outbox.dynamodb.scan(TableName=TABLE)["Items"]),
            repr(site.erp),
        ]
    )
    secrets = canaries({**site.secret, **site.under_test.wrong_credentials, "notice_token": NOTICE_TOKEN})
    assert "posting brought on" in told
    assert [one for one in secrets | wire.signed_in_with if one in told] == []
