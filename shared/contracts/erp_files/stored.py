"""Staged documents, files and their progress as they are stored."""

import zlib

from pydantic import TypeAdapter

from shared.domain.erp_files.delivery_file import DeliveryFile
from shared.domain.erp_files.progress import FileProgress
from shared.domain.erp_files.staged_document import StagedDocument, Verdict
from shared.domain.posting.readings import Settlement

_STAGED = TypeAdapter(StagedDocument)
_FILE = TypeAdapter(DeliveryFile)
_PROGRESS = TypeAdapter(FileProgress)
_VERDICT = TypeAdapter(Verdict)
_SETTLEMENTS = TypeAdapter(tuple[Settlement, ...])


def pack_staged(document: StagedDocument) -> bytes:
    """Write what never changes of a document; `file` and `verdict` are stored beside it."""
    return zlib.compress(_STAGED.dump_json(document, exclude={"file", "verdict"}))


def unpack_staged(packed: bytes) -> StagedDocument:
    return _STAGED.validate_json(zlib.decompress(packed))


def pack_file(file: DeliveryFile) -> bytes:
    return zlib.compress(_FILE.dump_json(file))


def unpack_file(packed: bytes) -> DeliveryFile:
    return _FILE.validate_json(zlib.decompress(packed))


def pack_progress(progress: FileProgress) -> bytes:
    return zlib.compress(_PROGRESS.dump_json(progress))


def unpack_progress(packed: bytes) -> FileProgress:
    return _PROGRESS.validate_json(zlib.decompress(packed))


def pack_settlements(told: tuple[Settlement, ...]) -> bytes:
    return zlib.compress(_SETTLEMENTS.dump_json(told))


def unpack_settlements(packed: bytes) -> tuple[Settlement, ...]:
    return _SETTLEMENTS.validate_json(zlib.decompress(packed))


def pack_verdict(verdict: Verdict) -> str:
    return _VERDICT.dump_json(verdict).decode()


def unpack_verdict(text: str) -> Verdict:
    return _VERDICT.validate_json(text)
