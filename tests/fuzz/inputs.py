"""Inputs made of a number: the same number makes the same bytes on every machine, as long as events/ is the same.

Half are samples of events/ that are bent, byte by byte; half are written by the grammar of an event, with faults at
every place where one may be. Few are large.
"""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

EVENTS = Path(__file__).parents[2] / "events"
SAMPLES = tuple(path.read_bytes() for path in sorted(EVENTS.glob("usage-*.json")))
HTTP_SAMPLE: dict[str, Any] = json.loads((EVENTS / "aws/accept_usage.json").read_bytes())

_ARRIVALS = tuple(datetime(2026, 1, 15, tzinfo=UTC) + timedelta(days=days) for days in (0, 59, 400))
_ONE_IN_A_THOUSAND = 0.001
# What each contract's data holds: Q stands for a quantity.
_DATA = {
    "usage:1": {"customer": '"acme"', "meter": '"api_calls"', "value": "Q", "region": '"eu"', "unit": '"call"'},
    "usage:2": {"meter": '"api_calls"', "quantity": "Q", "dimensions": '{"region":"eu"}'},
    "transfer:1": {"gb": "Q", "region": '"eu"'},
    "transfer:2": {"gigabytes": "Q", "region": '"eu"', "cached": "false"},
    "transfer:3": {"gigabytes": "Q", "region": '"eu"'},
    "storage:1": {"size": "Q", "object_id": '"o1"', "debug": '"x"'},
    "storage:2": {"bytes": "Q", "object_id": '"o1"', "region": '"eu"', "cold": "true", "ratio": "0.5"},
    "gateway_health:1": {"open_connections": "Q", "uptime": '{"days":3}'},
}
_KINDS = ("recorded",) * 7 + ("voided", "amended", "heartbeat")
_OTHER_DATA: dict[str, Callable[[str], str]] = {
    "voided": lambda _: '{"id":"event-1000","reason":"a test"}',
    "amended": lambda usage: f'{{"id":"event-1000","reason":"a test","usage":{usage}}}',
    "heartbeat": lambda _: '{"sent_from":"2026-01-15T10:00:00Z","sent_until":"2026-01-15T11:00:00Z","events":7}',
}
Request = dict[str, Any]
_TEXTS = (
    "acme",
    "",
    "api_calls",
    "eu",
    "ü",
    "\u0000",
    "\ud800",
    "\ufffe",
    "x" * 257,
    "a\u2028b",
    "1",
    "true",
    "é" * 256,
)
_NUMBERS = (
    "0", "-0", "1", "25", "-1", "0.1", "1e3", "1E+2", "1e-18", "1e-19", "1e999", "1e-999", "1e400000000", "1" * 65,
    "999999999999999.999999999999999999", "1000000000000000", "NaN", "Infinity", "-Infinity", "01", "1.", ".5", "+1",
    "0x10", "1_000", "0.000000000000000000", "1.10", "\u0661",
)  # fmt: skip
_TIMES = (
    "2026-01-15T10:07:31Z", "2026-01-15T10:07:31.250Z", "2026-01-15t10:07:31+02:00", "2026-01-15 10:07:31-23:59",
    "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
    "2026-01-15T10:07:31", "2026-01-15T24:00:00Z", "2026-01-15T23:59:60Z", "2026-01-15T10:07:31.1234567890Z", "",
)  # fmt: skip
_PIECES = (
    b'"', b"[", b"]", b"{", b"}", b",", b":", b"\\", b"\\u", b"\\ud800", b"\\u0000", b"\xff", b"\xed\xa0\x80", b"\x00",
    b"\xef\xbb\xbf", b"\n", b" ", b"null", b"true", b"NaN", b"-", b"1e999", b'"id":', b'"data":{',
    b'"specversion":"1.0"',    b"urn:usage-contract:", b"usage:2", b"[[[[[[[[[[[[[[[[[", b"}" * 20, b'","', b"9" * 400,
)  # fmt: skip
_MEMBERS = ("meter", "quantity", "subject", "unit", "dimensions", "unique_key", "customer", "status", "region", "extra")
_ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype", "data", "ext")


