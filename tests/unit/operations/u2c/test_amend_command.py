"""u2c amend asks once, shows each state, and has what stands still go on."""

import json
from argparse import ArgumentParser
from dataclasses import dataclass, field
from io import StringIO

from rich.console import Console

from operations.u2c.commands.amend import DONE, UNUSABLE_REQUEST, register
from shared.domain.subscriptions.amendment_request import AmendmentRequest, AmendmentState, AmendmentStep
from tests.builders.amendments import NIMBUS, NOON, ORDER, asked
from tests.fakes.in_memory_amendments import InMemoryAmendments
from tests.fakes.in_memory_master_data import InMemoryMasterData

REQUEST = ("request", ORDER, "upgrade", "--customer", "acme", "--contract", "c-acme", "--subscription", "s-acme")
UPGRADE = (*REQUEST, "--effective", "2026-05-01", "--plan", "business", "--by", "carl@nimbus.example")


@dataclass
class World:
    requests: InMemoryAmendments = field(default_factory=lambda: InMemoryAmendments(InMemoryMasterData()))
    started: list[tuple[str, str]] = field(default_factory=list)

    def told(self, *arguments: str) -> tuple[int, str]:
        parser = ArgumentParser(exit_on_error=False)
        register(parser.add_subparsers())
        parsed, text = parser.parse_args(["amend", *arguments]), StringIO()
        console = Console(file=text, width=200)
        status = parsed.act(parsed, NIMBUS, self.requests, lambda *start: self.started.append(start), console)
        return status, text.getvalue()

    def refused(self) -> None:
        step = AmendmentStep(at=NOON, state=AmendmentState.REFUSED, note="it is not paused")
        self.requests.refuse(AmendmentRequest(asked=asked().to_domain(), amendment=None, history=(step,)))


def test_a_request_starts_an_execution_under_its_own_id() -> None:
    world = World()

    assert world.told(*UPGRADE)[0] == DONE
    ((name, text),) = world.started
    assert name == ORDER
    assert json.loads(text) == {"request": asked().model_dump(mode="json", exclude_none=True)}


def test_a_known_request_is_shown_and_not_started_again() -> None:
    world = World()
    world.refused()

    status, text = world.told(*UPGRADE)

    assert status == DONE
    assert "2026-03-20 12:00 UTC refused: it is not paused" in text
    assert world.started == []


def test_what_is_not_an_amendment_is_not_asked_for() -> None:
    world = World()

    status, text = world.told(*REQUEST, "--effective", "2026-05-01", "--by", "carl@nimbus.example")

    assert status == UNUSABLE_REQUEST
    assert text == "upgrade and downgrade name a plan, no other change does\n"
    assert world.started == []


def test_another_request_under_a_known_id_is_refused() -> None:
    world = World()
    world.refused()

    assert world.told(*UPGRADE[:-4], "--plan", "other", "--by", "carl@nimbus.example")[0] == UNUSABLE_REQUEST
    assert world.started == []


def test_a_request_goes_on_as_it_was_asked_for() -> None:
    world = World()
    world.refused()

    assert world.told("again", ORDER)[0] == DONE
    ((name, text),) = world.started
    assert name.startswith(f"{ORDER}-")
    assert json.loads(text)["request"]["contract"] == "c-acme"


def test_what_nobody_asked_for_is_not_shown() -> None:
    assert World().told("show", "order-9")[0] == UNUSABLE_REQUEST
