"""One address and one client, behind which each test puts a simulator of its own: starting both takes longer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import httpx
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.adapters.http.transport import http_client
from simulators.http.server import serve


class Switchboard:
    """An ASGI app that is whichever app was plugged in last."""

    def __init__(self, http: httpx.Client) -> None:
        self.root = ""
        self.http = http
        self._app: ASGIApp | None = None

    def plug_in(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._app is not None, "no simulator is plugged in"
        await self._app(scope, receive, send)


@contextmanager
def one_address() -> Iterator[Switchboard]:
    with http_client() as http:
        board = Switchboard(http)
        with serve(cast("Starlette", board)) as root:
            board.root = root
            yield board
