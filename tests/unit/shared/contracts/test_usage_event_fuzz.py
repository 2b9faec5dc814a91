"""Whatever bytes arrive, the contract answers with events or with coded reasons, the same ones every time."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.usage_event.registry import read_record
from shared.domain.exception_record import ExceptionCode
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import fingerprint
from shared.domain.usage.rejection import Rejected
from tests.fakes.usage import as_bytes, usage_v1, usage_v2

EXAMPLES = settings(max_examples=300, deadline=None, derandomize=True)
WEIRD_TEXT = st.text(st.characters(), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WEIRD_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WEIRD_TEXT, inner, max_size=4),
    max_leaves=12,
)
GOOD = as_bytes(usage_v2())


def check(data: bytes) -> None:
    first, second = read_record(data), read_record(data)

    assert list(first) == list(second)
    for event in first:
        match event:
            case UsageEvent():
                assert len(fingerprint(event)) == 32
            case Rejected(code=code, reason=reason):
                assert code in ExceptionCode
                assert reason
                json.dumps([reason, event.source, event.event_id], ensure_ascii=False).encode()


@EXAMPLES
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    check(data)


@EXAMPLES
@given(JSON)
def test_any_json(value: object) -> None:
    check(as_bytes(value))


@EXAMPLES
@given(st.sampled_from([usage_v1, usage_v2]), st.data())
def test_an_event_with_one_attribute_of_any_kind(build: Any, data: st.DataObject) -> None:
    event = build()
    target = data.draw(st.sampled_from([event, event["data"]]))
    target[data.draw(st.sampled_from(sorted(target)) | WEIRD_TEXT)] = data.draw(JSON)

    check(as_bytes(event))


@EXAMPLES
@given(st.lists(st.sampled_from([GOOD, GOOD[:90], b'"', b"[", b"]", b"{", b"}", b",", b"\\", b"\xff"]), max_size=12))
def test_any_mixture_of_pieces_in_an_array(pieces: list[bytes]) -> None:
    check(b"[" + b"".join(pieces))


@EXAMPLES
@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=3))
def test_an_event_with_bytes_overwritten(place: int, noise: bytes) -> None:
    check(GOOD[:place] + noise + GOOD[place + len(noise) :])


@EXAMPLES
@given(JSON)
def test_no_member_harms_its_neighbours(value: object) -> None:
    first, *_, last = read_record(b"[" + GOOD + b"," + as_bytes(value) + b"," + GOOD + b"]")

    assert isinstance(first, UsageEvent)
    assert first == last
