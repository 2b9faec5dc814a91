"""Answers on their way to the sender: at once, or as late, cut off and out of order as a fault has it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulators.erp.legacy_files.folder import Folder
from simulators.http.faults import Fault


@dataclass(frozen=True, slots=True)
class Answer:
    """Acknowledgement and response of a file that was taken; `half` is a response for the first of its documents."""

    acknowledgement: bytes
    response: bytes
    half: bytes


@dataclass(frozen=True, slots=True)
class _Later:
    due_at: datetime
    name: str
    content: bytes


class Outbox:
    def __init__(self, now: Callable[[], datetime], *, late_by: timedelta) -> None:
        self._now = now
        self._late_by = late_by
        self._answered: dict[str, Answer] = {}
        self._refused: dict[str, bytes] = {}
        self._later: list[_Later] = []

    def has_answered(self, file: str) -> bool:
        return file in self._answered

    def answer(self, folder: Folder, file: str, answer: Answer, fault: Fault | None) -> None:
        self._answered[file] = answer
        ack, rsp = answer.acknowledgement, answer.response
        match fault:
            case Fault.ANSWER_NEVER:
                pass
            case Fault.ANSWER_LATE:
                self._write_later(file, ack=ack, rsp=rsp)
            case Fault.ANSWERS_OUT_OF_ORDER:
                _write(folder, file, rsp=rsp)
                self._write_later(file, ack=ack)
            case Fault.ANSWER_TRUNCATED:
                _write(folder, file, ack=ack[: len(ack) // 2], rsp=rsp[: len(rsp) // 2])
                self._write_later(file, ack=ack, rsp=rsp)
            case Fault.ANSWER_HALF:
                _write(folder, file, ack=ack, rsp=answer.half)
                self._write_later(file, rsp=rsp)
            case _:
                _write(folder, file, ack=ack, rsp=rsp)

    def answer_again(self, folder: Folder, file: str) -> None:
        answer = self._answered[file]
        _write(folder, file, ack=answer.acknowledgement, rsp=answer.response)

    def refuse(self, folder: Folder, file: str, acknowledgement: bytes) -> None:
        """Write a refusal, once: a file that waits for another one is looked at often."""
        if self._refused.get(file) != acknowledgement:
            self._refused[file] = acknowledgement
            _write(folder, file, ack=acknowledgement)

    def write_next(self, name: str, content: bytes) -> None:
        """Write a file with the next look."""
        self._later.append(_Later(self._now(), name, content))

    def write_what_is_due(self, folder: Folder) -> None:
        due = [later for later in self._later if later.due_at <= self._now()]
        self._later = [later for later in self._later if later.due_at > self._now()]
        for later in due:
            folder.answer(later.name, later.content)

    def _write_later(self, file: str, **answers: bytes) -> None:
        due_at = self._now() + self._late_by
        self._later += [_Later(due_at, f"{file}.{suffix}", content) for suffix, content in answers.items()]


def _write(folder: Folder, file: str, **answers: bytes) -> None:
    for suffix, content in answers.items():
        folder.answer(f"{file}.{suffix}", content)
