"""The Starlette side: turns requests into calls, replies into responses, and drops connections where faults say so."""

import asyncio
import socket
import struct
from asyncio import Transport
from collections.abc import AsyncIterator, Iterable
from contextlib import nullcontext
from datetime import datetime
from email.utils import format_datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from simulators.http.exchange import Call, Delivery, Operation, Refusal, Reply
from simulators.http.front_door import FrontDoor


class ReplyLostError(ConnectionError):
    """A fault drops the connection, but the app is not served by `serve`, so there is none to drop."""


def make_app(*, door: FrontDoor, operations: Iterable[Operation], inspection: Iterable[Route]) -> Starlette:
    async def no_such_address(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        text = f"{request.method} {request.url.path} is not part of this simulator"
        return _response(door.dialect.refused(Refusal(status, "BadRequest_NotFound", text)), door.now())

    routes = [_route(operation, door) for operation in operations]
    return Starlette(routes=[*routes, *inspection], exception_handlers={404: no_such_address, 405: no_such_address})


def _route(operation: Operation, door: FrontDoor) -> Route:
    async def endpoint(request: Request) -> Response:
        if int(request.headers.get("content-length", "0")) > door.dialect.body_bytes_max:
            text = f"a body may have {door.dialect.body_bytes_max} bytes"
            return _response(door.dialect.refused(Refusal(413, "BadRequest_TooLarge", text)), door.now())
        with door.limits.under_way() if operation.protected else nullcontext():
            reply = door.answer(await _call(request, door), operation)
        if reply is None:
            return await _drop(request)
        match reply.delivery:
            case Delivery.WHOLE:
                return _response(reply, door.now())
            case Delivery.DRIPPING:
                return _streamed(reply, _drops(reply.body, door.faults.plan.drip_seconds), door.now())
            case Delivery.CUT_OFF:
                return _streamed(reply, _half(reply.body, _connection(request)), door.now())

    return Route(operation.path, endpoint, methods=[operation.method], name=operation.name)


async def _call(request: Request, door: FrontDoor) -> Call:
    return Call(
        method=request.method,
        address=str(request.url.replace(query="", fragment="")),
        path=request.path_params,
        query=dict(request.query_params),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
        arrived_at=door.now(),
        repeated=request.query_params.multi_items(),
    )


async def _drop(request: Request) -> Response:
    """Close the connection; what is returned then is written to nobody."""
    _connection(request).close()
    await request.receive()  # until the server has noticed, or it would answer 500 for us
    return Response()


def _connection(request: Request) -> Transport:
    connection: Transport | None = getattr(request.state, "connection", None)
    if connection is None:
        raise ReplyLostError("the reply is lost")
    return connection


async def _drops(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    for byte in body:
        yield bytes([byte])
        await asyncio.sleep(seconds)


async def _half(body: bytes, connection: Transport) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    no_goodbye = struct.pack("ii", 1, 0)
    connection.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_goodbye)
    connection.abort()
    await asyncio.Event().wait()  # until the server has noticed, or it would miss the other half


def _streamed(reply: Reply, body: AsyncIterator[bytes], now: datetime) -> Response:
    whole = _response(reply, now)
    streamed = StreamingResponse(body, status_code=reply.status)
    streamed.raw_headers = whole.raw_headers  # the length among them, which is that of the whole body
    return streamed


def _response(reply: Reply, now: datetime) -> Response:
    headers = {"date": format_datetime(now + reply.clock_ahead, usegmt=True), **reply.headers}
    if reply.body:
        headers["content-type"] = reply.media_type
    response = Response(content=reply.body, status_code=reply.status, headers=headers)
    response.raw_headers += [(b"set-cookie", cookie.encode()) for cookie in reply.cookies]
    return response
