import pytest

from operations.local.resource_types import DEPLOYED, LEFT_OUT, STOOD_IN, ResourceTypeUnknownError
from operations.local.state_machine_definitions import StateNotSupportedError, local_definition
from operations.local.template import plan
from tests.integration.local.toy_stacks import toy_stacks

REGION = "eu-central-1"


def test_stacks_are_deployed_after_what_they_import_and_empty_ones_not_at_all() -> None:
    assert [stack.name for stack in plan(toy_stacks(), region=REGION)] == ["Data", "Application"]


def test_an_import_that_nobody_exports_is_named() -> None:
    stacks = toy_stacks()
    del stacks["Data"]

    with pytest.raises(ValueError, match="Application"):
        plan(stacks, region=REGION)


def test_what_moto_does_not_run_is_stood_in_for() -> None:
    _, application = plan(toy_stacks(), region=REGION)

    assert {each.resource_type for each in application.stand_ins} == set(STOOD_IN)
    assert {each["Type"] for each in application.template["Resources"].values()} <= DEPLOYED | {"AWS::IAM::Role"}


def test_references_to_a_state_machine_become_its_arn() -> None:
    _, application = plan(toy_stacks(), region=REGION)

    variables = application.template["Resources"]["Tick"]["Properties"]["Environment"]["Variables"]
    assert variables["LIFECYCLE_ARN"] == "arn:aws:states:eu-central-1:123456789012:stateMachine:Lifecycle"


def test_outputs_of_what_is_left_out_go_with_it() -> None:
    _, application = plan(toy_stacks(), region=REGION)

    assert "AlarmName" not in application.template["Outputs"]


def test_a_resource_type_that_nobody_decided_on_stops_the_deployment() -> None:
    with pytest.raises(ResourceTypeUnknownError, match="AWS::RDS::DBInstance"):
        plan({"Data": {"Resources": {"Database": {"Type": "AWS::RDS::DBInstance"}}}}, region=REGION)


def test_each_resource_type_has_one_fate() -> None:
    assert not DEPLOYED & STOOD_IN.keys()
    assert not DEPLOYED & LEFT_OUT.keys()
    assert not LEFT_OUT.keys() & STOOD_IN.keys()


def test_map_states_work_on_one_item_at_a_time() -> None:
    inner = '{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}'
    states = f'{{"Each": {{"Type": "Map", "MaxConcurrency": 5, "ItemProcessor": {inner}, "End": true}}}}'

    assert '"MaxConcurrency": 1' in local_definition(f'{{"StartAt": "Each", "States": {states}}}')


@pytest.mark.parametrize("state", ['{"Type": "Wait", "Seconds": 60}', '{"Type": "Task", "HeartbeatSeconds": 60}'])
def test_states_that_wait_on_a_wall_clock_are_refused(state: str) -> None:
    with pytest.raises(StateNotSupportedError, match="Quiet"):
        local_definition(f'{{"StartAt": "Quiet", "States": {{"Quiet": {state}}}}}')
