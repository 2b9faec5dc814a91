"""JSON-RPC, as far as it is needed for what REST does not offer: signing in, saying yes to a warning, reconciling."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from simulators.erp.tryton import values
from simulators.erp.tryton.database import Database
from simulators.erp.tryton.dialect import message
from simulators.erp.tryton.receivables import come_to_nothing, reconcile
from simulators.http.exchange import Call, Refusal, Reply

USER_ID = 2


class RpcInterface:
    """The one user's sessions over the database."""

    def __init__(self, database: Database, *, user: str, password: str) -> None:
        self._database = database
        self._user = user
        self._password = password
        self._sessions: set[str] = set()
        self._wizards = 0

    def answer(self, call: Call) -> Reply:
        asked = values.loads(call.body)
        if not isinstance(asked, dict) or set(asked) != {"id", "method", "params"}:
            raise Refusal(400, "", "Not a JSON-RPC request")
        result = self._answer(call, asked["method"], asked["params"])
        return Reply(status=200, body=values.dumps({"id": asked["id"], "result": result}))

    def _answer(self, call: Call, method: str, parameters: list[Any]) -> Any:  # noqa: ANN401 - any result
        if method == "common.db.login":
            return self._login(*parameters)
        if not self._is_signed_in(call):
            raise Refusal(401, "", "The session is none of this server's.")
        *arguments, context = parameters
        match method:
            case "model.res.user.warning.skip":
                self._database.accepted_warnings.add(str(arguments[0]))
                return None
            case "wizard.account.move.reconcile_lines.create":
                self._wizards += 1
                return [self._wizards, "start", "end"]
            case "wizard.account.move.reconcile_lines.execute":
                return self._reconcile(context)
            case "wizard.account.move.reconcile_lines.delete":
                return None
            case _:
                raise Refusal(403, "", f"Calling method {method} is not allowed.")

    def _login(self, user: str, parameters: Mapping[str, str]) -> list[Any]:
        if (user, parameters.get("password")) != (self._user, self._password):
            raise Refusal(401, "", "Wrong user or password.")
        token = f"session-{len(self._sessions) + 1}"
        self._sessions.add(token)
        return [USER_ID, token, None]

    def _is_signed_in(self, call: Call) -> bool:
        scheme, _, word = call.headers.get("authorization", "").partition(" ")
        try:
            user, user_id, token = base64.b64decode(word).decode().split(":", 2)
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return False
        return scheme.lower() == "session" and (user, user_id) == (self._user, str(USER_ID)) and token in self._sessions

    def _reconcile(self, context: Mapping[str, Any]) -> dict[str, Any]:
        lines = context["active_ids"]
        if any(self._database.get("account.move.line", line) is None for line in lines):
            raise message("You are trying to read records that do not exist.")
        if not come_to_nothing(self._database, lines):
            return {"view": {"defaults": {}}, "state": "writeoff"}  # it asks where the rest shall go
        reconcile(self._database, lines)
        return {}