def arrival(number: int) -> datetime:
    return _ARRIVALS[number % len(_ARRIVALS)]


def record(number: int) -> bytes:
    """Return what may be put on the stream."""
    return _any_bytes(Random(number))


def request(number: int) -> Request:
    """Return a request of the gateway: its frame is the gateway's, body and headers are anybody's."""
    chance = Random(number)
    body = _any_bytes(chance)
    encoded = chance.random() < 0.7
    text = b64encode(body).decode() if encoded else body.decode(errors="surrogateescape")
    if chance.random() < 0.1:
        text = text[: chance.randrange(len(text) + 1)] + chance.choice(("=", "*", "ü", "\ud800", "\n"))
    kinds = ("application/cloudevents-batch+json", "application/cloudevents+json", "application/json", "")
    tails = ("", "; charset=utf-8", ';charset="UTF-8"', "; charset=latin-1", ";;", "; =", " ")
    headers = {"content-type": kinds[not body.lstrip().startswith(b"[")]}
    if chance.random() < 0.2:
        headers = {"content-type": chance.choice(kinds) + chance.choice(tails)}
    if chance.random() < 0.1:
        headers["content-encoding"] = chance.choice(("gzip", "identity", ""))
    sender: Request = chance.choice(
        ({}, {"authorizer": {"jwt": {"claims": {"sub": "acme"}}}}, {"authorizer": {"jwt": {"claims": {}}}})
    )
    context = {"timeEpoch": int(arrival(number).timestamp() * 1000), **sender}
    body_members = {} if chance.random() < 0.02 else {"body": text, "isBase64Encoded": encoded}
    return {**HTTP_SAMPLE, "headers": headers, "requestContext": context, "body": None, **body_members}


def _any_bytes(chance: Random) -> bytes:
    if chance.random() < _ONE_IN_A_THOUSAND:
        return chance.choice(_LARGE)(chance)
    if chance.random() < 0.5:
        data, bends = chance.choice(SAMPLES), chance.choice((1, 1, 2, 4, 8))
    else:
        data, bends = _written(chance), chance.choice((0, 0, 0, 0, 1))
    for _ in range(bends):
        data = chance.choice(_BENDS)(chance, data)
    return data


def _written(chance: Random) -> bytes:
    """Write an event, or an array of some."""
    if chance.random() < 0.8:
        return _event(chance).encode(errors="surrogatepass")
    events = ",".join(_event(chance) for _ in range(chance.randrange(6)))
    return f"[{events}]".encode(errors="surrogatepass")


def _event(chance: Random) -> str:
    contract = chance.choice(tuple(_DATA))
    kind = chance.choice(_KINDS)
    attributes = {
        "specversion": '"1.0"',
        "id": _quoted(f"event-{chance.randrange(100)}"),
        "source": '"urn:acme:gateway"',
        "type": _quoted(f"usage.{kind}"),
        "subject": '"acme"',
        "time": _quoted(chance.choice(_TIMES) if chance.random() < 0.2 else _TIMES[0]),
        "dataschema": _quoted(f"urn:usage-contract:{contract}"),
        "data": _OTHER_DATA[kind](_data(chance, contract)) if kind in _OTHER_DATA else _data(chance, contract),
    }
    return _object(chance, attributes, _ATTRIBUTES)


def _data(chance: Random, contract: str) -> str:
    quantity = chance.choice(_NUMBERS) if chance.random() < 0.3 else str(chance.randrange(1000))
    members = {name: quantity if value == "Q" else value for name, value in _DATA[contract].items()}
    return _object(chance, members, _MEMBERS)


def _object(chance: Random, members: dict[str, str], names: tuple[str, ...]) -> str:
    """Write an object; two in five have a fault: a member missing, twice, too many, or with any value."""
    pairs = list(members.items())
    if chance.random() < 0.4:
        match chance.randrange(4):
            case 0:
                pairs.pop(chance.randrange(len(pairs)))
            case 1:
                pairs.append(chance.choice(pairs))
            case 2:
                pairs.append((chance.choice(names), _value(chance, 0)))
            case _:
                place = chance.randrange(len(pairs))
                pairs[place] = (pairs[place][0], _value(chance, 0))
    return "{" + ",".join(f"{_quoted(name)}:{value}" for name, value in pairs) + "}"


