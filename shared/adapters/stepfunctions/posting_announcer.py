"""Tell the exceptions and the waiting invoice execution what became of a posting (port PostingAnnouncer)."""

import json
import logging
from typing import TYPE_CHECKING

from shared.domain.posting.announcement import PostingAnnouncement, PostingAnswer
from shared.ports.exceptions import ExceptionReporter

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

logger = logging.getLogger(__name__)


class TaskTokenPostingAnnouncer:
    """Exceptions go first: once the execution has its answer, nothing brings this posting back."""

    def __init__(self, client: "SFNClient", exceptions: ExceptionReporter) -> None:
        self._client = client
        self._exceptions = exceptions

    def announce(self, announcement: PostingAnnouncement) -> None:
        if announcement.raised:
            self._exceptions.report(announcement.raised)
        for exception_id in announcement.resolved:
            self._exceptions.resolve(exception_id, announcement.resolution, announcement.announced_at)
        for answer in announcement.answers:
            self._answer(answer)

    def _answer(self, answer: PostingAnswer) -> None:
        output = {
            "state": answer.state.value,
            "erp_number": answer.erp_number,
            "accounting_period": answer.accounting_period,
            "reason": answer.reason,
        }
        errors = self._client.exceptions
        try:
            self._client.send_task_success(taskToken=answer.task_token, output=json.dumps(output))
        except (errors.TaskTimedOut, errors.TaskDoesNotExist, errors.InvalidToken) as error:
            # Answered before, or the execution was stopped: nobody waits, and the posting itself says how it ended.
            logger.warning("nobody waits for this posting any more: %s", type(error).__name__)
