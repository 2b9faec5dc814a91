"""How old the knowledge may be which version of master data is published."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.identifiers import CatalogVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Within `unasked` the version is not asked for again; when asking fails, what is known serves up to `at_most`.

    Both count from the last time that the answer came.
    """

    unasked: timedelta
    at_most: timedelta

    @classmethod
    def of(cls, *, unasked_seconds: int, at_most_seconds: int) -> "Freshness":
        return cls(unasked=timedelta(seconds=unasked_seconds), at_most=timedelta(seconds=at_most_seconds))

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.unasked <= self.at_most:
            raise ValueError(f"unasked for {self.unasked} is more than the {self.at_most} that is allowed at most")


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionInUse:
    """The version that is read from, None while nothing was published, and how long ago it was known to be in force."""

    version: CatalogVersion | None
    age: timedelta
