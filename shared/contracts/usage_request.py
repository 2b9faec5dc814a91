"""The wire of POST /usage-events: a request of API Gateway (payload format 2.0) in, an answer or a problem out."""

import json
from binascii import Error as NotBase64Error
from binascii import a2b_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from shared.domain.usage.intake import Accepted, Answer, Unconfirmed
from shared.domain.usage.rejection import Rejected

MAX_BODY_BYTES = 1024 * 1024  # of a stream record: no event that ingest would take is refused here for its size
BATCH, SINGLE = "application/cloudevents-batch+json", "application/cloudevents+json"
RETRY_AFTER_SECONDS = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

HttpResponse = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRequest:
    """A body of the announced shape, when it arrived (UTC), and who sent it: an ARN, or the subject of a token."""

    body: bytes
    received_at: datetime
    principal: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A request that is refused before any event of it is read. The detail is for people and holds no payload."""

    status: HTTPStatus
    detail: str


def read_usage_request(event: Mapping[str, Any]) -> UsageRequest | Problem:
    """Check type and size before anything is parsed."""
    headers = event.get("headers", {})
    if headers.get("content-encoding", "identity") != "identity":
        return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body is compressed; send it as it is")
    media_type, charset = _content_type(headers.get("content-type", ""))
    if media_type not in (BATCH, SINGLE) or charset not in ("", "utf-8"):
        return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the content type is neither {BATCH} nor {SINGLE}, in UTF-8")
    body = request_body(event)
    if isinstance(body, Problem):
        return body
    if body.lstrip(b" \t\r\n").startswith(b"[") != (media_type == BATCH):
        shape = "an array of events" if media_type == BATCH else "one event, an object"
        return Problem(HTTPStatus.BAD_REQUEST, f"{media_type} is {shape}, and the body is not")
    context = event["requestContext"]
    return UsageRequest(
        body=body,
        received_at=_EPOCH + timedelta(milliseconds=context["timeEpoch"]),
        principal=_principal(context.get("authorizer", {})),
    )


def _content_type(header: str) -> tuple[str, str]:
    media_type, _, parameters = header.partition(";")
    name, _, value = parameters.partition("=")
    charset = value.strip().strip('"') if name.strip().lower() == "charset" else parameters.strip()
    return media_type.strip().lower(), charset.lower()


def request_body(event: Mapping[str, Any]) -> bytes | Problem:
    """Return the body of a request of API Gateway, decoded and of at most 1 MiB."""
    text = event.get("body") or ""
    encoded = event.get("isBase64Encoded", False)
    if (len(text) * 3 // 4 - 2 if encoded else len(text)) > MAX_BODY_BYTES:
        return _too_large()
    try:
        body = a2b_base64(text, strict_mode=True) if encoded else text.encode(errors="surrogatepass")
    except (NotBase64Error, ValueError):
        return Problem(HTTPStatus.BAD_REQUEST, "the body is announced as base64 and is not")
    return body if len(body) <= MAX_BODY_BYTES else _too_large()


def _too_large() -> Problem:
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body has more than {MAX_BODY_BYTES} bytes")


def _principal(authorizer: Mapping[str, Any]) -> str:
    match authorizer:
        case {"iam": {"userArn": str(arn)}}:
            return arn
        case {"jwt": {"claims": {"sub": str(subject)}}}:
            return subject
        case _:
            return ""


def problem_response(problem: Problem) -> HttpResponse:
    return _response(problem.status, _problem(problem.status, problem.detail))


def usage_response(answers: Sequence[Answer]) -> HttpResponse:
    """Answer each event in its order, under a status that is right for who reads nothing else.

    202: the stream has all of them. 207: it has some, and the others are refused for good. 400: all are refused. 503:
    of some it is not known; send the request again, repeats count once.
    """
    kinds = {type(answer) for answer in answers}
    results = [_result(answer) for answer in answers]
    if Unconfirmed in kinds:
        problem = _problem(HTTPStatus.SERVICE_UNAVAILABLE, "the stream did not confirm every event: send again")
        response = _response(HTTPStatus.SERVICE_UNAVAILABLE, problem | {"results": results})
        response["headers"]["retry-after"] = str(RETRY_AFTER_SECONDS)
        return response
    if kinds == {Rejected}:
        problem = _problem(HTTPStatus.BAD_REQUEST, "no event meets its contract; the results say why")
        return _response(HTTPStatus.BAD_REQUEST, problem | {"results": results})
    return _response(HTTPStatus.MULTI_STATUS if Rejected in kinds else HTTPStatus.ACCEPTED, {"results": results})


def _result(answer: Answer) -> dict[str, str]:
    named = {"source": answer.source, "id": answer.event_id}
    match answer:
        case Accepted():
            return named | {"status": "accepted"}
        case Unconfirmed():
            return named | {"status": "retry"}
        case Rejected():
            return named | {"status": "rejected", "code": answer.code, "reason": answer.reason}


def _problem(status: HTTPStatus, detail: str) -> dict[str, Any]:
    return {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}


def _response(status: HTTPStatus, content: Mapping[str, Any]) -> HttpResponse:
    media_type = "application/problem+json" if "detail" in content else "application/json"
    return {
        "statusCode": status.value,
        "headers": {"content-type": media_type},
        "body": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
    }
