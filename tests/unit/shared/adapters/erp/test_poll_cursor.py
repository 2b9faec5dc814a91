"""From where the next poll reads again, so that what shows late is told, and what is long over is not read twice."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.erp.poll_cursor import BEGINNING, PollCursor

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BEGUN = PollCursor(NOON - 60 * MINUTE)


def test_a_first_reading_of_old_changes_leaves_none_of_its_pages_to_be_read_again() -> None:
    first = PollCursor.read("").behind(NOON - 900 * MINUTE, 7, now=NOON)
    second = first.behind(NOON - 400 * MINUTE, 3, now=NOON)

    assert PollCursor.read("").since == BEGINNING
    assert second.next_poll(NOON - 100 * MINUTE) == PollCursor(NOON - 105 * MINUTE)


def test_the_first_page_that_was_read_near_the_present_says_where_the_next_poll_begins() -> None:
    old = BEGUN.behind(NOON - 30 * MINUTE, 7, now=NOON)
    young = old.behind(NOON - 2 * MINUTE, 9, now=NOON)
    later = young.behind(NOON + 55 * MINUTE, 4, now=NOON + 60 * MINUTE)

    assert later.next_poll(NOON + 58 * MINUTE) == PollCursor(NOON - 7 * MINUTE)


def test_a_poll_of_one_page_never_begins_the_next_before_itself() -> None:
    assert BEGUN.next_poll(BEGUN.since) == BEGUN
    assert BEGUN.behind(BEGUN.since + MINUTE, 7, now=BEGUN.since).again == BEGUN.since


@pytest.mark.parametrize(
    "cursor", [BEGUN, PollCursor(NOON, 7), PollCursor(NOON, 7, NOON - 5 * MINUTE)], ids=["begun", "amid", "near now"]
)
def test_it_is_read_as_it_was_written(cursor: PollCursor) -> None:
    assert PollCursor.read(str(cursor)) == cursor
