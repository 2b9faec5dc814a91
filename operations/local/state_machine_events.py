"""The event that Step Functions puts on the default bus when an execution ends."""

import json
from datetime import datetime
from typing import Any


def publish_status_change(events: Any, description: dict[str, Any], *, at: datetime) -> None:  # noqa: ANN401 - a boto3 client
    """Publish the end of an execution; `description` is the answer of DescribeExecution."""
    texts = ("executionArn", "stateMachineArn", "name", "status", "input", "output", "error", "cause")
    milliseconds = int(at.timestamp() * 1000)
    detail = {key: description.get(key) for key in texts} | {"startDate": milliseconds, "stopDate": milliseconds}
    events.put_events(
        Entries=[
            {
                "Time": at,
                "Source": "aws.states",
                "DetailType": "Step Functions Execution Status Change",
                "Resources": [description["executionArn"]],
                "Detail": json.dumps(detail),
            }
        ]
    )
