"""What stands between an adapter and the environment, and now and then answers in the environment's place."""

from collections import defaultdict
from dataclasses import dataclass, field

import httpx


@dataclass
class Gateway(httpx.BaseTransport):
    """Passes every call on for which it has no answer of its own."""

    behind: httpx.BaseTransport
    _answers: defaultdict[tuple[str, str], list[httpx.Response | None]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def answer(self, method: str, entity_set: str, *answers: httpx.Response | None) -> None:
        """Give these answers to the next calls of an entity set, in their order; None passes a call on."""
        self._answers[method, entity_set] += answers

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        entity_set = request.url.path.removeprefix("/data/").partition("(")[0]
        answers = self._answers[request.method, entity_set]
        answer = answers.pop(0) if answers else None
        return answer or self.behind.handle_request(request)


def page_of_its_own() -> httpx.Response:
    """Return what a gateway shows while the service behind it starts anew: 404, and no word of the ERP's."""
    page = b"<html><head><title>404 Web Site not found</title></head></html>"
    return httpx.Response(404, headers={"content-type": "text/html"}, content=page)


def empty_list() -> httpx.Response:
    return httpx.Response(200, json={"value": []})
