"""Answers to executions that wait for an approval (port ApprovalCallbacks)."""

import json
from typing import TYPE_CHECKING

from shared.runtime.logging import logger

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class TaskTokenApprovalCallbacks:
    def __init__(self, client: "SFNClient") -> None:
        self._client = client

    def answer(self, task_token: str, *, approved: bool) -> None:
        errors = self._client.exceptions
        try:
            self._client.send_task_success(taskToken=task_token, output=json.dumps({"approved": approved}))
        except (errors.TaskTimedOut, errors.TaskDoesNotExist, errors.InvalidToken) as error:
            # The decision is stored with the invoice: an execution that asks again is answered from there.
            logger.warning("nobody waits for this approval", extra={"error": type(error).__name__})
