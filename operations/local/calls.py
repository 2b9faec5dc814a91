"""Every call to AWS and over HTTP passes here: stand-ins answer some, and all made in a function are observed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import httpx
from botocore.client import BaseClient

from operations.local.patching import replaced

Moment = Literal["before", "after"]
# Called with the function's name, the moment and the operation: "dynamodb.PutItem", or "POST /path" over HTTP.
CallObserver = Callable[[str, Moment, str], None]
Answer = Callable[[BaseClient, dict[str, Any]], Any]

_make_api_call = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 - botocore has no other seam
_send = httpx.Client.send


def call_aws(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401
    """Make a call that no stand-in answers and nobody observes."""
    return _make_api_call(client, operation, parameters)


@contextmanager
def intercepted_calls(answers: Mapping[str, Answer], observe: Callable[[Moment, str], None]) -> Iterator[None]:
    """Route the operations named in `answers` ("service.Operation") to the stand-ins, and observe every call."""

    def make_api_call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401
        called = f"{client.meta.service_model.service_name}.{operation}"
        observe("before", called)
        answer = answers.get(called)
        result = answer(client, parameters) if answer else _make_api_call(client, operation, parameters)
        observe("after", called)
        return result

    def send(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:  # noqa: ANN401
        called = f"{request.method} {request.url.path}"
        observe("before", called)
        response = _send(client, request, **options)
        try:
            observe("after", called)
        except BaseException:
            response.close()  # a machine that dies takes its connections along
            raise
        return response

    with replaced(BaseClient, "_make_api_call", make_api_call), replaced(httpx.Client, "send", send):
        yield


def client_error(client: BaseClient, operation: str, code: str, message: str) -> Exception:
    """Make the exception that the real service would raise."""
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    exception: type[Exception] = client.exceptions.from_code(code)  # type: ignore[assignment]
    return exception(response, operation)
