"""What a month makes each function call is what its own role allows: the stand-in asks nobody, AWS would."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.synthesize import templates
from simulators.erp import NO_FAULTS, Fault, FaultPlan
from tests.scenarios.amended_contracts import amending
from tests.scenarios.outside_tax import month_taxed_by
from tests.scenarios.test_credit_notes import Finance

# A transaction needs the permissions of its parts; for the rest the action is called as the operation is.
ACTIONS = {
    "dynamodb.TransactWriteItems": "dynamodb:PutItem",
    "s3.ListObjectsV2": "s3:ListBucket",
    "s3.GetObject": "s3:GetObject",
}


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Play a month with unreliable ERPs and an unreliable tax engine; note which actions each function needs."""
    needed: dict[str, set[str]] = {}

    def listen(function: str, _moment: str, operation: str) -> None:
        if "/" not in operation:
            action = ACTIONS.get(operation, operation.replace("stepfunctions.", "states.").replace(".", ":"))
            needed.setdefault(function, set()).add(action)

    faults = FaultPlan(seed=5, lose_reply=0.5, throttle=0.2)
    with month_taxed_by("avatax", tmp_path_factory.mktemp("month"), faults=faults).played(listen) as played:
        played.result.cloud.on_call = listen
        finance = Finance(played)  # what people ask for, no month does by itself
        assert finance.asks("c-acme", "goodwill", {})["outcome"] == "awaiting_approval"
        erp = played.result.erps.by_connection["nimbus-de/erp"]
        erp.faults.plan = NO_FAULTS
        erp.faults.script(Fault.CLOSED_PERIOD, operation="post_credit_memo")
        assert finance.approves("c-acme", "goodwill")["outcome"] == "issued"
        cloud = played.result.cloud
        cloud.advance_to(cloud.clock.now() + timedelta(minutes=10))  # the ERP's look-ups show what was refused by then
        refused = {"document": "c-acme/2026-03/r1/credit/goodwill", "asked_by": "fred@nimbus.example", "send": True}
        assert cloud.invoke("repair_posting", refused)["outcome"] == "replaced"
        cloud.settle()
    with amending(tmp_path_factory.mktemp("amended")) as world:  # what a CRM asks for, and does not take
        world.crm.doubled.add("order-1")
        world.cloud.on_call = listen
        world.ask()
    return needed


@pytest.fixture(scope="module")
def allowed() -> dict[str, set[str]]:
    """Read the actions of each function's role from the synthesised template."""
    resources = templates(Path(".local/synth"))["UsageToCashApplication"]["Resources"]
    roles = {
        resource["Properties"]["Role"]["Fn::GetAtt"][0]: resource["Properties"]["Handler"].split(".")[1]
        for resource in resources.values()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    granted: dict[str, set[str]] = {function: set() for function in roles.values()}
    for resource in resources.values():
        if resource["Type"] == "AWS::IAM::Policy":
            for role in resource["Properties"]["Roles"]:
                if role["Ref"] in roles:
                    granted[roles[role["Ref"]]] |= _actions(resource["Properties"]["PolicyDocument"]["Statement"])
    return granted


def _actions(statements: list[dict[str, Any]]) -> set[str]:
    actions = (statement["Action"] for statement in statements if statement["Effect"] == "Allow")
    return {name for action in actions for name in ([action] if isinstance(action, str) else action)}


def test_no_function_calls_what_its_role_does_not_allow(
    called: dict[str, set[str]], allowed: dict[str, set[str]]
) -> None:
    assert len(called) > 20
    assert "repair_posting" in called
    assert {"record_amendment", "confirm_amendment", "withdraw_amendment", "write_sales_order"} <= set(called)
    assert {function: actions - allowed[function] for function, actions in called.items()} == {
        function: set() for function in called
    }


def test_no_role_allows_every_action_of_a_service(allowed: dict[str, set[str]]) -> None:
    assert not [(function, action) for function, actions in allowed.items() for action in actions if "*" in action]
