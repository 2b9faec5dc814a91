"""$batch: one changeset of writes in multipart/mixed, all of them or none; the reply is 200 whatever came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from urllib.parse import unquote, urlsplit

from simulators.erp.dynamics_finance.books import Environment
from simulators.erp.dynamics_finance.dialect import bad_request, error_body
from simulators.erp.dynamics_finance.odata import shown
from simulators.erp.dynamics_finance.values import Row
from simulators.http import exact_json
from simulators.http.exchange import Call, Refusal, Reply

OPERATIONS_MAX = 5_000
BATCH, CHANGESET = "batchresponse_1", "changesetresponse_1"
CRLF = "\r\n"


@dataclass(frozen=True, slots=True)
class Operation:
    """One write of a changeset: to which entity set, and what."""

    content_id: str
    entity_set: str
    sent: Row


def operations_of(call: Call) -> list[Operation]:
    """Read the one changeset of a batch; raises a Refusal for anything else."""
    content_type = call.headers.get("content-type", "")
    if not content_type.startswith("multipart/mixed"):
        raise Refusal(415, "", "A batch is multipart/mixed.")
    batch = message_from_bytes(f"Content-Type: {content_type}{CRLF}{CRLF}".encode() + call.body)
    parts = _parts(batch)
    if len(parts) != 1 or not parts[0].is_multipart():
        raise Refusal(501, "", "This simulator takes batches of exactly one changeset.")
    operations = [_operation(part) for part in _parts(parts[0])]
    if len(operations) > OPERATIONS_MAX:
        raise bad_request(f"A batch has at most {OPERATIONS_MAX} operations.")
    return operations


def batch_reply(operations: Sequence[Operation], environment: Environment, write: Callable[[Operation], Row]) -> Reply:
    """Answer with what became of each write, or with the one refusal that undid them all."""
    try:
        with environment.changeset():
            done = [(operation, shown(write(operation))) for operation in operations]
    except Refusal as refusal:
        parts = _http(refusal.status, error_body(refusal), content_id="")
        return _reply(parts)
    answers = "".join(f"--{CHANGESET}{CRLF}{_http(201, row, content_id=one.content_id)}" for one, row in done)
    head = f"Content-Type: multipart/mixed; boundary={CHANGESET}{CRLF}{CRLF}"
    return _reply(f"{head}{answers}--{CHANGESET}--{CRLF}")


def _operation(part: Message) -> Operation:
    payload = part.get_payload(decode=True)
    head, _, body = (payload if isinstance(payload, bytes) else b"").partition(b"\r\n\r\n")
    method, _, address = head.decode("utf-8", "replace").partition(CRLF)[0].removesuffix(" HTTP/1.1").partition(" ")
    path = unquote(urlsplit(address).path)
    if part.get_content_type() != "application/http" or method != "POST" or "/data/" not in path:
        raise bad_request(f"A changeset of this simulator has writes to entity sets only, not {method} {path}.")
    sent = exact_json.loads(body)
    if not isinstance(sent, dict):
        raise bad_request("The body of an operation must be one JSON object.")
    return Operation(str(part.get("Content-ID", "")), path.rpartition("/data/")[2], sent)


def _parts(message: Message) -> list[Message]:
    if not message.is_multipart():
        raise bad_request("The batch has no parts.")
    return [part for part in message.get_payload() if isinstance(part, Message)]


def _http(status: int, value: Row, *, content_id: str) -> str:
    reason = "Created" if status == 201 else "Refused"  # noqa: PLR2004 - the status itself
    content_id_line = f"Content-ID: {content_id}{CRLF}" if content_id else ""
    return (
        f"Content-Type: application/http{CRLF}Content-Transfer-Encoding: binary{CRLF}{content_id_line}{CRLF}"
        f"HTTP/1.1 {status} {reason}{CRLF}Content-Type: application/json; odata.metadata=minimal{CRLF}{CRLF}"
        f"{exact_json.dumps(value).decode()}{CRLF}"
    )


def _reply(part: str) -> Reply:
    body = f"--{BATCH}{CRLF}{part}--{BATCH}--{CRLF}".encode()
    return Reply(status=200, body=body, media_type=f"multipart/mixed; boundary={BATCH}")
