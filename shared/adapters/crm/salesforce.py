"""Salesforce, REST API (port Crm): one upsert a notice, by the request's id as the record's external id.

Followed: Salesforce's REST API guide (upsert by external id, the shape of errors, the limit's error code). Never run
against Salesforce itself. The object is the customer's own to make (docs/guides/subscriptions.md).
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, assert_never
from urllib.parse import urlencode

from shared.adapters.erp.session import CallResult, ErpSession
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.exact_json import MalformedReplyError, read_object
from shared.adapters.http.transport import NoAnswer, NotSent, Reply, Request, http_transport
from shared.domain.posting.outcome import AuthFailed, Throttled
from shared.domain.subscriptions.crm_notice import CrmNotice, CrmRefused, CrmTold, CrmUnavailable, Telling
from shared.ports.clock import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SECRET_FIELDS: Final = ("base_url", "client_id", "client_secret")
_RECORD: Final = "/services/data/v62.0/sobjects/Billing_Amendment__c/Request_Id__c"
# Nothing is wrong with the notice: somebody else holds the record, or the day's calls are used up.
_PASSING: Final = {"UNABLE_TO_LOCK_ROW", "REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE"}


def salesforce(connection: str, *, secrets: "SecretsManagerClient", clock: Clock) -> "SalesforceCrm":
    """Return the CRM behind a connection, which is the name of its secret."""
    session = ErpSession(
        connection,
        credentials=ConnectionSecrets(secrets, clock),
        needed=SECRET_FIELDS,
        token_request=token_request,
        transport=http_transport(),
        clock=clock,
        tag="crm-connection",
    )
    return SalesforceCrm(session)


def token_request(secret: Mapping[str, str]) -> Request:
    form = {
        "grant_type": "client_credentials",
        "client_id": secret["client_id"],
        "client_secret": secret["client_secret"],
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    url = secret["base_url"].rstrip("/") + "/services/oauth2/token"
    return Request("POST", url, headers, urlencode(form).encode())


class SalesforceCrm:
    """One organisation."""

    def __init__(self, session: ErpSession) -> None:
        self._session = session

    def tell(self, notice: CrmNotice) -> Telling:
        body = {
            "Customer__c": notice.customer_id,
            "Contract__c": notice.contract_id,
            "Subscription__c": notice.subscription_id,
            "Effective_At__c": f"{notice.effective_at:%Y-%m-%dT%H:%M:%SZ}",
            "Status__c": "In force" if notice.in_force else "Withdrawn",
        }
        return _telling(self._session.call("PATCH", f"{_RECORD}/{notice.request_id}", body=body))


def _telling(result: CallResult) -> Telling:
    match result:
        case Reply() if result.succeeded:
            return CrmTold()
        case Reply(status=HTTPStatus.MULTIPLE_CHOICES):
            return CrmRefused("several records have the id of the request")
        case Reply():
            return _refusal(result)
        case NotSent(reason=reason) | NoAnswer(reason=reason):
            return CrmUnavailable(reason)
        case AuthFailed(text=text):
            return CrmUnavailable(text)
        case Throttled():
            return CrmUnavailable("it gives no token now")
        case _ as never:
            assert_never(never)


def _refusal(reply: Reply) -> Telling:
    """Read the error: a list of errors with their codes; what has another shape is not the CRM's word."""
    if not HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return CrmUnavailable(f"status {reply.status}")
    try:
        first: dict[str, Any] = read_object(b'{"errors":' + reply.body + b"}")["errors"][0]
        code, text = str(first["errorCode"]), str(first["message"])[:500]
    except (MalformedReplyError, KeyError, IndexError, TypeError):
        return CrmUnavailable(f"status {reply.status} without an error code")
    return CrmUnavailable(code) if code in _PASSING else CrmRefused(f"{code}: {text}")
