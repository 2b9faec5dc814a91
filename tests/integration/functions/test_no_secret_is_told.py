"""A canary: what the secret of a connection holds is in no log, no exception and no table, whatever goes wrong."""

import json
import logging
from typing import Any

import pytest

from simulators.erp import Fault
from tests.builders.posting import a_document, an_intent
from tests.contract.adapters.test_posting_intents import TABLE
from tests.contract.erp.conftest import OpenSite, open_site  # noqa: F401 - a fixture
from tests.contract.erp.systems.every_system import CALLED_SYSTEMS
from tests.integration.functions.test_posting_functions import Platform, around, sample  # noqa: F401 - a fixture

NOT_SECRET = ("usage-to-cash",)  # the client's own name


def canaries(secret: Any) -> list[str]:
    """Return what must not be told of a secret: everything in it but addresses, names and ports."""
    return [
        value
        for name, value in secret.items()
        if not name.endswith(("_url", "_id", "username", "host", "port")) and value not in NOT_SECRET
    ]


@pytest.mark.parametrize("system", CALLED_SYSTEMS)
def test_nothing_of_a_secret_is_told(
    open_site: OpenSite,  # noqa: F811
    system: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    platform = Platform(monkeypatch, open_site(system))
    site = platform.site
    secret = {**site.secret, **site.under_test.wrong_credentials}
    post = platform.handler("post_to_erp", monkeypatch)
    for number, trouble in enumerate(("none", "lost reply", "wrong credentials")):
        document = a_document(posting_id=f"acme-{number}/2026-10/r1", number=f"DE-{number:06d}")
        platform.outbox.add(an_intent(document))
        if trouble == "lost reply":
            site.simulator.faults.script(Fault.LOSE_REPLY, operation=site.creates_invoice)
        if trouble == "wrong credentials":
            site.change_secret(site.under_test.wrong_credentials)
        event = sample("post_to_erp")
        event["Records"][0]["body"] = json.dumps({"tenant": "default", "posting_id": document.posting_id})
        post(event)

    told = "".join(
        [
            *capsys.readouterr(),
            caplog.text,
            json.dumps(platform.messages(platform.exceptions)),
            repr(platform.outbox.dynamodb.scan(TableName=TABLE)["Items"]),
            repr(site.erp),
        ]
    )
    assert "posting brought on" in told
    assert [name for name in canaries(secret) if name in told] == []
