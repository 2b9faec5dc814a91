"""What the watch over sources remembers from run to run."""

from collections.abc import Mapping
from typing import Protocol

from shared.domain.producers.signs_of_life import Watch


class WatchedProducers(Protocol):
    def watches(self) -> Mapping[str, Watch]:
        """Return the watch over each source."""

    def keep(self, source: str, watch: Watch) -> None: ...

    def end(self, source: str) -> None:
        """Forget a source. Doing so twice changes nothing."""
