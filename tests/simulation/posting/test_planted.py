"""Each careless adapter and each careless outbox doubles, loses or misplaces something, and is caught."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from shared.domain.posting.capabilities import Capabilities
from tests.fakes.fake_erp import FAKE, ONE_STEP, TAKES_FIRST, FakeErp
from tests.simulation.posting.history import history
from tests.simulation.posting.invariants import InvariantViolatedError, check, revenue
from tests.simulation.posting.planted import (
    CARELESS_ADAPTERS,
    CARELESS_OUTBOXES,
    CallsAForgottenTicketRefused,
    LooksInTheLedgerOnly,
    ResendsByItself,
    ShowsTheFirstOnly,
)

# Where it shows: of drafts, of what is taken first, of what is taken and hidden for longer than people stay away.
WHERE: Mapping[type[FakeErp], Capabilities] = {
    LooksInTheLedgerOnly: FAKE,
    ShowsTheFirstOnly: TAKES_FIRST,
    CallsAForgottenTicketRefused: replace(TAKES_FIRST, stuck_after_seconds=24 * 60 * 60),
}
AT_ONCE = replace(ONE_STEP, quiet_period_seconds=600)  # it ends as a sweep begins, which looks at once then
SEEDS = 30  # two histories each; the rarest of them shows in one of a dozen


def caught(erp: type[FakeErp]) -> str:
    """Return what is said of the first history that does not hold; nothing: none was."""
    for seed in range(SEEDS):
        for late_beyond in (False, True):
            try:
                check(history(WHERE.get(erp, AT_ONCE), seed, late_beyond=late_beyond, erp=erp))
            except InvariantViolatedError as violated:
                return str(violated)
    return ""


@pytest.mark.parametrize("adapter", CARELESS_ADAPTERS)
def test_a_careless_adapter_is_caught(adapter: type[FakeErp]) -> None:
    assert caught(adapter)


@pytest.mark.parametrize("outbox", CARELESS_OUTBOXES)
def test_a_careless_outbox_is_caught(outbox: str, monkeypatch: pytest.MonkeyPatch) -> None:
    careless = CARELESS_OUTBOXES[outbox]
    assert careless.name in careless.names
    monkeypatch.setitem(careless.names, careless.name, careless.instead)

    assert caught(FakeErp)


def test_an_adapter_that_resends_by_itself_doubles_revenue() -> None:
    ended = history(ONE_STEP, 0, erp=ResendsByItself)

    booked = revenue([document for erp in ended.world.erps.values() for document in erp.posted_documents()])
    assert booked.amount > revenue(ended.documents).amount
    with pytest.raises(InvariantViolatedError, match="had them twice"):
        check(ended)
