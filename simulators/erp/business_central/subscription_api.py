"""The addresses of webhook subscriptions, which belong to the environment and to no company."""

from dataclasses import dataclass
from typing import Final

from simulators.erp.business_central.companies import API
from simulators.erp.business_central.odata import check_if_match, collection_reply, entity_reply
from simulators.erp.business_central.subscriptions import Subscriptions
from simulators.http.exchange import Call, Operation, Reply

ALL: Final = API + "/subscriptions"
ONE: Final = ALL + "('{subscription}')"


@dataclass(frozen=True, slots=True)
class SubscriptionApi:
    subscriptions: Subscriptions

    def operations(self) -> list[Operation]:
        return [
            Operation(name="find_subscriptions", method="GET", path=ALL, handler=self._find),
            Operation(name="create_subscription", method="POST", path=ALL, handler=self._create, writes=True),
            Operation(name="renew_subscription", method="PATCH", path=ONE, handler=self._renew, writes=True),
            Operation(name="delete_subscription", method="DELETE", path=ONE, handler=self._delete, writes=True),
        ]

    def _find(self, call: Call) -> Reply:
        return collection_reply(call, self.subscriptions.rows(call.arrived_at))

    def _create(self, call: Call) -> Reply:
        return entity_reply(call, self.subscriptions.create(call.json_object(), call.arrived_at), status=201)

    def _renew(self, call: Call) -> Reply:
        known = self.subscriptions.existing(call.path["subscription"], call.arrived_at)
        check_if_match(call, known.entity)
        return entity_reply(call, self.subscriptions.renew(known, call.json_object(), call.arrived_at))

    def _delete(self, call: Call) -> Reply:
        known = self.subscriptions.existing(call.path["subscription"], call.arrived_at)
        check_if_match(call, known.entity)
        del self.subscriptions.by_id[known.entity["subscriptionId"]]
        return Reply(status=204)
