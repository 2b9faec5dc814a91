"""An event's id is a function of the record it comes from, in every process and in every language."""

from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import pytest

from shared.domain.metering.layout import BucketLayout
from usage_producer import event_id
from usage_producer.identity import hash_key_of, lane_of

HASH_KEYS = 2**128
LAYOUT = '[{"version": 1, "valid_from": "1970-01-01T00:00:00Z", "groups": 4, "slice_minutes": 1440}]'

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "producers.md"
# For whoever writes a client in another language.
VECTORS = [
    (("urn:acme:gateway", "request-7001", "api_calls"), "84c85ff356728ccba581301c0dda2193"),
    (("urn:acme:gateway", "request-7001", "egress_bytes"), "7c740355e726ce07dac0133ffa511a02"),
    (("urn:acme:gäteway", "Zeile 12 · Datei 3", "api_calls"), "a91c2cd5c5d52ea73070a7fac03fe87c"),
]


@pytest.mark.parametrize(("record", "known"), VECTORS)
def test_ids_are_the_published_ones(record: tuple[str, str, str], known: str) -> None:
    assert event_id(*record) == known


def test_the_guide_has_the_same_ids() -> None:
    rows = [f"| `{source}` | `{key}` | `{meter}` | `{known}` |" for (source, key, meter), known in VECTORS]

    assert "\n".join(rows) in GUIDE.read_text(encoding="utf-8")


def test_two_records_share_no_id_because_their_texts_run_together() -> None:
    assert event_id("urn:acme:a", "bc", "api_calls") != event_id("urn:acme:ab", "c", "api_calls")


def test_a_subject_takes_the_lane_that_is_its_group_in_the_ledger() -> None:
    layout = BucketLayout.parse(LAYOUT)

    for subject in ("acme", "globex", "wonka", "Ümläut GmbH", "x" * 256):
        assert lane_of(subject, 4) == layout.home(subject, datetime(2026, 3, 15, tzinfo=UTC)).group


@pytest.mark.parametrize("shards", [1, 2, 4])
def test_four_lanes_spread_evenly_over_the_shards_where_their_md5_would_not(shards: int) -> None:
    places = [int(hash_key_of(lane)) * shards // HASH_KEYS for lane in range(4)]

    assert sorted(places) == sorted([*range(shards)] * (4 // shards))


def test_the_id_is_a_plain_hash_that_any_language_has() -> None:
    expected = blake2b(b"urn:acme:gateway\x00request-7001\x00api_calls", digest_size=16).hexdigest()

    assert event_id("urn:acme:gateway", "request-7001", "api_calls") == expected
