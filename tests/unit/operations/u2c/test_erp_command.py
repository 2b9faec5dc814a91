import argparse
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from operations.u2c.commands import erp
from shared.contracts.erp_standing import answer
from shared.domain.identifiers import LegalEntityId
from shared.domain.posting.circuit import Circuit, CircuitState
from shared.domain.posting.pacing import CallLimits, Hold, Line, Usage
from shared.domain.posting.standing import ErpStanding
from tests.builders.posting import FIRST_OF_NOVEMBER

NOON = FIRST_OF_NOVEMBER + timedelta(hours=6)
BUSY = ErpStanding(
    connection="nimbus-de/erp",
    system="business_central",
    entities=(LegalEntityId("nimbus-de"),),
    limits=CallLimits(concurrency=5, calls_per_minute=1_200),
    line=Line(usage=Usage(calls=4, seconds=2.5), served_at=NOON),
    circuit=Circuit(CircuitState.CLOSED),
    unsent=7_198,
    unclear=2,
    oldest=FIRST_OF_NOVEMBER,
    rests_until=None,
)


def told(event: dict[str, Any], *standings: ErpStanding, resumed: bool = False) -> tuple[int, list[str]]:
    shown = StringIO()
    status = erp.ask(event, lambda _: answer(standings, resumed=resumed), Console(file=shown, width=200))
    return status, shown.getvalue().splitlines()


def test_an_erp_that_is_called_tells_what_waits_and_how_long_that_takes() -> None:
    assert told({}, BUSY) == (
        erp.RUNNING,
        [
            "nimbus-de/erp (business_central, nimbus-de): called",
            "  7198 unsent, 2 sent and not in the ledger yet, the oldest of 2026-11-01T06:00:00.000000Z",
            "  permitted: 5 calls at a time, 1200 a minute; what waits takes 1:00:00",
            "  answered: 2.5 s a document, the last at 2026-11-01T12:00:00.000000Z",
        ],
    )


def test_an_erp_that_is_stopped_says_why() -> None:
    line = Line(hold=Hold("v1", NOON, "no token: status 401"))
    stopped = replace(BUSY, line=line, circuit=Circuit(CircuitState.OPEN, NOON), oldest=None, rests_until=NOON)

    status, lines = told({}, stopped)

    assert status == erp.STOPPED
    assert lines[:4] == [
        "nimbus-de/erp (business_central, nimbus-de): stopped",
        "  held since 2026-11-01T12:00:00.000000Z: no token: status 401",
        "  down; tried again at 2026-11-01T12:00:00.000000Z",
        "  asked to be left alone until 2026-11-01T12:00:00.000000Z",
    ]
    assert lines[-1] == "  answered: no document yet"


def test_a_connection_that_is_resumed_is_told_so_and_then_as_called() -> None:
    _, lines = told({"resume": "nimbus-de/erp"}, BUSY, resumed=True)

    assert lines[0] == "nimbus-de/erp was resumed: it is called again"
    assert lines[1].endswith("called")
    assert told({"resume": "nimbus-de/erp"}, BUSY)[1][0] == "nimbus-de/erp was not held back"


def test_the_help_names_a_connection_of_the_demo() -> None:
    example = erp.EPILOG.split()[-1]

    assert f"connection: {example}\n" in Path("events/scenarios/demo/catalog/legal_entities.yaml").read_text()


def test_a_connection_that_is_not_there_is_refused_with_those_that_are() -> None:
    status, lines = told({"resume": "nimbus/erp"}, BUSY)

    assert status == erp.UNUSABLE_REQUEST
    assert "there is no connection nimbus/erp; there are nimbus-de/erp" in " ".join(lines)


def test_what_is_typed_is_asked_for() -> None:
    parser = argparse.ArgumentParser()
    erp.register(parser.add_subparsers())

    assert parser.parse_args(["erp", "resume", "nimbus-de/erp"]).connection == "nimbus-de/erp"
