"""Write signs of life down seldom (port SignsOfLife): once a minute and source, a bounded number at a time."""

from datetime import UTC, datetime

from shared.domain.producers.signs_of_life import RECORDED_EVERY, Heard, Sign
from shared.ports.signs_of_life import SignsOfLife

MOST_AT_ONCE = 200  # more sources than that in one batch of a shard are not heard in time
MOST_REMEMBERED = 10_000
_NEVER = datetime.max.replace(tzinfo=UTC)


class SeldomSigns:
    """What is not due yet, and what is too much at once, is left to the batches to come.

    Sources that were heard of before go first: names that a producer makes up by the thousand push nobody aside.
    """

    def __init__(self, signs: SignsOfLife) -> None:
        self._signs = signs
        self._recorded: dict[tuple[str, Sign], datetime] = {}

    def record(self, heard: Heard) -> None:
        recorded = self._recorded
        due = [each for each, at in heard.items() if each not in recorded or at - recorded[each] >= RECORDED_EVERY]
        due.sort(key=lambda each: recorded.get(each, _NEVER))
        chosen = {each: heard[each] for each in due[:MOST_AT_ONCE]}
        if chosen:
            self._signs.record(chosen)
        for each, at in chosen.items():
            recorded.pop(each, None)  # what was written down last is forgotten last
            recorded[each] = at
        while len(recorded) > MOST_REMEMBERED:
            del recorded[next(iter(recorded))]
