"""The wire of POST /erp-notices/{legal_entity}: a handshake or a notice in, and what is asked for by it out.

Nobody signs these requests. What is read of one is a hint and whoever claims to give it; nothing else of it is kept.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, Self

from pydantic import BaseModel

from shared.contracts.posting import ForeignTenantError
from shared.contracts.usage_request import HttpResponse, Problem, request_body
from shared.domain.identifiers import LegalEntityId, TenantId

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_VALIDATION_TOKEN: Final = re.compile(r"[A-Za-z0-9._~:=/-]{1,256}")
_LEGAL_ENTITY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}")


@dataclass(frozen=True, slots=True)
class Handshake:
    """Who subscribes here wants this token back."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something has changed at the ERP of a legal entity, says who has these claims to the token that only it knows."""

    legal_entity_id: LegalEntityId
    claims: tuple[str, ...] = field(repr=False)
    received_at: datetime


class ReadingMessage(BaseModel, frozen=True, extra="forbid"):
    """A message on settlement-readings."""

    tenant: TenantId
    legal_entity: LegalEntityId

    @classmethod
    def of(cls, tenant: TenantId, body: str) -> Self:
        """Read a message; raises ForeignTenantError for another tenant's, ValidationError for anything else."""
        asked = cls.model_validate_json(body)
        if asked.tenant != tenant:
            raise ForeignTenantError("the message is another tenant's")
        return asked


def read_notice(event: Mapping[str, Any]) -> Handshake | Notice | Problem:
    """Check the size before anything is parsed. What is no notice at all has no claims."""
    query = event.get("queryStringParameters") or {}
    if "validationToken" in query:
        return _handshake(str(query["validationToken"]))
    body = request_body(event)
    if isinstance(body, Problem):
        return body
    name = str(event["pathParameters"]["legal_entity"])
    return Notice(
        legal_entity_id=LegalEntityId(name),
        claims=_claims(body) if _LEGAL_ENTITY.fullmatch(name) else (),
        received_at=_EPOCH + timedelta(milliseconds=event["requestContext"]["timeEpoch"]),
    )


def _handshake(token: str) -> Handshake | Problem:
    """Echo nothing that anybody could take for more than a word."""
    if _VALIDATION_TOKEN.fullmatch(token):
        return Handshake(token)
    return Problem(HTTPStatus.BAD_REQUEST, "the validation token is not one")


def _claims(body: bytes) -> tuple[str, ...]:
    try:
        told = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return ()
    match told:
        case {"value": [*notices]}:
            states = (one.get("clientState") for one in notices if isinstance(one, dict))
            return tuple(state for state in states if isinstance(state, str))
        case _:
            return ()


def handshake_response(handshake: Handshake) -> HttpResponse:
    return _plain(handshake.token)


def notice_response() -> HttpResponse:
    """Answer every notice alike: who forges one learns nothing, and who gives one has nothing to repeat."""
    return _plain("")


def _plain(text: str) -> HttpResponse:
    headers = {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"}
    return {"statusCode": HTTPStatus.OK.value, "headers": headers, "body": text}


def noticed_entities(event: Mapping[str, Any], tenant: TenantId) -> tuple[LegalEntityId, ...]:
    """Return the legal entities that a batch of settlement-readings names, each once; none for a schedule's tick."""
    messages = (ReadingMessage.of(tenant, record["body"]) for record in event.get("Records", ()))
    return tuple(dict.fromkeys(message.legal_entity for message in messages))
