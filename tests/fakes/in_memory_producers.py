"""What is known of sources, in memory (ports SignsOfLife, LastSigns and WatchedProducers)."""

from collections.abc import Collection, Mapping
from datetime import datetime

from shared.domain.producers.signs_of_life import Heard, Sign, Watch


class InMemorySignsOfLife:
    """Keeps the latest sign of each source; `writes` is what it was given, call by call."""

    def __init__(self) -> None:
        self._heard: dict[tuple[str, Sign], datetime] = {}
        self.writes: list[Heard] = []

    def record(self, heard: Heard) -> None:
        self.writes.append(dict(heard))
        for each, arrived_at in heard.items():
            self._heard[each] = max(arrived_at, self._heard.get(each, arrived_at))

    def last_heard(self, sources: Collection[str]) -> Heard:
        return {(source, sign): at for (source, sign), at in self._heard.items() if source in sources}


class InMemoryWatchedProducers:
    def __init__(self) -> None:
        self._watches: dict[str, Watch] = {}

    def watches(self) -> Mapping[str, Watch]:
        return dict(self._watches)

    def keep(self, source: str, watch: Watch) -> None:
        self._watches[source] = watch

    def end(self, source: str) -> None:
        self._watches.pop(source, None)
