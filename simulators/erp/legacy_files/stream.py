"""One stream of files: which number comes next, what it must name as the file before, and what was answered."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from simulators.erp.legacy_files.answers import FileRefusal
from simulators.erp.legacy_files.layouts import Row
from simulators.erp.legacy_files.reading import LayoutError, rows_of
from simulators.erp.legacy_files.totals import disagreement

NO_FILE_BEFORE: Final = "0" * 64
NAME: Final = re.compile(
    r"(?P<source>[^.]+)\.(?P<entity>[^.]+)\.(?P<kind>invoice|credit_memo|journal)"
    r"\.(?P<period>[0-9]{4}-[0-9]{2})\.(?P<sequence>[0-9]{6})\.(?:csv|txt)"
)


@dataclass(frozen=True, slots=True)
class FileName:
    text: str
    entity: str
    kind: str
    sequence: int

    @classmethod
    def of(cls, text: str) -> "FileName | None":
        """Read a name; None for any other file, which is nobody's business here."""
        found = NAME.fullmatch(text)
        return cls(text, found["entity"], found["kind"], int(found["sequence"])) if found else None


@dataclass(slots=True)
class Stream:
    """`used` has the hash of every file whose number is used up."""

    used: dict[int, str] = field(default_factory=dict)

    def refusal_of(self, name: FileName, sha256: str, manifest: Mapping[str, Any]) -> FileRefusal | None:
        """Check what can be said before the records are read. A file that was taken before is refused by nobody."""
        if manifest.get("sha256") != sha256:
            return FileRefusal("DAMAGED", "size or hash is not the manifest's")
        taken = self.used.get(name.sequence)
        if taken is not None:
            return None if taken == sha256 else FileRefusal("SEQUENCE_REUSED", f"{name.sequence} was another file")
        if name.sequence != len(self.used) + 1:
            return FileRefusal("SEQUENCE_GAP", f"{len(self.used) + 1} is the next one")
        if manifest.get("previous_sha256") != self.used.get(name.sequence - 1, NO_FILE_BEFORE):
            return FileRefusal("CHAIN_BROKEN", "the file before is another one")
        return None


def checked_rows(
    name: FileName, content: bytes, manifest: Mapping[str, Any], *, off_by: int = 0
) -> Sequence[Row] | FileRefusal:
    """Return the records of a file that can be read and adds up. `off_by` is a fault's."""
    try:
        rows = rows_of(content, manifest)
    except LayoutError as error:
        return FileRefusal("LAYOUT", str(error))
    header = rows[0]
    stated = {"file": name.text, "entity": name.entity, "kind": name.kind, "sequence": name.sequence}
    if any(manifest.get(key) != value for key, value in stated.items()):
        return FileRefusal("LAYOUT", "manifest and name disagree")
    for key in ("source", "entity", "kind", "period", "previous_sha256", "created_at", "policy"):
        if header[key] != manifest.get(key):
            return FileRefusal("LAYOUT", f"manifest and header disagree about {key}")
    if header["schema_version"] != "1" or int(header["sequence"]) != name.sequence:
        return FileRefusal("LAYOUT", "schema version or sequence")
    off = disagreement(name.kind, rows, manifest, off_by=off_by)
    return FileRefusal("CONTROL_TOTALS", off) if off else rows


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
