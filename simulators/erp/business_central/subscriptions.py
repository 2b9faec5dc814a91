"""Webhook subscriptions: who is told of changed documents, half a minute after the first change, for three days."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from simulators.erp.business_central import subscriber
from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.dialect import bad_request, not_found, too_long
from simulators.erp.business_central.document_types import DOCUMENT_TYPES, DocumentType
from simulators.erp.business_central.odata import Entity, etag_of
from simulators.http import exact_json
from simulators.http.exchange import Refusal

LIFETIME: Final = timedelta(days=3)
DELAY: Final = timedelta(seconds=30)
RETRY_EVERY: Final = timedelta(minutes=15)
RETRIED_FOR: Final = timedelta(hours=36)
SUBSCRIPTIONS_MAX: Final = 200
CLIENT_STATE_MAX: Final = 2_048
SINGLE_NOTIFICATIONS_MAX: Final = 1_000  # more changes than these are told by one
RETRIED: Final = {408, 429, *range(500, 600)}
WRITABLE: Final = frozenset({"notificationUrl", "resource", "clientState"})
RESOURCE: Final = re.compile(r"/?api/v2\.0/companies\(([\w-]+)\)/(\w+)", re.IGNORECASE)


@dataclass(slots=True)
class Subscription:
    """`told` has the etag of each document as the subscriber knows it."""

    entity: Entity
    expires_at: datetime
    books: CompanyBooks
    of: DocumentType
    told: dict[str, str]
    changed_since: datetime | None = None
    retry_at: datetime | None = None

    def standing(self) -> dict[str, str]:
        return {key: document["@odata.etag"] for key, document in self.books.documents(self.of).items()}

    def changes(self) -> dict[str, str]:
        """Return what became of which documents since the subscriber was told."""
        now = self.standing()
        changed = {key: "updated" if key in self.told else "created" for key in now if self.told.get(key) != now[key]}
        return changed | {key: "deleted" for key in self.told if key not in now}

    def is_due(self, now: datetime) -> bool:
        if not self.changes():
            return False
        self.changed_since = self.changed_since or now
        return self.changed_since + DELAY <= now and (self.retry_at is None or self.retry_at <= now)

    def settled(self) -> None:
        """Count all changes until now as told, or given up."""
        self.told, self.changed_since, self.retry_at = self.standing(), None, None


@dataclass(slots=True)
class Subscriptions:
    books: Mapping[str, CompanyBooks]
    by_id: dict[str, Subscription] = field(default_factory=dict)
    delivered: int = 0  # posts that were answered with success
    _ids: int = 0
    _versions: int = 0
    _tokens: int = 0

    def create(self, fields: Mapping[str, Any], now: datetime) -> Entity:
        """Raise a Refusal for what is not understood, one too many, a second one alike, and a failed handshake."""
        self._expire(now)
        if len(self.by_id) >= SUBSCRIPTIONS_MAX:
            raise bad_request(f"There are {SUBSCRIPTIONS_MAX} subscriptions, which is the most.")
        self._ids += 1
        entity: Entity = {
            "@odata.etag": "",
            "subscriptionId": uuid5(NAMESPACE_URL, f"subscription/{self._ids}").hex,
            "notificationUrl": "",
            "resource": "",
            "userId": str(uuid5(NAMESPACE_URL, "user")),
            "lastModifiedDateTime": "",
            "clientState": "",
            "expirationDateTime": "",
        }
        made = self._validated(entity, fields, now)
        if any(_same(other.entity, made.entity) for other in self.by_id.values()):
            raise Refusal(400, "Internal_EntityWithSameKeyExists", "The subscription already exists.")
        self.by_id[entity["subscriptionId"]] = made
        return made.entity

    def renew(self, known: Subscription, fields: Mapping[str, Any], now: datetime) -> Entity:
        renewed = self._validated(known.entity, fields, now)
        if renewed.of is known.of and renewed.books is known.books:
            renewed.told, renewed.changed_since = known.told, known.changed_since
        self.by_id[known.entity["subscriptionId"]] = renewed
        return renewed.entity

    def existing(self, key: str, now: datetime) -> Subscription:
        self._expire(now)
        found = self.by_id.get(key)
        if found is None:
            raise not_found(f"The subscription {key}")
        return found

    def rows(self, now: datetime) -> list[Entity]:
        self._expire(now)
        return [one.entity for one in self.by_id.values()]

    def deliver(self, now: datetime) -> None:
        """Tell who is due; a subscriber who refuses for good has no subscription any more."""
        self._expire(now)
        for key, one in list(self.by_id.items()):
            if not one.is_due(now):
                continue
            answer = subscriber.post(one.entity["notificationUrl"], exact_json.dumps({"value": _notifications(one)}))
            if answer is None or answer.status in RETRIED:
                one.retry_at = now + RETRY_EVERY
                if one.changed_since is not None and now - one.changed_since > RETRIED_FOR:
                    one.settled()
            elif answer.status // 100 == 2:  # noqa: PLR2004 - the class of success
                self.delivered += 1
                one.settled()
            else:
                del self.by_id[key]

    def _validated(self, entity: Entity, fields: Mapping[str, Any], now: datetime) -> Subscription:
        entity = {**entity, **_texts(fields)}
        subscriber.check_address(entity["notificationUrl"])
        books, of = self._resource(entity["resource"])
        self._tokens += 1
        if not subscriber.validated(entity["notificationUrl"], str(uuid5(NAMESPACE_URL, f"token/{self._tokens}"))):
            raise bad_request("The subscriber at notificationUrl has not sent the validationToken back.")
        self._versions += 1
        entity["@odata.etag"] = etag_of(self._versions)
        entity["lastModifiedDateTime"] = _text(now)
        entity["expirationDateTime"] = _text(now + LIFETIME)
        made = Subscription(entity, now + LIFETIME, books, of, {})
        made.told = made.standing()
        return made

    def _resource(self, resource: str) -> tuple[CompanyBooks, DocumentType]:
        found = RESOURCE.fullmatch(resource)
        books = self.books.get(found[1].lower()) if found else None
        of = next((one for one in DOCUMENT_TYPES if found and one.collection == found[2]), None)
        if books is None or of is None:
            raise bad_request(f"The resource {resource} does not support webhooks.")
        return books, of

    def _expire(self, now: datetime) -> None:
        self.by_id = {key: one for key, one in self.by_id.items() if one.expires_at > now}


def _texts(fields: Mapping[str, Any]) -> Mapping[str, str]:
    for name, value in fields.items():
        if name not in WRITABLE or not isinstance(value, str):
            raise bad_request(f"The property {name} cannot be written.")
    if len(fields.get("clientState", "")) > CLIENT_STATE_MAX:
        raise too_long("clientState", CLIENT_STATE_MAX)
    return fields


def _same(one: Entity, other: Entity) -> bool:
    return all(one[name] == other[name] for name in ("notificationUrl", "resource"))


def _notifications(one: Subscription) -> list[Entity]:
    changes = one.changes()
    told = {name: one.entity[name] for name in ("subscriptionId", "clientState", "expirationDateTime")}
    since = _text(one.changed_since) if one.changed_since else ""
    resource = one.entity["resource"]
    if len(changes) > SINGLE_NOTIFICATIONS_MAX:
        filtered = f"{resource}?$filter=lastModifiedDateTime%20ge%20{since}"
        return [{**told, "resource": filtered, "changeType": "collection", "lastModifiedDateTime": since}]
    return [
        {**told, "resource": f"{resource}({key})", "changeType": change, "lastModifiedDateTime": since}
        for key, change in changes.items()
    ]


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
