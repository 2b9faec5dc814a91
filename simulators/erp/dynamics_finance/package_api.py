"""The actions of the package API, and the blob store that packages are uploaded to."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from simulators.erp.dynamics_finance.books import CompanyBooks, Environment
from simulators.erp.dynamics_finance.dialect import bad_request
from simulators.erp.dynamics_finance.imports import Execution, Imports
from simulators.http.exchange import Call, Handler, Operation, Refusal, Reply, json_reply

ACTIONS = "/data/DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities."
DATA_PROJECTS = frozenset({"GeneralJournalImport"})
ENTITY = "General journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageApi:
    """Handlers over the imports of one environment; companies by their key in lower case."""

    environment: Environment
    companies: Mapping[str, CompanyBooks]
    imports: Imports

    def operations(self) -> list[Operation]:
        reads: dict[str, tuple[str, Handler]] = {
            "get_execution_status": ("GetExecutionSummaryStatus", self._status),
            "get_execution_errors": ("GetExecutionErrors", self._errors),
            "get_staging_error_file": ("GetImportStagingErrorFileUrl", self._staging_error_file),
            "generate_error_keys": ("GenerateImportTargetErrorKeysFile", self._generate_error_keys),
            "get_error_keys_file": ("GetImportTargetErrorKeysFileUrl", self._error_keys_file),
        }
        writes: dict[str, tuple[str, Handler]] = {
            "get_write_url": ("GetAzureWriteUrl", self._write_url),
            "import_package": ("ImportFromPackage", self._import),
        }
        return [
            *(_action(name, *of, writes=False) for name, of in reads.items()),
            *(_action(name, *of, writes=True) for name, of in writes.items()),
            Operation(
                name="upload_package",
                method="PUT",
                path="/dmf/{blob}",
                handler=self._upload,
                writes=True,
                protected=False,
            ),
            Operation(name="download", method="GET", path="/dmf/{blob}", handler=self._download, protected=False),
        ]

    def _write_url(self, call: Call) -> Reply:
        name = str(call.json_object().get("uniqueFileName") or uuid5(NAMESPACE_URL, call.address))
        self.imports.blobs[name] = None
        blob_id = f"{{{str(uuid5(NAMESPACE_URL, name)).upper()}}}"
        return _value(call, json.dumps({"BlobId": blob_id, "BlobUrl": _url(call, name)}))

    def _upload(self, call: Call) -> Reply:
        name = self._blob(call)
        if call.headers.get("x-ms-blob-type") != "BlockBlob":
            return Reply(
                status=400, body=b"<Error><Code>MissingRequiredHeader</Code></Error>", media_type="application/xml"
            )
        self.imports.blobs[name] = call.body
        return Reply(status=201)

    def _download(self, call: Call) -> Reply:
        return Reply(status=200, body=self.imports.blobs[self._blob(call)] or b"", media_type="text/csv")

    def _import(self, call: Call) -> Reply:
        sent = call.json_object()
        named = {books.setup.names.get("data_project") for books in self.companies.values()}
        if sent.get("definitionGroupId") not in DATA_PROJECTS | named:
            raise bad_request(f"The data project {sent.get('definitionGroupId')} does not exist.")
        package = self.imports.blobs.get(urlsplit(str(sent.get("packageUrl"))).path.rpartition("/")[2])
        books = self.companies.get(str(sent.get("legalEntityId")).lower())
        if package is None or books is None or sent.get("execute") is not True:
            raise bad_request("The package, its legal entity or what to do with it is not known.")
        now = self.environment.now()
        execution_id = str(sent.get("executionId") or uuid5(NAMESPACE_URL, str(now)))
        starts_at = now + self.imports.delay / 2
        execution = Execution(
            books=books, package=package, fault=call.fault, starts_at=starts_at, ends_at=now + self.imports.delay
        )
        self.imports.start(execution_id, execution)
        return _value(call, execution_id)

    def _status(self, call: Call) -> Reply:
        execution = self.imports.executions.get(str(call.json_object().get("executionId")))
        return _value(call, "Unknown" if execution is None else execution.status)

    def _errors(self, call: Call) -> Reply:
        return _value(call, json.dumps([{"Message": text} for text in self._execution(call).errors]))

    def _staging_error_file(self, call: Call) -> Reply:
        text = self._execution(call).staging_error
        return _value(call, self._file(call, "staging", text) if text else "")

    def _generate_error_keys(self, call: Call) -> Reply:
        return _value(call, bool(self._execution(call).failed_keys))

    def _error_keys_file(self, call: Call) -> Reply:
        keys = self._execution(call).failed_keys
        return _value(call, self._file(call, "keys", "\r\n".join(["LINENUMBER", *keys, ""])) if keys else "")

    def _file(self, call: Call, kind: str, text: str) -> str:
        name = f"{kind}-{call.json_object()['executionId']}.csv"
        self.imports.blobs[name] = text.encode()
        return _url(call, name)

    def _execution(self, call: Call) -> Execution:
        sent = call.json_object()
        execution = self.imports.executions.get(str(sent.get("executionId")))
        if execution is None or sent.get("entityName", ENTITY) != ENTITY:
            raise bad_request("The execution does not exist.")
        return execution

    def _blob(self, call: Call) -> str:
        name = call.path["blob"]
        if name not in self.imports.blobs or call.query.get("sig") != _signature(name):
            raise Refusal(403, "AuthenticationFailed", "The signature does not fit.")
        return name


def _action(name: str, action: str, handler: Callable[[Call], Reply], *, writes: bool) -> Operation:
    return Operation(name=name, method="POST", path=ACTIONS + action, handler=handler, writes=writes)


def _value(call: Call, value: object) -> Reply:
    return json_reply(200, {"@odata.context": f"{call.address}#Edm", "value": value})


def _url(call: Call, name: str) -> str:
    address = urlsplit(call.address)
    return f"{address.scheme}://{address.netloc}/dmf/{name}?sv=2024-11-04&sr=b&sig={_signature(name)}"


def _signature(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]
