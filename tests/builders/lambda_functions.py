"""Handlers as Lambda runs them: imported once with their settings, called with an event and a context."""

import importlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

EVENTS = Path(__file__).parents[2] / "events"


@dataclass(frozen=True)
class FakeContext:
    function_name: str
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:test"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"


def cold_start(
    function: str, monkeypatch: pytest.MonkeyPatch, **settings: str | int
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Import the handler anew under these settings; return what invokes it. Call inside mock_aws."""
    for name, value in settings.items():
        monkeypatch.setenv(name, str(value))
    module = f"functions.{function}.handler"
    sys.modules.pop(module, None)
    handler = importlib.import_module(module).handler

    def invoke(event: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = handler(event, FakeContext(function))
        return answer

    return invoke


def sample_event(function: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / "aws" / f"{function}.json").read_text())
    return event
