"""A pytest plugin that runs contract suites on a ministack server where they ask for moto: see run_on_ministack.

The server's address is in AWS_ENDPOINT_URL. Whoever enters mock_aws finds it empty.
"""

import os
from contextlib import ContextDecorator
from types import TracebackType
from typing import Any

import httpx
import moto
import pytest

URL = os.environ["AWS_ENDPOINT_URL"]


class EmptyServer(ContextDecorator):
    def __enter__(self) -> None:
        httpx.post(f"{URL}/_ministack/reset").raise_for_status()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


def empty_server(function: Any = None, *, config: Any = None) -> Any:
    """Stand where mock_aws stood, as a context or a decorator; how moto should behave is nothing to a server."""
    return EmptyServer() if function is None else EmptyServer()(function)


vars(moto)["mock_aws"] = empty_server  # before any suite imports it


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    from tests.contract.stand_ins.divergences import NOT_ON_MINISTACK  # noqa: PLC0415 - it imports what asks for moto

    for item in items:
        for case, probe in NOT_ON_MINISTACK.items():
            if item.nodeid.endswith(case):
                item.add_marker(pytest.mark.xfail(reason=f"a declared divergence: {probe.__name__}", strict=True))
