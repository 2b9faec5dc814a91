"""The usage contract: what is read, what is refused with which code, and what a bad event may not do to others."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shared.contracts.usage_event.registry import MAX_EVENTS_IN_A_RECORD, read_record
from shared.domain.exception_record import ExceptionCode
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.rejection import Rejected
from tests.fakes.usage import as_bytes, usage_v1, usage_v2

SEVENTEEN_DIMENSIONS = dict.fromkeys("abcdefghijklmnopq", "")


def read_one(data: bytes) -> UsageEvent | Rejected:
    (event,) = read_record(data)
    assert isinstance(event, UsageEvent | Rejected)
    return event


def refusal_of(data: bytes) -> ExceptionCode:
    event = read_one(data)
    assert isinstance(event, Rejected), event
    assert event.reason
    event.reason.encode("ascii")
    return event.code


def with_quantity(json_text: str) -> bytes:
    return as_bytes(usage_v2(data={"meter": "api_calls", "quantity": 25})).replace(b"25}", json_text.encode() + b"}")


def test_contract_2_is_read_exactly() -> None:
    event = read_one(as_bytes(usage_v2(time="2026-01-15T11:07:31.25+01:00", data={
        "meter": "seats", "quantity": "1.50", "unique_key": "user-17", "dimensions": {"tier": "gold", "region": "eu"},
    })))  # fmt: skip

    assert event == UsageEvent(
        source="urn:acme:gateway",
        event_id="call-1",
        subject="acme",
        occurred_at=datetime(2026, 1, 15, 10, 7, 31, 250_000, tzinfo=UTC),
        meter="seats",  # type: ignore[arg-type]
        quantity=Decimal("1.5"),
        unique_key="user-17",
        dimensions=(("region", "eu"), ("tier", "gold")),
        contract="usage:2",
    )


def test_contract_1_reads_as_contract_2_does() -> None:
    old = usage_v1(data={"customer": "acme", "meter": "api_calls", "value": 25, "region": "eu", "unit": "call"})
    new = usage_v2(data={"meter": "api_calls", "quantity": 25, "dimensions": {"region": "eu"}})

    read = read_one(as_bytes(old))
    assert read.contract == "usage:1"
    assert replace(read, contract="usage:2") == read_one(as_bytes(new))


def test_a_quantity_left_out_is_one() -> None:
    event = read_one(as_bytes(usage_v2(data={"meter": "logins"})))

    assert isinstance(event, UsageEvent)
    assert event.quantity == 1


@pytest.mark.parametrize(
    ("json_text", "quantity"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("0.10", "0.1"),
        ("1e3", "1000"),
        ('"999999999999999.999999999999999999"', "999999999999999.999999999999999999"),
        ("0.000000000000000001000", "0.000000000000000001"),
    ],
)
def test_quantities_keep_every_digit(json_text: str, quantity: str) -> None:
    event = read_one(with_quantity(json_text))

    assert isinstance(event, UsageEvent)
    assert event.quantity == Decimal(quantity)


@pytest.mark.parametrize(
    "json_text",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "-1",
        "-0.000000000000000001",
        "1000000000000000",
        "0.0000000000000000001",
        "1e-300",
        "1E+1000000",
        "9" * 5_000,
        '"NaN"',
        '"1,000"',
        '"\u0661"',
        '" 1"',
        '""',
        '"+1"',
        "true",
        "null",
        "[1]",
        '{"amount": 1}',
    ],
)
def test_what_is_no_quantity_is_refused(json_text: str) -> None:
    assert refusal_of(with_quantity(json_text)) is ExceptionCode.INVALID_QUANTITY


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"specversion": None}, ExceptionCode.NOT_A_CLOUD_EVENT),
        ({"specversion": "0.3"}, ExceptionCode.NOT_A_CLOUD_EVENT),
        ({"id": None}, ExceptionCode.NOT_A_CLOUD_EVENT),
        ({"id": ""}, ExceptionCode.NOT_A_CLOUD_EVENT),
        ({"id": 7}, ExceptionCode.NOT_A_CLOUD_EVENT),
        ({"id": "x" * 257}, ExceptionCode.NOT_A_CLOUD_EVENT),
        ({"source": "urn:acme\x00gateway"}, ExceptionCode.NOT_A_CLOUD_EVENT),
        ({"extension": {"nested": 1}}, ExceptionCode.NOT_A_CLOUD_EVENT),
        ({"extension": float("nan")}, ExceptionCode.MALFORMED_JSON),
        ({"type": "usage.deleted"}, ExceptionCode.CONTRACT_VIOLATION),
        ({"datacontenttype": "text/csv"}, ExceptionCode.CONTRACT_VIOLATION),
        ({"datacontenttype": ["application/json"]}, ExceptionCode.CONTRACT_VIOLATION),
        ({"dataschema": None}, ExceptionCode.UNKNOWN_CONTRACT_VERSION),
        ({"dataschema": "urn:usage-contract:usage:3"}, ExceptionCode.UNKNOWN_CONTRACT_VERSION),
        ({"dataschema": ["urn:usage-contract:usage:2"]}, ExceptionCode.UNKNOWN_CONTRACT_VERSION),
        ({"time": None}, ExceptionCode.CONTRACT_VIOLATION),
        ({"time": 1_768_471_651}, ExceptionCode.CONTRACT_VIOLATION),
        ({"time": "2026-01-15T10:07:31"}, ExceptionCode.CONTRACT_VIOLATION),
        ({"time": "2026-02-30T10:07:31Z"}, ExceptionCode.CONTRACT_VIOLATION),
        ({"time": "0001-01-01T00:00:00+23:00"}, ExceptionCode.CONTRACT_VIOLATION),
        ({"time": "2026-01-15T24:00:00Z"}, ExceptionCode.CONTRACT_VIOLATION),
        ({"time": "2026-01-15T10:07:31Z\n"}, ExceptionCode.CONTRACT_VIOLATION),
        ({"subject": None}, ExceptionCode.CONTRACT_VIOLATION),
        ({"subject": "acme\ud800"}, ExceptionCode.CONTRACT_VIOLATION),
        ({"data": None}, ExceptionCode.CONTRACT_VIOLATION),
        ({"data": []}, ExceptionCode.CONTRACT_VIOLATION),
        ({"data": {}}, ExceptionCode.CONTRACT_VIOLATION),
        ({"data": {"meter": "api_calls", "quanttity": 2}}, ExceptionCode.CONTRACT_VIOLATION),
        ({"data": {"meter": "api_calls", "dimensions": {"region": 7}}}, ExceptionCode.CONTRACT_VIOLATION),
        ({"data": {"meter": "api_calls", "dimensions": {"ü" * 256: 7}}}, ExceptionCode.CONTRACT_VIOLATION),
        ({"data": {"meter": "api_calls", "dimensions": None}}, ExceptionCode.CONTRACT_VIOLATION),
        ({"data": {"meter": "m", "dimensions": SEVENTEEN_DIMENSIONS}}, ExceptionCode.CONTRACT_VIOLATION),
    ],
)  # fmt: skip
def test_what_breaks_the_contract_is_refused_with_its_code(changes: dict[str, object], code: ExceptionCode) -> None:
    assert refusal_of(as_bytes(usage_v2(**changes))) is code


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{",
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b'{"specversion": "1.0", "id": "\xe9"}',
        b"not json",
        b'"',
        b'[{"specversion": "1.0", "id": "cut',
        b"{} {}",
        b'{"id": "a", "id": "b"}',
    ],
)
def test_what_is_not_json_is_malformed(data: bytes) -> None:
    assert refusal_of(data) is ExceptionCode.MALFORMED_JSON


@pytest.mark.parametrize("data", [b"null", b"7", b'"event"', b"[null]", b"[[]]"])
def test_json_that_is_no_event_is_refused(data: bytes) -> None:
    assert refusal_of(data) is ExceptionCode.NOT_A_CLOUD_EVENT


def test_limits_come_before_parsing() -> None:
    assert refusal_of(b" " * (1024 * 1024 + 1)) is ExceptionCode.PAYLOAD_TOO_LARGE
    assert refusal_of(as_bytes(usage_v2(comment="x" * 65_536))) is ExceptionCode.PAYLOAD_TOO_LARGE
    assert refusal_of(b"[" * 200_000) is ExceptionCode.PAYLOAD_TOO_LARGE
    assert refusal_of(b'{"a":' * 1_000 + b"1" + b"}" * 1_000) is ExceptionCode.PAYLOAD_TOO_DEEP
    assert refusal_of(b'{"a":' + b"[" * 500 + b"]" * 500 + b"}") is ExceptionCode.PAYLOAD_TOO_DEEP


def test_many_brackets_are_not_a_deep_event() -> None:
    event = read_one(as_bytes(usage_v2(data={"meter": "[[[[{{{{" * 5, "dimensions": {"bracket": "}" * 40}})))

    assert isinstance(event, UsageEvent)


def test_a_refused_event_is_named_as_far_as_it_can_be_read() -> None:
    rejected = read_one(as_bytes(usage_v2(id="call-9", data={"quantity": 1})))

    assert isinstance(rejected, Rejected)
    assert (rejected.source, rejected.event_id) == ("urn:acme:gateway", "call-9")


@pytest.mark.parametrize(
    "bad",
    [
        b'{"specversion": NaN}',
        b'{"id": 1e400}',
        b'{"id": "\\ud800"}',
        b'{"id": "\xff"}',
        b"{]",
        b"",
        b"[" * 400 + b"]" * 400,
        b"9" * 5_000,
        b'{"a": 1, "a": 2}',
        b'"' + b"x" * 70_000 + b'"',
    ],
)
def test_a_bad_member_of_a_batch_stands_alone(bad: bytes) -> None:
    good = as_bytes(usage_v2())

    first, refused, last = read_record(b" [" + good + b"," + bad + b" , " + good + b"] ")

    assert (type(first), type(refused), type(last)) == (UsageEvent, Rejected, UsageEvent)


def test_a_batch_that_was_cut_keeps_what_came_before_the_cut() -> None:
    good = as_bytes(usage_v2())

    first, second, cut = read_record(b"[" + good + b"," + good + b"," + good[:100])

    assert (type(first), type(second)) == (UsageEvent, UsageEvent)
    assert isinstance(cut, Rejected)
    assert cut.code is ExceptionCode.MALFORMED_JSON


def test_text_after_a_batch_is_refused_and_the_batch_is_read() -> None:
    event, rest = read_record(b"[" + as_bytes(usage_v2()) + b"] trailing")

    assert (type(event), type(rest)) == (UsageEvent, Rejected)


def test_an_empty_batch_has_no_events() -> None:
    assert list(read_record(b" [ ] ")) == []


def test_a_flood_of_members_is_bounded() -> None:
    members = read_record(b"[" + b"1," * 300_000 + b"1]")

    assert len(members) == MAX_EVENTS_IN_A_RECORD + 1
    assert isinstance(members[-1], Rejected)
    assert members[-1].code is ExceptionCode.PAYLOAD_TOO_LARGE
