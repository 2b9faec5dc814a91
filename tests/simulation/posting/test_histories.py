"""A share of `make simulate-postings`: each model of an ERP, in weather that commits and then loses the reply."""

import pytest

from tests.simulation.posting.history import history
from tests.simulation.posting.invariants import check
from tests.simulation.posting.models import MODELS
from tests.simulation.posting.weather import LOSES_REPLIES

HISTORIES = 3


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_posted_twice_lost_stuck_or_out_of_order(model: str) -> None:
    for seed in range(HISTORIES):
        check(history(MODELS[model], seed))
    assert LOSES_REPLIES == 0.3


@pytest.mark.parametrize("model", MODELS)
def test_no_double_goes_unnoticed_however_late_its_commit_comes(model: str) -> None:
    for seed in range(HISTORIES):
        check(history(MODELS[model], seed, late_beyond=True))


def test_the_same_seed_gives_the_same_history() -> None:
    first, again = (history(MODELS["business_central"], 1) for _ in range(2))

    assert list(first.world.intents.all()) == list(again.world.intents.all())
