"""Load a catalogue folder, or name every fault in it by file, line and path."""

from collections.abc import Sequence
from pathlib import Path

from operations.catalog.fault import CatalogFault, in_order
from operations.catalog.places import Places
from operations.catalog.source import SourceFile, Tree, UnreadableFileError, read_source
from operations.catalog.usage_contracts import ContractFolders
from shared.adapters.tax.tax_ids import StandardTaxIds
from shared.contracts.catalog import EXCHANGE_RATES, PRODUCERS, SECTIONS, USAGE_CONTRACTS, read_catalog
from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.faults import CatalogFaultCode

SUFFIXES = (".yaml", ".yml", ".json")
NAMES = (*SECTIONS, PRODUCERS, EXCHANGE_RATES)


def load_catalog(*folders: Path) -> Catalog | tuple[CatalogFault, ...]:
    """Return the catalogue of one folder, or of several read as one: a later folder adds entries to the first.

    Returns every fault at once, in the order of files and lines.
    """
    return _FolderReader(folders).load()


class _FolderReader:
    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._faults: list[CatalogFault] = []
        self._unread: set[str] = set()
        self._places = Places(str(folders[0]))

    def load(self) -> Catalog | tuple[CatalogFault, ...]:
        self._name_unknown_files()
        if not all(folder.is_dir() for folder in self._folders):
            return tuple(self._faults)
        sections = {section: self._section(section) for section in NAMES}
        contracts = ContractFolders(self._folders, self._places)
        self._faults += contracts.faults
        sections[USAGE_CONTRACTS] = contracts.entries
        result = read_catalog(sections, tax_ids=StandardTaxIds())
        if isinstance(result, Catalog) and not self._faults:
            return result
        if not isinstance(result, Catalog):
            self._faults += map(
                self._places.fault, (issue for issue in result if not self._follows_from_an_unread_file(issue))
            )
        return in_order(set(self._faults))

    def _name_unknown_files(self) -> None:
        for folder in self._folders:
            if not folder.is_dir():
                message = "it is a file, not a folder" if folder.exists() else "there is no such folder"
                self._add(str(folder), 0, "", CatalogFaultCode.FILE_MISSING, message)
                continue
            for file in sorted(folder.iterdir()):
                if file.suffix in SUFFIXES and file.stem not in NAMES:
                    message = f"its name is none of {', '.join(NAMES)}"
                    self._add(str(file), 0, "", CatalogFaultCode.FILE_UNKNOWN, message)

    def _section(self, section: str) -> Tree:
        files = [
            file for folder in self._folders for suffix in SUFFIXES if (file := folder / f"{section}{suffix}").is_file()
        ]
        if not files and section in SECTIONS:
            self._unread.add(section)
            missing = str(self._folders[0] / f"{section}.yaml")
            self._add(missing, 0, section, CatalogFaultCode.FILE_MISSING, "the file is needed, even if it is empty")
        if section == "tenant":
            return self._tenant(files)
        entries: list[Tree] = []
        for file in files:
            tree = self._read(file, section, offset=len(entries))
            if isinstance(tree, list):
                entries += tree
            elif tree is not None:
                message = "the file is a list of entries, each starting with a dash"
                self._add(str(file), 1, section, CatalogFaultCode.INVALID_VALUE, message)
        return entries

    def _tenant(self, files: Sequence[Path]) -> Tree:
        for file in files[1:]:
            self._add(str(file), 1, "tenant", CatalogFaultCode.DUPLICATE_ID, f"the tenant is already in {files[0]}")
        return self._read(files[0], "tenant", offset=0) if files else None

    def _read(self, file: Path, section: str, *, offset: int) -> Tree:
        try:
            source = read_source(file)
        except UnreadableFileError as unreadable:
            self._unread.add(section)
            self._add(str(file), unreadable.line, section, CatalogFaultCode.FILE_UNREADABLE, str(unreadable))
            return None
        self._places.add(section, str(file), 1, section)
        for local, line in source.lines.items():
            self._places.add(section + _shifted(local, offset), str(file), line, section + local)
        self._name_repeated_keys(file, section, source)
        return source.tree

    def _name_repeated_keys(self, file: Path, section: str, source: SourceFile) -> None:
        for path in source.repeated:
            key = section + path.removesuffix("(again)")
            message = "the key is already there; which of the two counts?"
            self._add(str(file), source.lines[path], key, CatalogFaultCode.KEY_TWICE, message)

    def _follows_from_an_unread_file(self, issue: Issue) -> bool:
        return issue.path in self._unread or (bool(self._unread) and issue.code in _NEED_EVERY_FILE)

    def _add(self, file: str, line: int, path: str, code: CatalogFaultCode, message: str) -> None:
        self._faults.append(CatalogFault(file=file, line=line, path=path, code=code, message=message))


_NEED_EVERY_FILE = {CatalogFaultCode.UNKNOWN_REFERENCE, CatalogFaultCode.TAX_RATE_MISSING}


def _shifted(local: str, offset: int) -> str:
    """Return a path of a file, "[0].name", as that of the whole section, whose entries started in other files."""
    if not offset or not local.startswith("["):
        return local
    index, _, rest = local[1:].partition("]")
    return f"[{int(index) + offset}]{rest}"
