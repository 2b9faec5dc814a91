"""Where files are exchanged: what the sender has laid out for us, and where our answers go."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

OUTBOUND, INBOUND = "outbound", "inbound"  # as the sender sees them


class Folder(Protocol):
    def offered(self) -> Mapping[str, str]:
        """Return the names of all files laid out, each with something that changes when it is laid out again."""

    def read(self, name: str) -> bytes: ...

    def answer(self, name: str, content: bytes) -> None: ...


class DirectoryFolder:
    """A directory of this machine, with one directory for each way."""

    def __init__(self, root: Path) -> None:
        self._outbound, self._inbound = root / OUTBOUND, root / INBOUND
        self._outbound.mkdir(parents=True, exist_ok=True)
        self._inbound.mkdir(parents=True, exist_ok=True)

    def offered(self) -> Mapping[str, str]:
        return {path.name: str(path.stat().st_mtime_ns) for path in self._outbound.iterdir() if path.is_file()}

    def read(self, name: str) -> bytes:
        return (self._outbound / name).read_bytes()

    def answer(self, name: str, content: bytes) -> None:
        (self._inbound / name).write_bytes(content)
