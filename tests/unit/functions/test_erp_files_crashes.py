"""Whatever call of delivering and reading dies, before or after: each document in one file, booked once, answered."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import pytest

from tests.builders.posting import a_document
from tests.fakes.erp_files_world import ErpFilesWorld
from tests.fakes.in_memory_erp_files import InMemoryErpFiles, InMemoryFileDrop, InMemoryTransfers
from tests.fakes.mortal_port import MortalPort

MOST_CALLS = 60
DOCUMENTS = [a_document(posting_id=f"acme-{n}/2026-10/r1", number=f"DE-{n}") for n in range(2)]


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
        for document in DOCUMENTS * 2:  # the outbox submits again what it does not know of
            with suppress(ConnectionError):
                world.erp.submit(document)
        for _ in range(4):
            try:
                world.round()
            except (ConnectionError, ExceptionGroup):
                world.look()
        return cls(world, files, countdown)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_dying_at_any_call_books_each_document_once_and_answers_it(*, after: bool) -> None:
    for call in range(1, MOST_CALLS):
        history = History.of(call, after=after)

        booked = [document.external_ref for document in history.world.receiver.documents()]
        assert sorted(booked) == sorted(document.external_ref for document in DOCUMENTS), call
        assert history.files.unfinished() == (), call
        assert history.world.told() == [], call
        if history.countdown[0] > 0:
            return
    raise AssertionError("it takes more calls than are tried")
