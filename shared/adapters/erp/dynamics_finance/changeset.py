"""One changeset of creations in an OData $batch (multipart/mixed): all of them or none."""

from collections.abc import Mapping, Sequence
from email import message_from_bytes
from email.message import Message
from typing import Final

from shared.adapters.http.exact_json import write_json
from shared.adapters.http.transport import Reply

HEADERS: Final = {"Content-Type": "multipart/mixed; boundary=batch_u2c", "Accept": "multipart/mixed"}
_CRLF: Final = "\r\n"


def changeset(entity_set: str, rows: Sequence[Mapping[str, object]]) -> bytes:
    """Return the body of a batch that creates the rows in their order."""
    lines = [
        "--batch_u2c",
        "Content-Type: multipart/mixed; boundary=changeset_u2c",
        "",
        *(line for place, row in enumerate(rows, start=1) for line in _part(entity_set, row, place)),
        "--changeset_u2c--",
        "--batch_u2c--",
        "",
    ]
    return _CRLF.join(lines).encode()


def failure_in(reply: Reply, *, created: int) -> Reply | None:
    """Return the reply that undid the changeset; None where so many rows were created. Raises ValueError for neither.

    The batch itself is answered with 200 whatever came of it.
    """
    statuses: list[Reply] = [_inner(part) for part in _leaves(_parsed(reply))]
    for inner in statuses:
        if not inner.succeeded:
            return inner
    if len(statuses) != created:
        raise ValueError(f"{len(statuses)} of {created} operations are answered")
    return None


def _part(entity_set: str, row: Mapping[str, object], place: int) -> list[str]:
    return [
        "--changeset_u2c",
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        f"Content-ID: {place}",
        "",
        f"POST /data/{entity_set} HTTP/1.1",
        "Content-Type: application/json",
        "",
        write_json(row),
    ]


def _parsed(reply: Reply) -> Message:
    content_type = reply.headers.get("content-type", "")
    if not content_type.startswith("multipart/"):
        raise ValueError("the reply to the batch is no batch")
    return message_from_bytes(f"Content-Type: {content_type}{_CRLF}{_CRLF}".encode() + reply.body)


def _leaves(message: Message) -> list[Message]:
    if message.get_content_type() == "application/http":
        return [message]
    if not message.is_multipart():
        raise ValueError("the reply to the batch has a part that is no reply")
    return [leaf for part in message.get_payload() if isinstance(part, Message) for leaf in _leaves(part)]


def _inner(part: Message) -> Reply:
    payload = part.get_payload(decode=True)
    head, _, body = (payload if isinstance(payload, bytes) else b"").partition(b"\r\n\r\n")
    words = head.decode("ascii", "replace").split(_CRLF)[0].split(" ")
    if len(words) < 2 or not words[1].isdigit():  # noqa: PLR2004 - the protocol and the status
        raise ValueError("the reply to an operation has no status")
    return Reply(int(words[1]), {}, body.strip())
