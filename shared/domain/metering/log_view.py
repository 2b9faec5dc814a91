"""What a writer knows of a log: its last slot, and the ids in slots 1 to last. What is stale costs a retry, no more."""

from collections import OrderedDict
from collections.abc import Sequence

from shared.domain.metering.slot import FINGERPRINT_BYTES, Content, Log, NumberedSlot, Seal, UsageSlot, require_unbroken

IDENTITY_DIGITS = 24
_DIGITS = 2 * FINGERPRINT_BYTES


_LOOKS_AFTER_A_LOST_RACE = 8


class LogView:
    """A log as far as it was read or confirmed. `counted` maps identities to fingerprints, in hex.

    A writer that is alone puts without looking. One that lost a race looks first, which costs less than another lost
    put, until it has found nothing new a few times.
    """

    def __init__(self) -> None:
        self.last = 0
        self.sealed = False
        self.counted: dict[str, str] = {}
        self._looks = 0

    @property
    def is_shared(self) -> bool:
        return self._looks > 0 and not self.sealed

    def lose_race(self, slots: Sequence[NumberedSlot]) -> None:
        """Take in what others wrote where this writer wanted to write."""
        self._looks = _LOOKS_AFTER_A_LOST_RACE
        self.absorb(slots)

    def look(self, slots: Sequence[NumberedSlot]) -> None:
        """Take in what was found before a put: others' slots, or nothing."""
        self._looks = _LOOKS_AFTER_A_LOST_RACE if slots else self._looks - 1
        self.absorb(slots)

    def absorb(self, slots: Sequence[NumberedSlot]) -> None:
        """Take in the slots that follow the last one known; raise LogHasGapError if one is missing."""
        require_unbroken(slots, after=self.last)
        for slot in slots:
            self.confirm(slot.number, slot.content)

    def confirm(self, number: int, content: Content) -> None:
        """Take in a slot that is in the log for certain. The last slot is that number, never one more than before."""
        match content:
            case Seal():
                self.sealed = True
            case UsageSlot(fingerprints=fingerprints):
                digits = fingerprints.hex()
                each = [digits[start : start + _DIGITS] for start in range(0, len(digits), _DIGITS)]
                self.counted.update({fingerprint[:IDENTITY_DIGITS]: fingerprint for fingerprint in each})
        self.last = number


class LogViews:
    """The views that a process keeps, least recently used first out, bounded by the ids in them."""

    def __init__(self, most_ids: int) -> None:
        self._most_ids = most_ids
        self._views: OrderedDict[Log, LogView] = OrderedDict()

    def find(self, log: Log) -> LogView | None:
        view = self._views.get(log)
        if view is not None:
            self._views.move_to_end(log)
        return view

    def keep(self, log: Log, view: LogView) -> None:
        self._views[log] = view
        self._views.move_to_end(log)

    def trim(self) -> None:
        """Let go of the oldest views until the rest fits. Between batches only: a view in use must not be lost."""
        ids = sum(len(view.counted) for view in self._views.values())
        while self._views and ids > self._most_ids:
            _, view = self._views.popitem(last=False)
            ids -= len(view.counted)
