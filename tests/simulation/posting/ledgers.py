"""A legal entity that its catalogue moves from one company of its ERP to another, with its own ledger, and back."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.pacing import NotCalled
from tests.fakes.fake_erp import FakeErp, Held
from tests.fakes.posting_world import IN_TRYTON, TICK, PostingWorld

_MAPPINGS = IN_TRYTON, replace(IN_TRYTON, company="2")


class TwoLedgers(PostingWorld):
    """It is in the first until the first of the `moves`, each of which takes it to the other. Both number alike.

    They have one connection; `not_called_at` says when nobody calls it.
    """

    def __init__(
        self, watch: Callable[[str, Any], Any], does: Capabilities, erp: Callable[..., FakeErp] = FakeErp
    ) -> None:
        super().__init__(watch)
        self.erps = {mapping.books: erp(self.clock.now, does=does) for mapping in _MAPPINGS}
        self.erp = self.erps[self.here]
        self.not_called_at: Callable[[datetime], NotCalled | None] = lambda _: None
        self.moves: list[datetime] = []
        self.has_moved = False

    @property
    def here(self) -> str:
        """The books that it is mapped to now."""
        return self.books.erp.books

    def move(self) -> None:
        self.has_moved = True
        self.books.erp = next(mapping for mapping in _MAPPINGS if mapping.books != self.here)
        self.erp = self.erps[self.here]

    def tick(self) -> None:
        if self.moves and self.clock.now() >= self.moves[0]:
            del self.moves[0]
            self.move()
        self.not_called = self.not_called_at(self.clock.now() + TICK)
        super().tick()

    def held(self) -> Iterator[tuple[str, Held]]:
        """Yield what either ledger has, with its books."""
        for books, erp in self.erps.items():
            yield from ((books, one) for one in erp.held)

    def elsewhere(self) -> Iterator[Held]:
        """Yield what the ledger has that it is not mapped to now."""
        return (one for books, one in self.held() if books != self.here)

    def remove(self, books: str, document: Held) -> None:
        self.erps[books].held = [one for one in self.erps[books].held if one is not document]
