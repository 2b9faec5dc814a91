"""A simulator's app called without a server: a lost reply is a read error, as over a connection that dropped."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from starlette.applications import Starlette

from simulators.http.web import ReplyLostError


@dataclass
class InProcess(httpx.BaseTransport):
    """Keeps what was sent, oldest first. `under_way` is done once, while the next answer is on its way back."""

    app: Starlette
    sent: list[httpx.Request] = field(default_factory=list)
    under_way: Callable[[], object] | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        answer = asyncio.run(self._answer(request))
        happens, self.under_way = self.under_way, None
        if happens is not None:
            happens()
        return answer

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = await httpx.ASGITransport(self.app).handle_async_request(request)
        except ReplyLostError:
            raise httpx.ReadError("the connection was closed", request=request) from None
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())
