"""Answers to executions that wait for an approval (port ApprovalCallbacks)."""

import json
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


logger = logging.getLogger(__name__)


class TaskTokenApprovalCallbacks:
    def __init__(self, client: "SFNClient") -> None:
        self._client = client

    def answer(self, task_token: str, *, approved: bool) -> None:
        errors = self._client.exceptions
        try:
            self._client.send_task_success(taskToken=task_token, output=json.dumps({"approved": approved}))
        except (errors.TaskTimedOut, errors.TaskDoesNotExist, errors.InvalidToken) as error:
            # The decision is stored with the invoice: an execution that asks again is answered from there.
            logger.warning("nobody waits for this approval any more: %s", type(error).__name__)
