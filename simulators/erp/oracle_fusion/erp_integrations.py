"""erpintegrations: a file is uploaded and two jobs are asked for at once; both are looked at later.

importBulkData answers with the number of the request that loads the file, or with -1 where it takes the call but not
what it asks for. The load ends first; the import is a job of its own below it, and may fail after the load succeeded.
"""

import base64
import binascii
import io
import json
import zipfile
from typing import Any

from simulators.erp.oracle_fusion import payload
from simulators.erp.oracle_fusion.books import Environment, Job, UnitBooks, Upload
from simulators.erp.oracle_fusion.dialect import bad_request
from simulators.erp.oracle_fusion.gl_interface import UnreadableFileError, read_rows
from simulators.erp.oracle_fusion.journal_import import Group, ImportFailedError, import_group, post_batches
from simulators.erp.oracle_fusion.query import Entity, parse_finder
from simulators.http.exchange import Call
from simulators.http.faults import Fault

ATTRIBUTES = frozenset(
    {"OperationName", "DocumentContent", "ContentType", "FileName", "DocumentAccount", "JobName", "ParameterList"}
    | {"CallbackURL", "NotificationCode", "JobOptions", "ReqstId", "Comments", "FileType", "DocumentId"}
)
JOURNAL_IMPORT = "oracle/apps/ess/financials/generalLedger/programs/common,JournalImportLauncher"
JOURNAL_ACCOUNTS = frozenset({"fin$/generalLedger$/import$", "fin$/journal$/import$"})
PARAMETERS = 7  # data access set, source, ledger, group, and three switches
NOT_TAKEN = "-1"
NO_TEXT = "#NULL"


def import_bulk_data(environment: Environment, call: Call) -> Entity:
    """Upload the file and schedule its jobs; answers -1 for another job, account or number of parameters."""
    sent = call.json_object()
    payload.only_known(sent, known=ATTRIBUTES, resource="erpintegrations")
    if sent.get("OperationName") != "importBulkData":
        raise bad_request("This simulator knows the operation importBulkData only.")
    archive, parameters = _decoded(sent), str(sent.get("ParameterList", "")).split(",")
    is_ours = str(sent.get("JobName", "")).removeprefix("/") == JOURNAL_IMPORT
    if not is_ours or sent.get("DocumentAccount") not in JOURNAL_ACCOUNTS or len(parameters) != PARAMETERS:
        return {**_echo(sent), "ReqstId": NOT_TAKEN}
    access_set, _, ledger, group = parameters[:4]
    books = environment.unit_of_ledger(ledger)
    if access_set != str(books.access_set_id):
        return {**_echo(sent), "ReqstId": NOT_TAKEN}
    upload = _scheduled(environment, books, sent, archive, group=group, fault=call.fault)
    return {**_echo(sent), "ReqstId": str(upload.jobs[0].request_id), "DocumentId": str(upload.document_id)}


def found(environment: Environment, call: Call) -> list[Entity]:
    """Answer a finder about jobs or uploaded files; empty for what it does not know."""
    name, variables = parse_finder(call)
    match name:
        case "ESSExecutionDetailsRF":
            return [_details(upload, call) for upload in _requested(environment, variables)]
        case "ESSJobStatusRF":
            jobs = [job for upload in environment.uploads for job in upload.jobs]
            known = [job for job in jobs if str(job.request_id) == variables.get("requestId")]
            return [{"OperationName": "getESSJobStatus", "RequestStatus": _status(job, call)} for job in known]
        case "ESSJobExecutionDetailsRF":
            return [{"DocumentContent": _logs(upload)} for upload in _requested(environment, variables)]
        case "DocumentIdsByFilePrefixRF":
            prefix, account = variables.get("filePrefix", ""), variables.get("docAccount", NO_TEXT)
            return [
                {"DocumentId": str(upload.document_id), "FileName": upload.file_name}
                for upload in environment.uploads
                if upload.file_name.startswith(prefix) and account in {NO_TEXT, upload.account}
            ]
        case _:
            raise bad_request(f"The finder {name} does not exist.")


def _scheduled(
    environment: Environment,
    books: UnitBooks,
    sent: dict[str, Any],
    archive: bytes,
    *,
    group: str,
    fault: Fault | None,
) -> Upload:
    name = payload.text(sent, "FileName", width=255)
    loaded = books.now() + books.options.load_takes
    load = Job(environment.numbers.next(), "Load Interface File for Import", loaded, lambda: "ERROR")
    asked = Group(group_id=group, request_id=environment.numbers.next())
    importing = Job(asked.request_id, "Import Journals", loaded + books.options.import_takes, lambda: "ERROR", load)
    load.work = lambda: _load(books, load, archive)
    importing.work = lambda: _import(books, importing, asked, load, fault)
    upload = Upload(environment.numbers.next(), name, str(sent["DocumentAccount"]), (load, importing))
    environment.uploads.append(upload)
    return upload


def _load(books: UnitBooks, job: Job, archive: bytes) -> str:
    try:
        rows = read_rows(archive)
    except UnreadableFileError as error:
        job.log = str(error)
        return "ERROR"
    books.interface += [row | {"_load": job.request_id} for row in rows]
    return "SUCCEEDED"


def _import(books: UnitBooks, job: Job, group: Group, load: Job, fault: Fault | None) -> str:
    try:
        import_group(books, group, fault=fault)
    except ImportFailedError as error:
        job.log = str(error)
        load.status = "WARNING" if fault is Fault.IMPORT_WARNING else load.status
        return "WARNING" if fault is Fault.IMPORT_WARNING else "ERROR"
    if books.options.autopost:
        post_batches(books)
    return books.options.import_ends


def _requested(environment: Environment, variables: dict[str, str]) -> list[Upload]:
    wanted = variables.get("requestId", "")
    return [upload for upload in environment.uploads if wanted in {str(job.request_id) for job in upload.jobs[:1]}]


def _details(upload: Upload, call: Call) -> Entity:
    load, importing = upload.jobs
    status = {
        "JOBS": {
            **_job(load, call),
            "DOCUMENTNAME": upload.file_name,
            "CHILD": [
                {"JOBNAME": "Transfer File", "REQUESTID": str(load.request_id), "STATUS": _status(load, call)},
                {"JOBNAME": "Load File to Interface", "REQUESTID": str(load.request_id), "STATUS": _status(load, call)},
                {**_job(importing, call), "CHILD": {**_job(importing, call), "JOBNAME": "Import Journals: Child"}},
            ],
        }
    }
    return {
        "OperationName": "getESSExecutionDetails",
        "ReqstId": str(load.request_id),
        "RequestStatus": json.dumps(status),
    }


def _job(job: Job, call: Call) -> dict[str, str]:
    return {"JOBNAME": job.name, "REQUESTID": str(job.request_id), "STATUS": _status(job, call)}


def _status(job: Job, call: Call) -> str:
    return job.shown_status(call.arrived_at)


def _logs(upload: Upload) -> str:
    """Return the logs of all jobs as an archive in base64."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for job in upload.jobs:
            archive.writestr(f"{job.request_id}.log", f"{job.name}\n{job.log}\n")
    return base64.b64encode(packed.getvalue()).decode("ascii")


def _decoded(sent: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode(payload.text(sent, "DocumentContent", width=2**31), validate=True)
    except binascii.Error as error:
        raise bad_request("DocumentContent is not base64.") from error


def _echo(sent: dict[str, Any]) -> Entity:
    """Return what the reply repeats of the call; the content itself it does not."""
    return {name: sent.get(name) for name in sorted(ATTRIBUTES - {"DocumentContent", "ReqstId", "DocumentId"})}
