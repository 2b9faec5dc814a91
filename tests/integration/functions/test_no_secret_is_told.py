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

from shared.adapters.http.connection_secrets import KEPT_FOR
from shared.domain.identifiers import PostingId
from shared.domain.time_period import format_instant
from simulators.erp import Fault
from tests.builders.aws_resources import create_table, messages_of
from tests.builders.billing import catalog, contract, published
from tests.builders.posting import GERMANY, a_document, an_intent
from tests.contract.adapters.test_posting_intents import TABLE
from tests.contract.erp.conftest import OpenSite, open_site  # noqa: F401 - a fixture
from tests.contract.erp.systems.every_system import CALLED_SYSTEMS
from tests.integration.functions.test_posting_functions import Platform, around, sample  # noqa: F401 - a fixture

NOT_SECRET = ("usage-to-cash",)  # the client's own name
NOTICE_TOKEN = "a-token-of-notices-that-nobody-may-read"
# Functions that read secrets beside post_to_erp, and what of their handlers has the ERPs, where `erps` is no part.
READERS = {
    "sync_settlements": "settlements",
    "sync_accounting_periods": "sync",
    "check_erp_mappings": "checker",
    "renew_erp_notices": "renewal",
    "align_customers": "",
    "repair_posting": "settler",
    "resolve_unknown_postings": "",
}


def canaries(secret: Any) -> set[str]:
    """Return what must not be told of a secret: everything in it but addresses, names and ports."""
    return {
        value
        for name, value in secret.items()
        if not name.endswith(("_url", "_id", "username", "host", "port")) and value not in NOT_SECRET
    }


@dataclass(slots=True)
class Wire:
    """Sees with what everybody signs in, tokens too; once it `echoes`, each call is refused with what it sent."""

    signed_in_with: set[str] = field(default_factory=set)
    echoes: bool = False

    def passing(self, send: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
        def sent(client: httpx.Client, request: httpx.Request, **how: Any) -> httpx.Response:
            for name in ("Authorization", "Cookie", "X-CSRF-Token"):
                value = request.headers.get(name, "").partition(" ")
                self.signed_in_with |= {part for part in (value[2] or value[0],) if len(part) > len("Fetch")}
            if not self.echoes:
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
        cancel = {"remedy": "cancel", "document": unsent, "reason": "insolvent", "asked_by": "fred"}
        tick = {"time": format_instant(self.platform.site.clock.now())}
        events = {
            "repair_posting": cancel,
            "align_customers": sample("align_customers"),
            "resolve_unknown_postings": self.follow_ups(),
        }
        for function in READERS:
            self.call(function, events.get(function, tick))

    def follow_ups(self) -> Any:
        due = self.platform.outbox.listed(due_by=self.platform.site.clock.now())
        message = sample("resolve_unknown_postings")["Records"][0]
        bodies = [json.dumps({"tenant": "default", "posting_id": one.posting_id}) for one in due]
        return {"Records": [message | {"messageId": str(number), "body": body} for number, body in enumerate(bodies)]}

    def call(self, function: str, event: Any) -> None:
        handler = self.platform.handler(function, self.monkeypatch)
        module: Any = importlib.import_module(f"functions.{function}.handler")
        site = self.platform.site
        master_data: Any = site.master_data
        if function == "align_customers":
            billed_by_it = replace(contract(), legal_entity_id=GERMANY)
            master_data = published(catalog(entity=self.platform.entity, contracts=[billed_by_it]))
        self.monkeypatch.setattr(module, "master_data", master_data)
        if part := READERS.get(function):
            changed: dict[str, Any] = {"erps": site.routing}
            changed |= {"master_data": master_data} if hasattr(getattr(module, part), "master_data") else {}
            self.monkeypatch.setattr(module, part, replace(getattr(module, part), **changed))
        try:
            self.told.append(repr(handler(event)))
        except Exception as error:  # noqa: BLE001 - what it says is what is looked at
            self.told += traceback.format_exception(error)
            self.failed.add(function)


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
    site = platform.site
    if system == "business_central":  # the one that gives notices
        wanted = {**platform.entity.erp.settings, "notices": "yes"}
        site.master_data.entity = replace(platform.entity, erp=replace(platform.entity.erp, settings=wanted))
        site.change_secret({"notice_token": NOTICE_TOKEN})
    watched = Watched(platform, monkeypatch)
    unsent = watched.issue(9)

    with on_the_wire(monkeypatch) as wire:
        watched.post(0)
        watched.read(unsent)
        assert watched.failed <= {"renew_erp_notices"}  # nobody listens at its address
        assert wire.signed_in_with
        site.simulator.faults.script(Fault.LOSE_REPLY, operation=site.creates_invoice)
        watched.post(1)
        wire.echoes = True
        for number in (2, 3):
            watched.post(number)
            watched.read(unsent)
            site.connections.sign_in_anew()
        wire.echoes = False
        site.change_secret(site.under_test.wrong_credentials)
        site.clock.instant += KEPT_FOR
        watched.post(4)
        watched.read(unsent)

    told = "".join(
        [
            *capsys.readouterr(),
            caplog.text,
            *messages_of(platform.exceptions),
            *watched.told,
            repr(platform.outbox.dynamodb.scan(TableName=TABLE)["Items"]),
            repr(site.erp),
        ]
    )
    secrets = canaries({**site.secret, **site.under_test.wrong_credentials, "notice_token": NOTICE_TOKEN})
    assert "posting brought on" in told
    assert [one for one in secrets | wire.signed_in_with if one in told] == []
