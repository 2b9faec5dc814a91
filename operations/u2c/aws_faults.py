"""What keeps a command from its deployment, in words, with what whoever typed it can do about that."""

from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from operations.u2c.invoked import InvocationFailedError
from operations.u2c.stack_outputs import OutputMissingError

AWS_FAULTS: Final = (OutputMissingError, InvocationFailedError, BotoCoreError, ClientError)

_BY_REGION: Final = "AWS_DEFAULT_REGION or a profile (AWS_PROFILE)"
_BY_CREDENTIALS: Final = "a profile (AWS_PROFILE), or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_NOT_TAKEN: Final = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)


def why(error: Exception) -> str:  # noqa: PLR0911 - one for each thing to be done about it
    """Say what an error of AWS_FAULTS is about."""
    match error:
        case NoRegionError():
            return f"no AWS region is set: say that of the deployment by {_BY_REGION}"
        case NoCredentialsError() | PartialCredentialsError() | CredentialRetrievalError():
            return (
                f"there are no AWS credentials: give those of the deployment's account by {_BY_CREDENTIALS} ({error})"
            )
        case ProfileNotFound():
            return f"AWS_PROFILE names no profile of this machine: {error}"
        case SSOError() | TokenRetrievalError():
            return f"sign in to AWS again: {error}"
        case ConnectionError() | HTTPClientError():
            return f"AWS does not answer: is the region right, by {_BY_REGION}, and the network there? ({error})"
        case ClientError():
            return _refused(error)
        case _:
            return str(error)


def _refused(error: ClientError) -> str:
    told = error.response.get("Error", {})
    code, message = told.get("Code", ""), told.get("Message", "")
    if code == "ValidationError" and message.startswith("Stack with id") and message.endswith("does not exist"):
        return (
            f"there is no deployment in this account and region: deploy it (docs/guides/deploy.md), or choose another"
            f" by {_BY_REGION} ({message})"
        )
    if code in _NOT_TAKEN:
        return f"AWS does not take these credentials: sign in again, or give others by {_BY_CREDENTIALS} ({message})"
    return str(error)
