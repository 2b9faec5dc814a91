"""Replies of Dynamics 365 Finance, each of which means one thing, and the batches that carry them."""

import pytest

from shared.adapters.erp.dynamics_finance.changeset import changeset, failure_in
from shared.adapters.erp.dynamics_finance.errors import after_failure
from shared.adapters.erp.session import CallResult
from shared.adapters.http.exact_json import write_json
from shared.adapters.http.transport import NoAnswer, NotSent, Reply
from shared.domain.posting.outcome import (
    AuthFailed,
    Duplicate,
    Rejected,
    RejectionKind,
    Throttled,
    Uncertain,
)

WRITE_FAILED = "Write failed for table row of type 'FreeTextInvoiceLine'. Infolog: Error: "
BATCH = {"content-type": "multipart/mixed; boundary=b"}
CREATED = "Content-Type: application/http\r\n\r\nHTTP/1.1 201 Created\r\n\r\n{}\r\n"


def said(status: int, text: str) -> Reply:
    error = {"code": "", "message": "An error has occurred.", "innererror": {"message": text}}
    return Reply(status, {}, write_json({"error": error}).encode())


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        (
            said(400, WRITE_FAILED + "The value '9' in field 'X' is not found in the related table."),
            RejectionKind.MAPPING,
        ),
        (said(500, WRITE_FAILED + "Fiscal period for 10/31/2026 is not open."), RejectionKind.PERIOD),
        (said(500, WRITE_FAILED + "Invoice FTI-1 is posted."), RejectionKind.VALIDATION),
        (said(400, "The property 'Nothing' does not exist."), RejectionKind.VALIDATION),
        (Reply(403, {}, b""), RejectionKind.PERMISSION),
    ],
)
def test_what_the_erp_itself_refuses_is_rejected(result: CallResult, kind: RejectionKind) -> None:
    outcome = after_failure(result)

    assert isinstance(outcome, Rejected)
    assert outcome.kind is kind


def test_a_record_that_exists_is_a_duplicate() -> None:
    assert after_failure(said(400, WRITE_FAILED + "The record already exists.")) == Duplicate()


@pytest.mark.parametrize(
    "result",
    [
        said(500, "The transaction was rolled back."),
        Reply(500, {}, b""),
        Reply(400, {"content-type": "text/html"}, b"<html>400</html>"),
        Reply(400, {}, b'{"error":'),
        Reply(400, {}, b'{"error":"no object"}'),
        Reply(404, {}, b"[]"),
        Reply(418, {}, b""),
        Reply(502, {}, b"<html>502</html>"),
        Reply(504, {}, b""),
        Reply(408, {}, b""),
        NoAnswer("ReadTimeout"),
    ],
)
def test_what_is_not_the_erps_own_word_says_nothing(result: CallResult) -> None:
    assert isinstance(after_failure(result), Uncertain)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (Reply(429, {"retry-after": "30"}, b""), Throttled(30)),
        (NotSent("ConnectError"), Throttled()),
        (AuthFailed("no token"), AuthFailed("no token")),
    ],
)
def test_what_was_not_processed(result: CallResult, outcome: Throttled | AuthFailed) -> None:
    assert after_failure(result) == outcome


def test_a_batch_is_one_changeset_of_all_rows() -> None:
    body = changeset("LedgerJournalLines", [{"LineNumber": 1, "Text": "ü"}, {"LineNumber": 2}]).decode()

    assert body.count("POST /data/LedgerJournalLines HTTP/1.1\r\n") == 2
    assert body.startswith(
        "--batch_u2c\r\nContent-Type: multipart/mixed; boundary=changeset_u2c\r\n\r\n--changeset_u2c\r\n"
    )
    assert body.endswith("--changeset_u2c--\r\n--batch_u2c--\r\n")


def test_a_changeset_is_done_when_each_operation_is() -> None:
    inner = f"--c\r\n{CREATED}--c\r\n{CREATED}--c--\r\n"
    body = f"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n{inner}--b--\r\n".encode()

    assert failure_in(Reply(200, BATCH, body), created=2) is None
    with pytest.raises(ValueError, match="2 of 3"):
        failure_in(Reply(200, BATCH, body), created=3)


def test_one_refusal_stands_for_the_whole_changeset() -> None:
    body = b"--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 400 Bad Request\r\nX: y\r\n\r\n{}\r\n--b--\r\n"

    failure = failure_in(Reply(200, BATCH, body), created=2)

    assert failure == Reply(400, {}, b"{}")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, {"content-type": "application/json"}, b"{}"),
        Reply(200, BATCH, b"<html>"),
        Reply(200, BATCH, b"--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 nonsense\r\n\r\n--b--"),
        Reply(200, BATCH, b"--b\r\nContent-Type: text/plain\r\n\r\nbusy\r\n--b--"),
        Reply(200, BATCH, f"--b\r\n{CREATED}".encode()[:40]),
    ],
)
def test_half_a_reply_to_a_batch_is_no_reply(reply: Reply) -> None:
    with pytest.raises(ValueError, match=r"operation|batch"):
        failure_in(reply, created=1)
