"""Platform events that nobody of ours reports, written as messages of the exceptions queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import CfnResource, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedException:
    """What an event says as an exception. `paths` names parts of the event, to be used as `<name>` in the texts."""

    code: str
    tenant: str
    subject: str
    message: str
    detail: Mapping[str, str]
    paths: Mapping[str, str]


class ExceptionReport(Construct):
    """A rule of the default bus: each event that matches opens one exception, however often it is delivered."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pattern: events.EventPattern,
        report: ReportedException,
        exceptions: sqs.IQueue,
        undelivered: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        rule = events.Rule(
            self,
            "Rule",
            event_pattern=pattern,
            targets=[targets.SqsQueue(exceptions, dead_letter_queue=undelivered)],
        )
        resource = rule.node.default_child
        assert isinstance(resource, CfnResource)
        # Set on the resource: the construct takes the quotes off whole values, and moto then reads them as no JSON.
        resource.add_property_override(
            "Targets.0.InputTransformer",
            {
                "InputPathsMap": {"time": "$.time", **report.paths},
                "InputTemplate": Stack.of(self).to_json_string(_message(report)),
            },
        )


def _message(report: ReportedException) -> dict[str, Any]:
    raised = {
        "exception_id": f"{report.code}:{report.subject}",
        "tenant": report.tenant,
        "code": report.code,
        "subject": report.subject,
        "message": report.message,
        "raised_at": "<time>",
        "detail": dict(report.detail),
    }
    return {"raise": [raised], "resolve": []}