def _value(chance: Random, depth: int) -> str:
    match chance.randrange(8 if depth < 4 else 6):
        case 0 | 1:
            return chance.choice(_NUMBERS)
        case 2 | 3:
            return _quoted(chance.choice(_TEXTS))
        case 4:
            return _quoted(chance.choice(_NUMBERS))
        case 5:
            return chance.choice(("null", "true", "false"))
        case 6:
            return "[" + ",".join(_value(chance, depth + 1) for _ in range(chance.randrange(4))) + "]"
        case _:
            values = (
                f"{_quoted(chance.choice(_TEXTS))}:{_value(chance, depth + 1)}" for _ in range(chance.randrange(4))
            )
            return "{" + ",".join(values) + "}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=len(text) % 2 == 0)


def _place(chance: Random, data: bytes) -> int:
    return chance.randrange(len(data) + 1)


def _slice(chance: Random, data: bytes) -> tuple[int, int]:
    start = _place(chance, data)
    return start, min(len(data), start + chance.choice((1, 2, 8, 40, 400)))


def _flip_a_bit(chance: Random, data: bytes) -> bytes:
    if not data:
        return data
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]


def _put_a_piece(chance: Random, data: bytes) -> bytes:
    place = _place(chance, data)
    return data[:place] + chance.choice(_PIECES) + data[place:]


def _put_noise(chance: Random, data: bytes) -> bytes:
    place = _place(chance, data)
    return data[:place] + chance.randbytes(chance.choice((1, 2, 16))) + data[place:]


def _cut_out(chance: Random, data: bytes) -> bytes:
    start, end = _slice(chance, data)
    return data[:start] + data[end:]


def _cut_off(chance: Random, data: bytes) -> bytes:
    return data[: _place(chance, data)]


def _repeat(chance: Random, data: bytes) -> bytes:
    start, end = _slice(chance, data)
    return data[:start] + data[start:end] * chance.choice((2, 3, 20)) + data[end:]


def _graft(chance: Random, data: bytes) -> bytes:
    other = chance.choice(SAMPLES)
    start, end = _slice(chance, other)
    place = _place(chance, data)
    return data[:place] + other[start:end] + data[place:]


def _change_a_number(chance: Random, data: bytes) -> bytes:
    place = data.find(b": ", _place(chance, data)) + 2
    return data[:place] + chance.choice(_NUMBERS).encode() + data[place + 2 :]


def _deep(chance: Random) -> bytes:
    return chance.choice((b"[", b'{"a":', b'[{"a":[')) * chance.randrange(20_000)


def _long_text(chance: Random) -> bytes:
    filler = chance.choice((b"x", b"\\", b'\\"', b"\\u0041", "ü".encode())) * chance.randrange(70_000)
    return chance.choice(SAMPLES).replace(b"acme", filler, 1)


def _many(chance: Random) -> bytes:
    member = chance.choice((b"1", b"{}", b"[]", b'""', _event(chance).encode(errors="surrogatepass")))
    most = min(30_000, 1_100_000 // (len(member) + 1))
    return b"[" + b",".join([member] * chance.randrange(most)) + chance.choice((b"]", b""))


def _long_number(chance: Random) -> bytes:
    digits = chance.choice((b"9", b"0", b"1")) * chance.randrange(70_000)
    return chance.choice(SAMPLES).replace(b'"quantity": ', b'"quantity": ' + digits, 1)


_Bend = Callable[[Random, bytes], bytes]
_BENDS: tuple[_Bend, ...] = (
    _flip_a_bit,
    _put_a_piece,
    _put_noise,
    _cut_out,
    _cut_off,
    _repeat,
    _graft,
    _change_a_number,
)
_LARGE: tuple[Callable[[Random], bytes], ...] = (_deep, _long_text, _many, _long_number)
