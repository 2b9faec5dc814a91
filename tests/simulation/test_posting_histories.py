"""Seeded histories of many postings against an ERP that loses, delays and refuses: none double, none lost, none stuck.

What the ERP refuses a person has repaired, now and then two at once, and by hand.

Late commits are bounded by the quiet period, as the adapters' capabilities promise; beyond it nobody can promise.
"""

import random
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest

from shared.domain.posting.intent import IntentState, PostingIntent, PostingRequest
from shared.domain.posting.names import first_posting
from shared.domain.posting.repair import RepairRefusedError
from tests.builders.posting import GERMANY, a_document, an_intent
from tests.fakes.fake_erp import FAKE, Behaviour
from tests.fakes.posting_world import Died, PostingWorld

HISTORIES = 300
POSTINGS_A_HISTORY = 6
MOST_REPAIRS = 60  # as many as there are faults
_FAULTS = (
    Behaviour.THROTTLE,
    Behaviour.REFUSE_CREDENTIALS,
    Behaviour.LOSE_REQUEST,
    Behaviour.LOSE_REPLY,
    Behaviour.COMMIT_LATE,
    Behaviour.REFUSE_PERIOD,
    Behaviour.REFUSE_MAPPING,
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


def repair(refused: list[PostingIntent], world: PostingWorld, chance: random.Random) -> None:
    """Have people see to what was refused: some book it by hand first, some are two at once, some die over it."""
    for intent in refused:
        if chance.random() < 0.1:
            world.erp.book_by_hand(intent.document)
        gina = partial(world.repair, intent.posting_id, by="gina") if chance.random() < 0.3 else None
        with suppress(RepairRefusedError, Died):
            world.repair(intent.posting_id, by="fred", meanwhile=gina)
        if chance.random() < 0.3:
            world.queue.append(PostingRequest(posting_id=intent.posting_id, task_token="token-1"))  # redriven


@pytest.mark.parametrize("enforces_key", [False, True], ids=["no unique key", "unique key"])
@pytest.mark.parametrize("two_step", [True, False], ids=["draft and post", "one step"])
def test_no_history_doubles_loses_or_strands_a_posting(*, two_step: bool, enforces_key: bool) -> None:
    for seed in range(HISTORIES // 4):
        chance = random.Random(seed)
        world = PostingWorld(lambda _, port, chance=chance: _Restless(port, chance))  # type: ignore[misc]
        world.erp.does = replace(FAKE, two_step_post=two_step, natural_key_enforced=enforces_key)
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
        for _ in range(MOST_REPAIRS):
            if not (refused := world.refused()):
                break
            repair(refused, world, chance)
            world.run_until_settled()

        posted = Counter(first_posting(document.posting_id) for document in world.erp.posted_documents())
        assert posted == {document.posting_id: 1 for document in documents}, f"seed {seed}"
        assert len(world.erp.held) == POSTINGS_A_HISTORY, f"seed {seed}"
        ends = [world.intents.chain(document.posting_id)[-1].state for document in documents]
        assert set(ends) == {IntentState.POSTED}, f"seed {seed}"
        assert world.told.open_codes() == set(), f"seed {seed}"
        assert world.intents.accounting_period(GERMANY, "2026-10").unsettled == 0, f"seed {seed}"
