"""What became of a request to load and import a file, in the scheduler's own words: a JSON text inside of JSON.

The request that a caller knows loads the file. The import is a job below it, and a job below that one: the load may
have succeeded, and say so for all of them, where the import has not.
"""

import base64
import binascii
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from shared.adapters.erp.oracle_fusion.resources import FusionResources, Unread
from shared.domain.posting.outcome import RejectionCode, RejectionKind

_RESOURCE: Final = "erpintegrations"
SUCCEEDED: Final = frozenset({"SUCCEEDED", "COMPLETED", "SUCCEEDED_WITH_WARNINGS"})
FAILED: Final = frozenset(
    {"ERROR", "FAILED", "WARNING", "CANCELLED", "EXPIRED", "VALIDATION_FAILED", "ERROR_MANUAL_RECOVERY"}
)
_LOG_BYTES_MAX: Final = 1024 * 1024
_CODE: Final = re.compile(r"\bE[A-Z](?:\d{2}|[A-Z]{2}\d)\b")
_KINDS: Final = {"EP": RejectionKind.PERIOD, "EF": RejectionKind.MAPPING, "EC": RejectionKind.MAPPING}


class Progress(Enum):
    RUNNING = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    UNKNOWN = auto()  # the scheduler has no such request


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an import failed, as its log has it."""

    kind: RejectionKind
    code: str
    text: str


class FusionJobs:
    """The scheduler of one connection."""

    def __init__(self, resources: FusionResources) -> None:
        self._resources = resources

    def progress(self, request_id: str) -> Progress | Unread:
        page = self._resources.page(_RESOURCE, finder=f"ESSExecutionDetailsRF;requestId={request_id}")
        if isinstance(page, Unread):
            return page
        if not page.rows:
            return Progress.UNKNOWN
        try:
            statuses = set(_statuses(json.loads(page.rows[0]["RequestStatus"])))
        except (KeyError, TypeError, ValueError, RecursionError):
            return Unread("the status of the request is no JSON text")
        return _progress(statuses)

    def knows_file(self, file_name: str) -> bool | Unread:
        """Tell whether a file of this name was ever uploaded, whatever became of it."""
        unused = "docAccount=#NULL,comment=#NULL"
        page = self._resources.page(
            _RESOURCE, finder=f"DocumentIdsByFilePrefixRF;filePrefix={file_name.removesuffix('.zip')},{unused}"
        )
        return page if isinstance(page, Unread) else bool(page.rows)

    def failure(self, request_id: str) -> Failure:
        """Return what the logs name as the reason; the bare fact where they cannot be read."""
        page = self._resources.page(_RESOURCE, finder=f"ESSJobExecutionDetailsRF;requestId={request_id},fileType=LOG")
        rows = () if isinstance(page, Unread) else page.rows
        text = _log(rows[0].get("DocumentContent")) if rows else ""
        found = _CODE.search(text)
        if found is None:
            unsaid = RejectionCode.IMPORT_FAILED
            return Failure(unsaid.kind, unsaid, f"the job log of request {request_id} says why")
        line = next(one for one in text.splitlines() if found.group() in one)
        return Failure(_KINDS.get(found.group()[:2], RejectionKind.VALIDATION), found.group(), line.strip())


def _statuses(node: Any) -> Iterator[str]:  # noqa: ANN401 - JSON of unknown depth
    """Yield the status of every job, whether jobs and their children come alone or in lists."""
    if isinstance(node, list):
        for one in node:
            yield from _statuses(one)
    elif isinstance(node, dict):
        if isinstance(node.get("STATUS"), str):
            yield node["STATUS"].upper()
        for name in ("JOBS", "CHILD"):
            yield from _statuses(node.get(name))


def _progress(statuses: set[str]) -> Progress:
    """Return what all jobs come to: a status that nobody has heard of is a job that has not ended."""
    if not statuses or statuses - SUCCEEDED - FAILED:
        return Progress.RUNNING
    return Progress.FAILED if statuses & FAILED else Progress.SUCCEEDED


def _log(content: object) -> str:
    """Return the texts of an archive in base64, as far as they are small enough to be read."""
    if not isinstance(content, str):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(content, validate=True))) as archive:
            small = [one for one in archive.infolist() if one.file_size <= _LOG_BYTES_MAX]
            return "\n".join(archive.read(one).decode("utf-8", "replace") for one in small[:10])
    except (binascii.Error, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return ""
