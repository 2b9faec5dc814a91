"""What invokes a function that a schedule does, and a person who wants to know at once."""

from pydantic import AwareDatetime, BaseModel


class TickOrQuestion(BaseModel, frozen=True, extra="forbid"):
    """A schedule says the `time`; a person says nothing, and is told what went wrong instead of an alarm."""

    time: AwareDatetime | None = None

    @property
    def is_question(self) -> bool:
        return self.time is None
