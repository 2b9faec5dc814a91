"""What a simulator shows of itself under /_simulator, without credentials: ledger, documents, faults."""

from collections.abc import Callable
from typing import Protocol

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import GeneralLedger
from simulators.http import exact_json
from simulators.http.faults import FaultInjector


class Inspectable(Protocol):
    @property
    def ledger(self) -> GeneralLedger: ...

    @property
    def faults(self) -> FaultInjector: ...

    def documents(self) -> tuple[SimulatedDocument, ...]: ...


def inspection_routes(simulator: Inspectable) -> list[Route]:
    return [
        _route("ledger", lambda: PlainTextResponse(simulator.ledger.to_beancount())),
        _route("documents", lambda: _json([document.as_json() for document in simulator.documents()])),
        _route("faults", lambda: _json(_faults(simulator.faults))),
    ]


def _route(name: str, show: Callable[[], Response]) -> Route:
    async def endpoint(_: Request) -> Response:
        return show()

    return Route(f"/_simulator/{name}", endpoint, methods=["GET"])


def _faults(faults: FaultInjector) -> dict[str, object]:
    return {"writes": faults.writes, "injected": dict(faults.injected), "pending": list(faults.pending)}


def _json(value: object) -> Response:
    return Response(exact_json.dumps(value), media_type="application/json")
