"""Whatever call of delivering and reading dies, before or after: each document in one file, booked once, answered."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import pytest

from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import Posted, Ticket
from tests.builders.posting import a_document
from tests.fakes.erp_files_world import ErpFilesWorld
from tests.fakes.in_memory_erp_files import InMemoryErpFiles, InMemoryFileDrop, InMemoryTransfers
from tests.fakes.mortal_port import MortalPort

MOST_CALLS = 200
OCTOBER, NOVEMBER = (
    [a_document(posting_id=f"acme-{n}/{day:%Y-%m}/r1", posting_date=day, number=f"DE-{n}") for n in numbers]
    for day, numbers in ((date(2026, 10, 31), (1, 2)), (date(2026, 11, 30), (3, 4)))
)
DOCUMENTS = [*NOVEMBER, *OCTOBER]


@dataclass(frozen=True, slots=True)
class History:
    """A world with a server between, in which one call of all ports dies, and what it leaves."""

    world: ErpFilesWorld
    files: InMemoryErpFiles
    countdown: list[int]

    @classmethod
    def of(cls, call: int, *, after: bool) -> Self:
        """Submit, deliver and read until all is answered, as often as it takes."""
        files, folder, countdown = InMemoryErpFiles(), InMemoryFileDrop(), [call]
        mortal: list[Any] = [MortalPort(port, countdown, after=after) for port in (files, folder, InMemoryTransfers())]
        world = ErpFilesWorld(files=mortal[0], drop=mortal[1], transfers=mortal[2])
        world.folder = folder
        world.over_sftp()
        # More is staged after each round, of a period that goes first: what a dead run left is not what waits first.
        for staged in (NOVEMBER[:1], OCTOBER[:1], NOVEMBER[1:], OCTOBER[1:], [], [], []):
            for document in staged * 2:  # the outbox submits again what it does not know of
                with suppress(ConnectionError):
                    world.erp.submit(document)
            try:
                world.round()
            except (ConnectionError, ExceptionGroup):
                world.look()
        world.files = files  # whoever looks at what it left does not die
        return cls(world, files, countdown)

    def files_with(self, document: Document) -> int:
        outbound = self.world.folder.outbound
        return sum(document.external_ref.encode() in outbound[name] for name in self.world.outbound())


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_dying_at_any_call_books_each_document_once_and_answers_it(*, after: bool) -> None:
    for call in range(1, MOST_CALLS):
        history = History.of(call, after=after)

        booked = [document.external_ref for document in history.world.receiver.documents()]
        assert sorted(booked) == sorted(document.external_ref for document in DOCUMENTS), call
        outcomes = [history.world.erp.poll(Ticket(document.external_ref), document) for document in DOCUMENTS]
        assert {type(outcome) for outcome in outcomes} == {Posted}, call
        assert [history.files_with(document) for document in DOCUMENTS] == [1] * len(DOCUMENTS), call
        assert history.files.unfinished() == (), call
        assert history.world.told() == [], call
        if history.countdown[0] > 0:
            return
    raise AssertionError("it takes more calls than are tried")
