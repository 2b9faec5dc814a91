"""Where in the files of a catalogue each of its paths was written."""

from collections.abc import Iterator

from operations.catalog.fault import CatalogFault
from shared.domain.issue import Issue


class Places:
    def __init__(self, fallback: str) -> None:
        self._fallback = fallback
        self._known: dict[str, tuple[str, int, str]] = {}  # path in the catalogue -> file, line, path in the file

    def add(self, path: str, file: str, line: int, local: str) -> None:
        """Say that a path of the catalogue is at a line of a file, where it is called `local`."""
        self._known[path] = (file, line, local)

    def fault(self, issue: Issue) -> CatalogFault:
        """Return an issue with the nearest place known of it."""
        file, line, path = next(
            (
                (file, line, local + issue.path[len(known) :])
                for known in _prefixes(issue.path)
                if (place := self._known.get(known))
                for file, line, local in (place,)
            ),
            (self._fallback, 0, issue.path),
        )
        return CatalogFault(file=file, line=line, path=path.lstrip("."), code=issue.code, message=issue.message)


def _prefixes(path: str) -> Iterator[str]:
    """Yield a path and then each shorter one, "a[0].b", "a[0]", "a"."""
    while path:
        yield path
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
