"""How long a creation of a customer stands, and when others look again."""

from datetime import UTC, datetime, timedelta

from shared.domain.posting.customer_creation import Creation

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
BEGUN = Creation.begun(NOON, quiet_period=timedelta(minutes=16))


def test_a_creation_of_which_nobody_hears_may_come_until_its_writer_is_dead_and_the_erp_was_quiet() -> None:
    assert Creation(began_at=NOON, until=NOON + timedelta(minutes=15 + 16)) == BEGUN


def test_others_look_again_soon_while_it_is_under_way_and_at_its_end_when_it_got_lost() -> None:
    asked = [BEGUN.asked_again_after(NOON + timedelta(seconds=passed)) for passed in (0, 59, 60, 1_800, 1_859.5, 7_200)]

    assert asked == [15, 15, 1_800, 60, 15, 15]
    assert BEGUN.ending(NOON + timedelta(minutes=20)).asked_again_after(NOON + timedelta(seconds=200.5)) == 1_000
