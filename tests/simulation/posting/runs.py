"""Histories by their names, as netsuite/17 or netsuite/17/beyond."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.simulation.posting.history import DOCUMENTS, history
from tests.simulation.posting.invariants import InvariantViolatedError, check
from tests.simulation.posting.models import MODELS

BEYOND = "beyond"  # commits come later than the quiet period: a double may be there, but not unnoticed
_EVERY = 10  # one history in so many is of that kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    name: str
    posts: int
    attempts: int
    doubles_noticed: int
    failure: str = ""

    @property
    def is_beyond(self) -> bool:
        return self.name.endswith(f"/{BEYOND}")


def names(model: str, *, posts: int) -> Iterator[str]:
    """Yield the histories that have so many documents within the quiet period's bounds, and the others among them."""
    for seed in range(-(-posts // DOCUMENTS)):
        yield f"{model}/{seed}"
        if seed % _EVERY == 0:
            yield f"{model}/{seed}/{BEYOND}"


def is_name(text: str) -> bool:
    model, _, seed = text.removesuffix(f"/{BEYOND}").partition("/")
    return model in MODELS and seed.isdecimal()


def run(name: str) -> Outcome:
    """Run one history, by its name."""
    model, seed, *beyond = name.split("/")
    ended = history(MODELS[model], int(seed), late_beyond=beyond == [BEYOND])
    failure = ""
    try:
        check(ended)
    except InvariantViolatedError as violated:
        failure = str(violated)
    return Outcome(
        name=name,
        posts=len(ended.documents),
        attempts=sum(intent.attempts for intent in ended.world.intents.all()),
        doubles_noticed=len(ended.people.doubles),
        failure=failure,
    )
