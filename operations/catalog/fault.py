"""A fault of a catalogue folder, as its writer finds it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogFault:
    """One fault, where its writer finds it. `path` is within the section; `line` counts from 1, 0 is no line."""

    file: str
    line: int
    path: str
    code: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {' '.join(filter(None, (self.code, self.path)))}: {self.message}"


def in_order(faults: set[CatalogFault]) -> tuple[CatalogFault, ...]:
    """Return faults in the order of files and lines."""
    return tuple(sorted(faults, key=lambda fault: (fault.file, fault.line, fault.path, fault.code, fault.message)))
