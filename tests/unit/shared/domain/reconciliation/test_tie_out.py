"""The tie-out compares neighbouring stages; only a named difference is forgiven."""

from dataclasses import replace
from decimal import Decimal

from shared.domain.reconciliation.tie_out import Check, Explanation, TieOut, UsageCounts, usage_checks

BALANCED = UsageCounts(
    in_file=1004,
    refused_by_producer=1,
    received=1003,
    quarantined=9,
    telemetry=4,
    accepted=990,
    contents=980,
    not_measured=30,
    measured=950,
    measurements=980,
    metered=970,
    parked=8,
    conflicting=2,
)


def rated(left: str, right: str, *explanations: Explanation) -> Check:
    return Check(
        name="api_calls",
        left_name="metered",
        left=Decimal(left),
        right_name="rated",
        right=Decimal(right),
        unit="call",
        explanations=explanations,
    )


def test_usage_ties_when_every_delivery_is_somewhere() -> None:
    assert TieOut(usage_checks(BALANCED)).ties
    assert BALANCED.duplicates == 10


def test_telemetry_is_a_part_of_what_was_received_and_of_nothing_after_it() -> None:
    forgotten = replace(BALANCED, telemetry=3)

    assert [check.name for check in usage_checks(forgotten) if not check.ties] == ["received"]


def test_one_lost_event_does_not_tie_and_the_stage_is_named() -> None:
    lost = replace(BALANCED, metered=969)

    assert [check.name for check in usage_checks(lost) if not check.ties] == ["measured"]


def test_an_event_that_no_meter_measures_is_named_apart() -> None:
    forgotten = replace(BALANCED, not_measured=29)

    assert [check.name for check in usage_checks(forgotten) if not check.ties] == ["accepted"]


def test_a_difference_with_a_name_ties() -> None:
    assert rated("120", "100", Explanation("period not ended", Decimal(20))).ties


def test_a_difference_explained_too_generously_does_not_tie() -> None:
    over_explained = rated("120", "100", Explanation("period not ended", Decimal(21)))

    assert not over_explained.ties
    assert over_explained.unexplained == -1


def test_one_untied_check_unties_the_whole() -> None:
    assert not TieOut((rated("1", "1"), rated("2", "1"))).ties


def test_events_that_arrive_after_the_end_of_the_run_are_a_difference_with_a_name() -> None:
    sent = usage_checks(replace(BALANCED, in_file=1011, not_arrived=7))[0]

    assert sent.ties
    assert (sent.difference, [item.amount for item in sent.explanations]) == (Decimal(7), [Decimal(7)])
