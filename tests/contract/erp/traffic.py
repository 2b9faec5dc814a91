"""What an adapter sends and a simulator answers, recorded on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from shared.adapters.http.transport import Exchange, HttpTransport, Reply, Request


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests with a complete reply, in their order."""

    calls: list[tuple[Request, Reply]] = field(default_factory=list)


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Traffic]:
    traffic, exchange = Traffic(), HttpTransport.exchange

    def exchange_and_keep(transport: HttpTransport, request: Request) -> Exchange:
        result = exchange(transport, request)
        if isinstance(result, Reply):
            traffic.calls.append((request, result))
        return result

    with monkeypatch.context() as patch:
        patch.setattr(HttpTransport, "exchange", exchange_and_keep)
        yield traffic
