"""What a function's answer to a batch means, rule by rule."""

from typing import Any

import pytest

from operations.local.event_sources.mapping import failed_items

BATCH = ["1", "2", "3"]


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        ("null answer", None),
        ("empty text", ""),
        ("empty list", []),
        ("empty object", {}),
        ("empty list of failures", {"batchItemFailures": []}),
        ("null failures", {"batchItemFailures": None}),
    ],
)
def test_the_whole_batch_succeeds(rule: str, answer: Any) -> None:
    assert failed_items(answer, BATCH, reports_item_failures=True) == frozenset(), rule


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        ("empty identifier", {"batchItemFailures": [{"itemIdentifier": ""}]}),
        ("null identifier", {"batchItemFailures": [{"itemIdentifier": None}]}),
        ("identifier under another key", {"batchItemFailures": [{"foo": "2"}]}),
        ("null under another key", {"batchItemFailures": [{"foo": None}]}),
        ("identifier not in the batch", {"batchItemFailures": [{"itemIdentifier": "4"}]}),
        ("one good identifier, one not in the batch", {"batchItemFailures": [{"itemIdentifier": x} for x in "24"]}),
        ("number for an identifier", {"batchItemFailures": [{"itemIdentifier": 2}]}),
        ("failures are no list", {"batchItemFailures": {"itemIdentifier": "2"}}),
        ("failure is no object", {"batchItemFailures": ["2"]}),
        ("text that is no JSON object", "done"),
    ],
)
def test_the_whole_batch_fails(rule: str, answer: Any) -> None:
    assert failed_items(answer, BATCH, reports_item_failures=True) == frozenset(BATCH), rule


def test_the_items_reported_fail() -> None:
    answer = {"batchItemFailures": [{"itemIdentifier": "3"}, {"itemIdentifier": "2"}, {"itemIdentifier": "3"}]}

    assert failed_items(answer, BATCH, reports_item_failures=True) == {"2", "3"}


def test_an_answer_means_nothing_where_the_mapping_does_not_ask_for_it() -> None:
    answer = {"batchItemFailures": [{"itemIdentifier": "2"}]}

    assert failed_items(answer, BATCH, reports_item_failures=False) == frozenset()
