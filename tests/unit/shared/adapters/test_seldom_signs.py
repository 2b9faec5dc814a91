"""Signs of life are written down seldom, a bounded number at once, and none of a source that keeps sending is lost."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.seldom_signs import MOST_AT_ONCE, MOST_REMEMBERED, SeldomSigns
from shared.domain.producers.signs_of_life import Heard, Sign
from tests.fakes.in_memory_producers import InMemorySignsOfLife

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
GATEWAY = ("urn:nimbus:gateway", Sign.EVENT)


def at(second: int) -> datetime:
    return NOON + timedelta(seconds=second)


def test_a_source_is_written_down_once_a_minute() -> None:
    signs = InMemorySignsOfLife()
    seldom = SeldomSigns(signs)

    for second in range(0, 121, 2):
        seldom.record({GATEWAY: at(second)})

    assert signs.writes == [{GATEWAY: at(0)}, {GATEWAY: at(60)}, {GATEWAY: at(120)}]


def test_a_heartbeat_is_written_down_though_an_event_was() -> None:
    signs = InMemorySignsOfLife()
    seldom = SeldomSigns(signs)
    heartbeat = (GATEWAY[0], Sign.HEARTBEAT)

    seldom.record({GATEWAY: at(0)})
    seldom.record({GATEWAY: at(1), heartbeat: at(1)})

    assert signs.writes[1:] == [{heartbeat: at(1)}]


def test_names_by_the_thousand_are_written_in_bounded_parts_and_push_no_known_source_aside() -> None:
    signs = InMemorySignsOfLife()
    seldom = SeldomSigns(signs)
    seldom.record({GATEWAY: at(0)})
    flood: Heard = {(f"urn:nobody:{number}", Sign.EVENT): at(60) for number in range(1000)}

    seldom.record({**flood, GATEWAY: at(60)})

    assert len(signs.writes[1]) == MOST_AT_ONCE
    assert signs.writes[1][GATEWAY] == at(60)


def test_what_was_too_much_is_written_with_the_next_batch() -> None:
    signs = InMemorySignsOfLife()
    seldom = SeldomSigns(signs)
    sources: Heard = {(f"urn:nimbus:{number}", Sign.EVENT): at(0) for number in range(MOST_AT_ONCE + 50)}

    seldom.record(sources)
    seldom.record(dict.fromkeys(sources, at(2)))

    assert [len(write) for write in signs.writes] == [MOST_AT_ONCE, 50]
    assert len(signs.last_heard({source for source, _ in sources})) == len(sources)


def test_what_is_remembered_is_bounded() -> None:
    signs = InMemorySignsOfLife()
    seldom = SeldomSigns(signs)
    for number in range(MOST_REMEMBERED + 1):
        seldom.record({(f"urn:nimbus:{number}", Sign.EVENT): at(0)})
    signs.writes.clear()

    seldom.record({("urn:nimbus:0", Sign.EVENT): at(1), ("urn:nimbus:1", Sign.EVENT): at(1)})

    assert signs.writes == [{("urn:nimbus:0", Sign.EVENT): at(1)}]


def test_what_could_not_be_written_is_due_again() -> None:
    class Broken:
        def record(self, heard: Heard) -> None:
            raise ConnectionError

    seldom = SeldomSigns(broken := Broken())
    with pytest.raises(ConnectionError):
        seldom.record({GATEWAY: at(0)})
    signs = InMemorySignsOfLife()
    broken.record = signs.record  # type: ignore[method-assign]

    seldom.record({GATEWAY: at(1)})

    assert signs.writes == [{GATEWAY: at(1)}]
