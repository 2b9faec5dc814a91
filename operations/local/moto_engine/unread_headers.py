"""What AWS reads of each request and moto does not: who calls from which software, and the proof that it is they."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.useragent import UserAgentString

from operations.local.patching import replaced

_sign = SigV4Auth.add_auth


@contextmanager
def unread_headers_are_not_worked_out() -> Iterator[None]:
    """Spare each call its user agent and its signature: a tenth of its time. S3's say how a body is sent, and go on."""
    with ExitStack() as stack:
        stack.enter_context(replaced(UserAgentString, "to_string", lambda _: "usage-to-cash"))
        stack.enter_context(replaced(SigV4Auth, "add_auth", _name_the_caller))
        yield


def _name_the_caller(auth: SigV4Auth, request: AWSRequest) -> None:
    """Write what moto does read: the access key, and the region and service that are called."""
    if type(auth) is not SigV4Auth:
        _sign(auth, request)
        return
    region, service = auth._region_name, auth._service_name  # type: ignore[attr-defined]  # noqa: SLF001
    scope = f"{auth.credentials.access_key}/20260101/{region}/{service}/aws4_request"
    request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"
