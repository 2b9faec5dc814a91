"""A document as a simulated tax engine holds it, in words that fit every engine; what a simulator shows of itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.http import exact_json
from simulators.http.faults import FaultInjector


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDocument:
    """One recorded transaction; amounts are in currency units. `version` counts how often it was written."""

    code: str
    kind: str
    status: str  # committed or voided
    frozen: bool
    document_date: date
    currency: str
    net: Decimal
    tax: Decimal
    version: int
    reference: str

    def as_json(self) -> dict[str, object]:
        fields = {name: getattr(self, name) for name in self.__slots__}
        return fields | {"document_date": self.document_date.isoformat()}


class Inspectable(Protocol):
    @property
    def faults(self) -> FaultInjector: ...

    def documents(self) -> tuple[RecordedDocument, ...]: ...


def inspection_routes(simulator: Inspectable) -> list[Route]:
    """Serve, without credentials, what is recorded and which faults were injected."""
    return [
        _route("documents", lambda: [document.as_json() for document in simulator.documents()]),
        _route("faults", lambda: _faults(simulator.faults)),
    ]


def _route(name: str, show: Callable[[], object]) -> Route:
    async def endpoint(_: Request) -> Response:
        return Response(exact_json.dumps(show()), media_type="application/json")

    return Route(f"/_simulator/{name}", endpoint, methods=["GET"])


def _faults(faults: FaultInjector) -> dict[str, object]:
    return {"writes": faults.writes, "injected": dict(faults.injected), "pending": list(faults.pending)}
