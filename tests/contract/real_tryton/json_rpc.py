"""Tryton's JSON-RPC as its own desktop client speaks it: for setting up and for what people do in the ERP."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import httpx

NOTHING: Mapping[str, Any] = MappingProxyType({})


class TrytonRefusedError(Exception):
    """What Tryton answers where a person would see a message."""


@dataclass(slots=True)
class JsonRpc:
    """One signed-in user of one database."""

    http: httpx.Client
    address: str
    authorization: str = field(repr=False)
    context: dict[str, Any]

    @classmethod
    def signed_in(cls, http: httpx.Client, root: str, database: str, user: str, password: str) -> "JsonRpc":
        address = f"{root}/{database}/rpc/"
        login = {"id": 1, "method": "common.db.login", "params": [user, {"password": password}]}
        user_id, token, _ = http.post(address, json=login).raise_for_status().json()["result"]
        session = base64.b64encode(f"{user}:{user_id}:{token}".encode()).decode()
        return cls(http, address, f"Session {session}", {})

    def call(self, method: str, *arguments: Any, context: Mapping[str, Any] = NOTHING) -> Any:
        """Call a method; raises TrytonRefusedError with Tryton's words."""
        asked = {"id": 1, "method": method, "params": _sent([*arguments, {**self.context, **context}])}
        reply = self.http.post(self.address, json=asked, headers={"Authorization": self.authorization})
        answer = reply.raise_for_status().json()
        if "error" in answer:
            raise TrytonRefusedError(answer["error"])
        return _received(answer["result"])

    def create(self, model: str, values: Mapping[str, Any]) -> int:
        (record,) = self.call(f"model.{model}.create", [dict(values)])
        return int(record)

    def search(self, model: str, domain: list[Any]) -> list[int]:
        found: list[int] = self.call(f"model.{model}.search", domain, 0, None, None)
        return found

    def only(self, model: str, domain: list[Any]) -> int:
        (record,) = self.search(model, domain)
        return record

    def rows(
        self, model: str, domain: list[Any], fields: Sequence[str], *, context: Mapping[str, Any] = NOTHING
    ) -> list[dict[str, Any]]:
        """Return all records of a domain, oldest first; what a field with a dot refers to is under its name and "."."""
        found: list[dict[str, Any]] = self.call(
            f"model.{model}.search_read", domain, 0, None, [["id", "ASC"]], list(fields), context=context
        )
        return found

    def read(self, model: str, record: int, *fields: str) -> dict[str, Any]:
        (row,) = self.call(f"model.{model}.read", [record], list(fields))
        found: dict[str, Any] = row
        return found


def _sent(value: Any) -> Any:
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case bytes():
            return {"__class__": "bytes", "base64": base64.b64encode(value).decode()}
        case date():
            return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
        case Mapping():
            return {name: _sent(member) for name, member in value.items()}
        case list() | tuple():
            return [_sent(member) for member in value]
        case _:
            return value


def _received(value: Any) -> Any:
    match value:
        case {"__class__": "Decimal", "decimal": text}:
            return Decimal(text)
        case {"__class__": "date", "year": year, "month": month, "day": day}:
            return date(year, month, day)
        case dict():
            return {name: _received(member) for name, member in value.items()}
        case list():
            return [_received(member) for member in value]
        case _:
            return value
