"""The default event bus: rules that match an event write it, or what their template makes of it, to queues.

Moto's bus neither quotes what an input template names nor takes a template to the events of S3.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from moto.events.models import EventPattern

from operations.local.clock import SimulatedClock

# In order: an escaped character, a quotation mark, a placeholder.
_TEMPLATE_TOKEN = re.compile(r'\\.|"|<([^<>]+)>')


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTarget:
    queue_arn: str
    input_paths: Mapping[str, str]
    input_template: str | None

    def message_for(self, event: Mapping[str, Any]) -> str:
        if self.input_template is None:
            return json.dumps(event)
        return "".join(self._rendered(self.input_template, event))

    def _rendered(self, template: str, event: Mapping[str, Any]) -> Iterator[str]:
        """Yield the template with its placeholders replaced: as they are inside a text, else as JSON."""
        position, in_text = 0, False
        for token in _TEMPLATE_TOKEN.finditer(template):
            yield template[position : token.start()]
            position = token.end()
            in_text ^= token[0] == '"'
            path = self.input_paths.get(token[1] or "")
            yield token[0] if path is None else _inserted(_at(event, path), in_text=in_text)
        yield template[position:]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    pattern: Mapping[str, Any]
    targets: Sequence[EventTarget]

    def matches(self, event: Mapping[str, Any]) -> bool:
        return bool(EventPattern(None, dict(self.pattern)).matches_event(event))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class EventBus:
    """`send` gets a queue's ARN and a message."""

    rules: Sequence[EventRule]
    clock: SimulatedClock
    account: str
    region: str
    send: Callable[[str, str], None]

    def publish(self, *, source: str, detail_type: str, resources: Sequence[str], detail: Mapping[str, Any]) -> None:
        now = self.clock.now()
        event = {
            "version": "0",
            "id": str(uuid5(NAMESPACE_OID, f"{source}/{json.dumps(detail, sort_keys=True)}/{now.isoformat()}")),
            "detail-type": detail_type,
            "source": source,
            "account": self.account,
            "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": self.region,
            "resources": list(resources),
            "detail": dict(detail),
        }
        for rule in self.rules:
            if rule.matches(event):
                for target in rule.targets:
                    self.send(target.queue_arn, target.message_for(event))


def execution_ended_detail(description: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """Say of an ended execution what Step Functions says; `description` is the answer of DescribeExecution."""
    texts = ("executionArn", "stateMachineArn", "name", "status", "input", "output", "error", "cause")
    milliseconds = int(at.timestamp() * 1000)
    return {key: description.get(key) for key in texts} | {"startDate": milliseconds, "stopDate": milliseconds}


def object_created_detail(bucket: str, key: str) -> dict[str, Any]:
    """Say of a new object what S3 says."""
    return {"version": "0", "bucket": {"name": bucket}, "object": {"key": key}, "reason": "PutObject"}


def _at(event: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401 - any JSON
    value: Any = event
    for name in path.removeprefix("$.").split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _inserted(value: Any, *, in_text: bool) -> str:  # noqa: ANN401 - any JSON
    if not in_text:
        return json.dumps(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(text)[1:-1]
