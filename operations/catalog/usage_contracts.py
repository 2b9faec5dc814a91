"""Read the folders of usage contracts: contract.yaml with what governs it, and a JSON Schema for each version."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from operations.catalog.fault import CatalogFault, in_order
from operations.catalog.places import Places
from operations.catalog.source import SourceFile, Tree, UnreadableFileError, read_source
from shared.contracts.catalog import USAGE_CONTRACTS, read_usage_contracts
from shared.domain.issue import Issue
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.usage.contract_definition import ContractDefinition

_TERMS = "contract.yaml"


class ContractFolders:
    """What the `usage_contracts` folders hold, as entries of the catalogue's section, with the place of every value."""

    def __init__(self, folders: Iterable[Path], places: Places) -> None:
        self._places = places
        self.faults: list[CatalogFault] = []
        self.entries: list[Tree] = []
        for folder in folders:
            for contract in sorted((folder / USAGE_CONTRACTS).glob("*")):
                if contract.is_dir():
                    self._read(contract)
                else:
                    self._add(contract, CatalogFaultCode.FILE_UNKNOWN, "a usage contract is a folder of its own")

    def _read(self, folder: Path) -> None:
        path = f"{USAGE_CONTRACTS}[{len(self.entries)}]"
        terms = folder / _TERMS
        source = self._source(terms, path)
        if source is None:
            return
        if not isinstance(source.tree, dict):
            self._add(terms, CatalogFaultCode.INVALID_VALUE, "the file is a list of keys with their values")
            return
        entry = {**source.tree}
        if "name" in entry:
            self._add(terms, CatalogFaultCode.KEY_UNKNOWN, "the folder's name is the contract's", path="name")
        entry["name"] = folder.name
        versions = entry.get("versions")
        listed = versions if isinstance(versions, list) else []
        entry["versions"] = [
            self._with_schema(folder, f"{path}.versions[{place}]", version) for place, version in enumerate(listed)
        ]
        known = {
            terms.name,
            *(f"{one['version']}.json" for one in listed if isinstance(one, dict) and "version" in one),
        }
        for file in sorted(folder.iterdir()):
            if file.name not in known:
                self._add(file, CatalogFaultCode.FILE_UNKNOWN, f"{_TERMS} lists no version of this name")
        self.entries.append(entry)

    def _with_schema(self, folder: Path, path: str, version: Tree) -> Tree:
        number = version.get("version") if isinstance(version, dict) else None
        if not isinstance(version, dict) or not isinstance(number, str) or not number.isdecimal():
            return version
        file = folder / f"{number}.json"
        source = self._source(file, f"{path}.json_schema")
        return version if source is None else {**version, "json_schema": file.read_text(encoding="utf-8-sig")}

    def _source(self, file: Path, path: str) -> SourceFile | None:
        if not file.is_file():
            self._add(file, CatalogFaultCode.FILE_MISSING, "the file is needed")
            return None
        try:
            source = read_source(file)
        except UnreadableFileError as unreadable:
            self._add(file, CatalogFaultCode.FILE_UNREADABLE, str(unreadable), line=unreadable.line)
            return None
        self._places.add(path, str(file), 1, "")
        for local, line in source.lines.items():
            self._places.add(path + local, str(file), line, local)
        for again in source.repeated:
            message = "the key is already there; which of the two counts?"
            key = again.removesuffix("(again)")
            self._add(file, CatalogFaultCode.KEY_TWICE, message, line=source.lines[again], path=key)
        return source

    def _add(self, file: Path, code: CatalogFaultCode, message: str, *, line: int = 0, path: str = "") -> None:
        self.faults.append(CatalogFault(file=str(file), line=line, path=path.lstrip("."), code=code, message=message))


class LoadedContracts:
    """The usage contracts of one catalogue folder, by themselves; `faults` is empty when they are sound."""

    def __init__(self, folder: Path) -> None:
        self._places = Places(str(folder / USAGE_CONTRACTS))
        sources = ContractFolders([folder], self._places)
        definitions, issues = read_usage_contracts(sources.entries)
        self.definitions: Sequence[ContractDefinition] = definitions
        self._paths = {
            str(entry["name"]): f"{USAGE_CONTRACTS}[{place}]"
            for place, entry in enumerate(sources.entries)
            if isinstance(entry, dict)
        }
        found = sources.faults
        if not (folder / USAGE_CONTRACTS).is_dir():
            found.append(self.fault("", CatalogFaultCode.FILE_MISSING, "there is no such folder"))
        self.faults = in_order({*found, *map(self._places.fault, issues)})

    def fault(self, name: str, code: CatalogFaultCode, message: str, *, version: int = 0) -> CatalogFault:
        """Return a fault of a contract, or of one of its versions, at its place in the files."""
        path = self._paths.get(name, USAGE_CONTRACTS)
        issue: Issue = fault(code, f"{path}.versions[{version - 1}].json_schema" if version else path, message)
        return self._places.fault(issue)
