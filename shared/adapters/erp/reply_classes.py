"""What a failed call means by its status alone, before any ERP's own error code is read."""

from http import HTTPStatus
from typing import assert_never

from shared.adapters.erp.session import CallResult
from shared.adapters.http.transport import CredentialsHeld, HeldBack, NoAnswer, NotSent, NotTrusted, Reply
from shared.domain.posting.outcome import (
    AuthFailed,
    LookupFailed,
    NoCredentials,
    Rejected,
    RejectionKind,
    Throttled,
    Uncertain,
    Unreached,
)


def after_failed_write(  # noqa: PLR0911 - one for each class of failure
    result: CallResult,
) -> Throttled | Uncertain | AuthFailed | Rejected | None:
    """Return what a write without success has come to; None for a refusal that only its error code explains."""
    match result:
        case AuthFailed() | Throttled():
            return result
        case CredentialsHeld(reason=reason) | NotTrusted(reason=reason):
            return AuthFailed(reason)
        case NotSent(retry_after_seconds=seconds):
            return Throttled(seconds)
        case NoAnswer(reason=reason):
            return Uncertain(reason)
        case Reply(status=HTTPStatus.TOO_MANY_REQUESTS):
            return Throttled(result.retry_after_seconds or 0)
        case Reply(status=HTTPStatus.FORBIDDEN):
            return Rejected(RejectionKind.PERMISSION, "403", "the credentials may not do this")
        case Reply(status=HTTPStatus.REQUEST_TIMEOUT as status):
            return Uncertain(f"status {status}")
        case Reply(status=status):
            is_refusal = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
            return None if is_refusal else Uncertain(f"status {status}")
        case _ as never:
            assert_never(never)


def before_any_write(result: CallResult) -> Throttled | AuthFailed | Rejected:
    """Return what a failed reading or preparing call means for the document, which was not sent yet."""
    match after_failed_write(result):
        case Uncertain():
            return Throttled(result.retry_after_seconds if isinstance(result, Reply) else None)
        case None:
            return Rejected(RejectionKind.CONFIGURATION, _status(result), "the ERP refuses a call before the document")
        case outcome:
            return outcome


def _status(result: CallResult) -> str:
    return str(result.status) if isinstance(result, Reply) else ""


def not_read(result: CallResult) -> LookupFailed:
    """Return what a call without the answer that was looked for is: with what is to be done where no answer came."""
    match result:
        case Reply():
            return LookupFailed(why_not_read(result))
        case NoCredentials(text=reason) | HeldBack(reason=reason) if not isinstance(result, CredentialsHeld):
            return Unreached(reason)
        case AuthFailed(text=reason) | CredentialsHeld(reason=reason) | NotTrusted(reason=reason):
            return Unreached(reason, refused=True)
        case _:
            why = why_not_read(result)
            return Unreached(f"it does not answer ({why}): see whether it is up, and to the addresses in its secret")


def why_not_read(result: CallResult) -> str:
    """Return in words why a look-up has no answer."""
    match result:
        case Reply(status=status):
            return f"status {status}"
        case AuthFailed(text=text):
            return text
        case Throttled(reason=reason):
            return reason or "the ERP was busy"
        case NotSent(reason=reason) | NoAnswer(reason=reason):
            return reason
        case _ as never:
            assert_never(never)
