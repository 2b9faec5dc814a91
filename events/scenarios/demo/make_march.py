"""Makes march.jsonl, the month of usage of the demo. Run it as a script.

The same file comes out every time; a test checks that the one in the repository is it.
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MARCH = datetime(2026, 3, 1, 8, tzinfo=UTC)  # March has begun in Los Angeles too
CONTRACT = "urn:usage-contract:usage:{version}"

# subject -> events of each meter in the month
USAGE = {
    "acme-production": {"api_calls": 260, "data_transfer": 60, "peak_storage": 31, "active_users": 60, "seats": 3},
    "acme-staging": {"api_calls": 40, "data_transfer": 8},
    "globex": {"api_calls": 150, "data_transfer": 40},
    "wonka": {"api_calls": 70},
    "umbrella": {"api_calls": 120, "data_transfer": 25},
    "initech": {"api_calls": 160, "data_transfer": 45},
    "hooli-search": {"api_calls": 220, "data_transfer": 70, "peak_storage": 31, "active_users": 80, "seats": 4},
    "hooli-mail": {"api_calls": 60, "data_transfer": 20},
    "chandra": {"api_calls": 90, "data_transfer": 12},
    "wayne-labs": {"api_calls": 80, "data_transfer": 15, "active_users": 20},
}
USERS = ("ann", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "niaj")


def main() -> None:
    """Write march.jsonl beside this file."""
    (HERE / "march.jsonl").write_text("\n".join(march()) + "\n", encoding="utf-8")


def march() -> Iterator[str]:
    """Yield the lines of the file, in no particular order: products do not wait for each other."""
    chance = random.Random(20260301)  # noqa: S311 - the same month every time
    good = [event for subject, meters in USAGE.items() for event in _usage_of(subject, meters, chance)]
    yield from (json.dumps(event) for event in good)
    yield from (json.dumps(event) for event in _repeats(good, chance))
    yield from (json.dumps(event) for event in _old_contract(chance))
    yield from (json.dumps(event) for event in _late())
    yield from (json.dumps(event) for event in _unknown())
    yield from _wrong()


def _usage_of(subject: str, meters: dict[str, int], chance: random.Random) -> Iterator[dict[str, Any]]:
    for meter, count in meters.items():
        for number in range(count):
            at = MARCH + timedelta(seconds=chance.randrange(30 * 24 * 3600))
            yield _event(f"{subject}-{meter}-{number:04d}", subject, at, _measured(meter, number, chance))


def _measured(meter: str, number: int, chance: random.Random) -> dict[str, Any]:
    region = {"region": chance.choice(("eu", "us"))}
    match meter:
        case "api_calls":
            return {"meter": meter, "dimensions": region}
        case "data_transfer":
            return {"meter": meter, "quantity": f"{chance.randrange(1, 90_000) / 1000:.3f}", "dimensions": region}
        case "peak_storage":
            return {"meter": meter, "quantity": 400 + 3 * number + chance.randrange(20)}
        case "seats":
            return {"meter": meter, "quantity": 20 + 5 * number}
        case _:
            return {"meter": meter, "unique_key": chance.choice(USERS)}


def _event(event_id: str, subject: str, at: datetime, data: dict[str, Any], version: int = 2) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "/nimbus/platform",
        "type": "usage.recorded",
        "subject": subject,
        "time": at.isoformat().replace("+00:00", "Z"),
        "dataschema": CONTRACT.format(version=version),
        "data": data,
    }


def _repeats(good: list[dict[str, Any]], chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield duplicates, hours or days after the first delivery, and one that contradicts it."""
    for event in chance.sample(good, 40):
        again = datetime.fromisoformat(event["time"]) + timedelta(minutes=chance.randrange(1, 3 * 24 * 60))
        yield event | {"arrivaltime": again.isoformat()}
    first = next(event for event in good if event["data"]["meter"] == "data_transfer")
    yield first | {"data": first["data"] | {"quantity": "999999"}}


def _old_contract(chance: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(12):
        at = MARCH + timedelta(days=2 * number, hours=chance.randrange(20))
        event = _event(f"legacy-{number}", "", at, {"customer": "globex", "meter": "data_transfer", "value": 1.5}, 1)
        event["data"]["region"] = "eu"
        del event["subject"]
        yield event


def _late() -> Iterator[dict[str, Any]]:
    """Yield usage that arrives after its day was sealed, after its invoice was issued, and after the horizon."""
    transfer = {"meter": "data_transfer", "quantity": "12.5", "dimensions": {"region": "eu"}}
    for number in range(6):
        at = MARCH + timedelta(days=number)
        event = _event(f"offline-{number}", "globex", at, transfer)
        yield event | {"arrivaltime": (at + timedelta(days=9)).isoformat()}
    event = _event("offline-after-invoice", "initech", MARCH + timedelta(days=20), transfer)
    yield event | {"arrivaltime": "2026-04-04T09:00:00Z"}
    event = _event("offline-too-long", "initech", datetime(2026, 1, 20, tzinfo=UTC), transfer)
    yield event | {"arrivaltime": "2026-03-15T09:00:00Z"}
    event = _event("clock-ahead", "wonka", datetime(2026, 3, 12, 15, tzinfo=UTC), {"meter": "api_calls"})
    yield event | {"arrivaltime": "2026-03-12T09:00:00Z"}


def _unknown() -> Iterator[dict[str, Any]]:
    """Yield a customer that nobody ever registers, and a meter that no price book has."""
    for number in range(3):
        at = MARCH + timedelta(days=5 + number)
        yield _event(f"stranger-{number}", "vandelay", at, {"meter": "api_calls"})
    yield _event("gpu-1", "acme-production", MARCH + timedelta(days=9), {"meter": "gpu_hours", "quantity": 2})
    yield _event("no-such-contract", "wonka", MARCH + timedelta(days=3), {"meter": "api_calls"}, version=9)


def _wrong() -> Iterator[str]:
    """Yield what no product should send."""
    at = MARCH + timedelta(days=7)
    transfer = _event("wrong", "wonka", at, {"meter": "api_calls"})
    yield json.dumps(transfer | {"id": "negative", "data": {"meter": "data_transfer", "quantity": -3}})
    yield json.dumps(transfer | {"id": "not-a-number", "data": {"meter": "data_transfer", "quantity": float("nan")}})
    yield json.dumps(transfer | {"id": "no-time", "time": "yesterday"})
    yield json.dumps({key: value for key, value in transfer.items() if key != "id"})
    yield json.dumps(
        transfer | {"id": "too-large", "data": {"meter": "api_calls", "dimensions": {"note": "x" * 70_000}}}
    )
    yield '{"specversion": "1.0", "id": "cut-off", "source": "/nimbus/pla'


if __name__ == "__main__":
    main()
