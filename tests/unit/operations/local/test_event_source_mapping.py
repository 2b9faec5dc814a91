import pytest

from operations.local.event_sources.mapping import EventSourceMapping


def mapping(record_age_seconds: int | None) -> EventSourceMapping:
    return EventSourceMapping(
        mapping_id="ingest",
        function_arn="arn:aws:lambda:eu-central-1:123456789012:function:ingest-usage",
        source_arn="arn:aws:kinesis:eu-central-1:123456789012:stream/usage-events",
        batch_size=100,
        reports_item_failures=True,
        record_age_seconds=record_age_seconds,
    )


@pytest.mark.parametrize("seconds", [None, 60, 604_800])
def test_an_age_that_lambda_knows_is_taken(seconds: int | None) -> None:
    assert mapping(seconds).record_age_seconds == seconds


@pytest.mark.parametrize("seconds", [-1, 0, 59, 604_801])
def test_an_age_that_lambda_refuses_is_refused(seconds: int) -> None:
    with pytest.raises(ValueError, match="60 to 604800"):
        mapping(seconds)
