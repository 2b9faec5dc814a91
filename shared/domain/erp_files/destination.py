"""Where a legal entity's files go and how they look, by the settings of its mapping."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from shared.domain.erp_files.file_format import FileFormat, FormatSettingError
from shared.domain.erp_files.record import RecordType, width_of
from shared.domain.master_data.catalog import ErpMapping

DEFAULT_SOURCE: Final = "usage-to-cash"
_PART_OF_A_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class SftpServer:
    """The receiver's server, by the name of the connector that reaches it, and its two directories."""

    connector: str
    outbound: str
    inbound: str

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> Self | None:
        """Read the settings `sftp_connector`, `sftp_outbound` and `sftp_inbound`; None without a connector."""
        connector = settings.get("sftp_connector")
        directories = settings.get("sftp_outbound", "/outbound"), settings.get("sftp_inbound", "/inbound")
        return cls(connector, *directories) if connector else None


@dataclass(frozen=True, slots=True)
class Destination:
    """Without a server the receiver fetches the files from our bucket, and lays its answers into it."""

    source: str
    format: FileFormat
    server: SftpServer | None

    @classmethod
    def of(cls, mapping: ErpMapping) -> Self:
        """Read a mapping; raises FormatSettingError for one that no file can be written by."""
        settings = mapping.settings
        source = settings.get("source", DEFAULT_SOURCE)
        for name, field, part in (("company", "entity", mapping.company), ("source", "source", source)):
            if not _PART_OF_A_NAME.fullmatch(part):
                raise FormatSettingError(f"the {name} {part!r} cannot stand in the name of a file")
            if len(part) > (width := width_of(RecordType.HEADER, field)):
                raise FormatSettingError(f"the {name} {part!r} has more than {width} characters")
        return cls(source, FileFormat.of(settings), SftpServer.of(settings))
