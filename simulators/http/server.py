"""Serves a simulator on a free port of 127.0.0.1 from a thread of its own."""

import asyncio
import socket
import threading
from asyncio import BaseTransport, Transport
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

START_SECONDS_MAX = 20
STOP_SECONDS_MAX = 10
STOP_SECONDS_OF_A_CALL = 1
IDLE_CONNECTION_SECONDS = 30
CONNECTIONS_MAX = 200


class ServerDidNotStartError(RuntimeError):
    """The server's thread did not come up in time."""


class ServerDidNotStopError(RuntimeError):
    """The server's thread did not end in time."""


class _DroppableConnection(H11Protocol):
    """Lets the app reach the connection of a request, to close it without an answer."""

    def connection_made(self, transport: BaseTransport) -> None:
        assert isinstance(transport, Transport)
        super().connection_made(transport)
        self.app_state = {**self.app_state, "connection": transport}


class _PromptServer(uvicorn.Server):
    """Says when it listens, and stops when it is told: uvicorn by itself looks ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = asyncio.Event()

    def stop(self) -> None:
        """Tell it from another thread."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is idle, and give calls that are under way a second to be answered."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            _, unfinished = await asyncio.wait(self.server_state.tasks, timeout=STOP_SECONDS_OF_A_CALL)
            for task in unfinished:
                task.cancel()
        for _ in range(2):
            await asyncio.sleep(0)  # closed connections say goodbye in the next turn of the loop


@contextmanager
def serve(app: Starlette) -> Iterator[str]:
    """Yield the root URL (http://127.0.0.1:PORT, no slash at the end); stop the server at exit.

    Raises ServerDidNotStartError and ServerDidNotStopError.
    """
    # With the protocol named, asyncio sends small writes at once; else each answer's body waits 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = _PromptServer(_config(app))
    thread = threading.Thread(target=server.run, args=([listener],), name="simulator", daemon=True)
    thread.start()
    try:
        if not server.listening.wait(START_SECONDS_MAX):
            raise ServerDidNotStartError
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.stop()
        thread.join(STOP_SECONDS_MAX)
        listener.close()
        if thread.is_alive():
            raise ServerDidNotStopError


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_DroppableConnection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,  # each simulator has a clock of its own
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=IDLE_CONNECTION_SECONDS,
    )
