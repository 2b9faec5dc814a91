"""One history: documents issued over a day to an ERP in bad weather, functions that die, people who see to the rest."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import PostingRequest
from shared.domain.posting.journal import Document
from shared.domain.posting.names import accrual_name, reversal_name
from tests.builders.posting import FIRST_OF_NOVEMBER, an_intent
from tests.fakes.fake_erp import FakeErp
from tests.fakes.posting_world import TICK, Died, PostingWorld
from tests.simulation.posting.documents import families
from tests.simulation.posting.ledgers import TwoLedgers
from tests.simulation.posting.people import People
from tests.simulation.posting.weather import OCTOBER, Weather

DOCUMENTS = 40
PEOPLE_COME_EVERY = timedelta(hours=6)
MOST_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What one has come to, for the invariants."""

    name: str
    world: TwoLedgers
    families: tuple[tuple[Document, ...], ...]  # with the journals that accrue some of them
    weather: Weather
    people: People
    waiting: frozenset[str]  # the tokens of whoever has ever asked to be told
    at_rest: bool

    @property
    def documents(self) -> list[Document]:
        return [document for family in self.families for document in family]


def history(
    does: Capabilities,
    seed: int,
    *,
    documents: int = DOCUMENTS,
    late_beyond: bool = False,
    erp: Callable[..., FakeErp] = FakeErp,
) -> History:
    """Return the history of a seed; the same seed gives the same one. `erp` may be one that is made badly."""
    chance = random.Random(seed)
    weather = Weather(chance=chance, begins=FIRST_OF_NOVEMBER, late_beyond=late_beyond)
    world = TwoLedgers(lambda _, port: _Restless(port, weather, world), does, erp)
    outages = weather.outages()  # of the connection that both ledgers are behind
    for one in world.erps.values():
        weather.over(one, outages)
    world.not_called_at = partial(weather.not_called, outages)
    world.moves = weather.moves()
    told = tuple(families(chance, does.kinds, most=documents))
    world.books.on_closed_period = chance.choice(list(ClosedPeriodPolicy))
    people = People(world=world, chance=chance, move_back=chance.random() < 0.5)
    waiting = _issue(world, told, chance)
    at_rest = _live(world, weather, people)
    return History(
        name=f"{does.system}/{seed}{'/beyond' if late_beyond else ''}",
        world=world,
        families=(*told, *_accruals(world)),
        weather=weather,
        people=people,
        waiting=waiting,
        at_rest=at_rest,
    )


def _issue(world: TwoLedgers, told: tuple[tuple[Document, ...], ...], chance: random.Random) -> frozenset[str]:
    """Issue all within some hours, in the course of which the ERP may close the period, its general ledger or not.

    Return the tokens of all who wait, be it for the second time.
    """
    waiting: set[str] = set()
    closes, opens = (chance.randrange(6) if chance.random() < 0.5 else None for _ in range(2))
    all_ledgers = chance.random() < 0.5
    for document in (document for family in told for document in family):
        intent = an_intent(document, created_at=world.clock.now(), on_closed_period=world.books.on_closed_period)
        world.issue(intent, token=f"token of {document.posting_id}")
        if chance.random() < 0.3:
            world.queue.append(world.queue[-1])  # SQS delivers twice
        if chance.random() < 0.2:
            world.queue.pop()  # the execution died before it sent the message
        if chance.random() < 0.2:
            again = PostingRequest(posting_id=document.posting_id, task_token=f"another token of {document.posting_id}")
            world.queue.insert(chance.randrange(len(world.queue) + 1), again)  # it was retried; no queue keeps order
        waiting |= {message.task_token for message in world.queue if message.task_token is not None}
        if chance.random() < 0.1:
            world.tick()
        if closes is not None and world.clock.now() - FIRST_OF_NOVEMBER > closes * TICK:
            _close(world, {OCTOBER}, {OCTOBER} if all_ledgers else set())
        if opens is not None and closes is not None and world.clock.now() - FIRST_OF_NOVEMBER > (closes + opens) * TICK:
            _close(world, set(), set())
    return frozenset(waiting)


def _close(world: TwoLedgers, for_invoices: set[str], all_ledgers: set[str]) -> None:
    for erp in world.erps.values():
        erp.closed_for_invoices, erp.closed = for_invoices, all_ledgers


def _live(world: TwoLedgers, weather: Weather, people: People) -> bool:
    world.deliver()
    for _ in range(MOST_DAYS * 4):
        at_rest = world.run_to_rest(until=world.clock.now() + PEOPLE_COME_EVERY)
        if not people.come() and at_rest and world.clock.now() >= weather.clears:
            return True
        if at_rest:
            world.clock.instant += PEOPLE_COME_EVERY
    return False


def _accruals(world: TwoLedgers) -> Iterator[tuple[Document, ...]]:
    """Yield both journals of each invoice that was accrued."""
    for intent in list(world.intents.all()):
        if intent.document.kind is DocumentKind.INVOICE and intent.replaces is None:
            names = accrual_name(intent.posting_id), reversal_name(intent.posting_id)
            both = [one for name in names if (one := world.intents.read(name.first_posting)) is not None]
            if both:
                yield tuple(one.document for one in both)


class _Restless:
    """A port in an environment that now and then dies before or after a call."""

    __slots__ = ("_port", "_weather", "_world")

    def __init__(self, port: object, weather: Weather, world: PostingWorld) -> None:
        self._port, self._weather, self._world = port, weather, world

    def __getattr__(self, method: str) -> Any:
        target = getattr(self._port, method)

        def call(*args: object, **kwargs: object) -> object:
            if self._weather.dies(self._world.clock.now()):
                raise Died(f"before {method}")
            result = target(*args, **kwargs)
            if self._weather.dies(self._world.clock.now()):
                raise Died(f"after {method}")
            return result

        return call
