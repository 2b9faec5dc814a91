"""Seeded histories of many postings against an ERP that loses, delays and refuses: none double, none lost, none stuck.

Late commits are bounded by the quiet period, as the adapters' capabilities promise; beyond it nobody can promise.
"""

import random
from collections import Counter

import pytest

from shared.domain.posting.intent import IntentState
from tests.builders.posting import GERMANY, a_document, an_intent
from tests.fakes.fake_erp import Behaviour
from tests.fakes.posting_world import Died, PostingWorld

HISTORIES = 300
POSTINGS_A_HISTORY = 6
_FAULTS = (
    Behaviour.THROTTLE,
    Behaviour.REFUSE_CREDENTIALS,
    Behaviour.LOSE_REQUEST,
    Behaviour.LOSE_REPLY,
    Behaviour.COMMIT_LATE,
)


class _Restless:
    """A port in an environment that now and then dies before or after a call."""

    def __init__(self, port: object, chance: random.Random) -> None:
        self._port = port
        self._chance = chance

    def __getattr__(self, method: str) -> object:
        target = getattr(self._port, method)

        def call(*args: object, **kwargs: object) -> object:
            if self._chance.random() < 0.01:
                raise Died(f"before {method}")
            result = target(*args, **kwargs)
            if self._chance.random() < 0.01:
                raise Died(f"after {method}")
            return result

        return call


@pytest.mark.parametrize("enforces_key", [False, True], ids=["no unique key", "unique key"])
@pytest.mark.parametrize("two_step", [True, False], ids=["draft and post", "one step"])
def test_no_history_doubles_loses_or_strands_a_posting(*, two_step: bool, enforces_key: bool) -> None:
    for seed in range(HISTORIES // 4):
        chance = random.Random(seed)
        world = PostingWorld(lambda _, port, chance=chance: _Restless(port, chance))  # type: ignore[misc]
        world.erp.two_step, world.erp.enforces_key = two_step, enforces_key
        world.erp.writes = iter(
            [chance.choice(_FAULTS) if chance.random() < 0.5 else Behaviour.WORK for _ in range(60)]
        )
        world.erp.fail_lookups([chance.random() < 0.2 for _ in range(60)])
        documents = [a_document(posting_id=f"acme-{n}/2026-10/r1") for n in range(POSTINGS_A_HISTORY)]
        for document in documents:
            world.issue(an_intent(document))
            if chance.random() < 0.3:
                world.queue.append(world.queue[-1])  # SQS delivers twice
            if chance.random() < 0.2:
                world.queue.pop()  # the execution died before it sent the message

        world.run_until_settled()

        posted = Counter(document.posting_id for document in world.erp.posted_documents())
        assert posted == {document.posting_id: 1 for document in documents}, f"seed {seed}"
        assert len(world.erp.held) == POSTINGS_A_HISTORY, f"seed {seed}"
        assert {intent.state for intent in world.all_intents()} == {IntentState.POSTED}, f"seed {seed}"
        assert world.told.open_codes() == set(), f"seed {seed}"
        assert world.intents.accounting_period(GERMANY, "2026-10").unsettled == 0, f"seed {seed}"
