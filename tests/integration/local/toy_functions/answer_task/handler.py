"""Answers the task token that a message carries, as often as the message says."""

import json
from typing import Any

from shared.runtime.aws import stepfunctions


def handler(event: dict[str, Any], context: object) -> None:
    for record in event["Records"]:
        body = json.loads(record["body"])
        if body.get("fail"):
            raise ValueError("cannot answer")
        for _ in range(body.get("times", 1)):
            stepfunctions().send_task_success(taskToken=body["token"], output=json.dumps({"posted": True}))
