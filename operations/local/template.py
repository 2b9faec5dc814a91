"""From a synthesised stack to the template that moto deploys and the resources that this package stands in for.

Values that only a deployment knows are read back through outputs: each intrinsic function in a resource that is stood
in for becomes one.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from operations.local.resource_types import BUCKET, STATE_MACHINE, STOOD_IN, is_deployed

# Stack name to template.
SynthesizedTemplates = Mapping[str, Mapping[str, Any]]

ACCOUNT = "123456789012"
LOCAL_ROLE = "local"
_LOCAL_ROLE_ID = "LocalRole"
_LOCAL_ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/{LOCAL_ROLE}"
_NO_CODE = {"ZipFile": "functions run in this process"}
_SHARDS_OF_AN_ON_DEMAND_STREAM = 4
_DROPPED = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """A resource that moto does not deploy. Its properties are as in the template until `LocalStack.resolved`."""

    logical_id: str
    resource_type: str
    properties: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalStack:
    """One stack as it is deployed here."""

    name: str
    template: dict[str, Any]
    stand_ins: tuple[StandIn, ...]
    exports: frozenset[str]
    imports: frozenset[str]

    def resolved(self, value: Any, outputs: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON
        """Put the deployment's own values in place of the intrinsic functions of a stand-in's properties."""
        if is_intrinsic(value):
            return outputs[_output_key(value)]
        if isinstance(value, dict):
            return {key: self.resolved(each, outputs) for key, each in value.items()}
        if isinstance(value, list):
            return [self.resolved(each, outputs) for each in value]
        return value


def plan(templates: SynthesizedTemplates, *, region: str) -> tuple[LocalStack, ...]:
    """Order the stacks so that every import finds its export. Stacks with nothing to run here are left out."""
    planned = [_local_stack(name, template, region) for name, template in templates.items()]
    waiting = [stack for stack in planned if stack.template["Resources"] or stack.stand_ins]
    ordered: list[LocalStack] = []
    exported: frozenset[str] = frozenset()
    while waiting:
        ready = next((stack for stack in waiting if stack.imports <= exported), None)
        if ready is None:
            raise ValueError(f"nothing exports what {', '.join(stack.name for stack in waiting)} import")
        waiting.remove(ready)
        ordered.append(ready)
        exported |= ready.exports
    return tuple(ordered)


def state_machine_name(logical_id: str, properties: Mapping[str, Any]) -> str:
    name = properties.get("StateMachineName", logical_id)
    return name if isinstance(name, str) else logical_id


def is_intrinsic(value: Any) -> bool:  # noqa: ANN401
    if not isinstance(value, dict) or len(value) != 1:
        return False
    function: str = next(iter(value))
    return function == "Ref" or function.startswith("Fn::")


def _local_stack(name: str, template: Mapping[str, Any], region: str) -> LocalStack:
    resources: dict[str, Any] = template.get("Resources", {})
    deployed = {key: resource for key, resource in resources.items() if is_deployed(resource["Type"])}
    rewriting = _Rewriting({key: value for key, value in resources.items() if key not in deployed}, region)
    stand_ins = tuple(
        StandIn(logical_id=key, resource_type=resource["Type"], properties=rewriting.of(_stood_in(resource)))
        for key, resource in resources.items()
        if resource["Type"] in STOOD_IN
    ) + tuple(_observed_buckets(resources))
    kept = {key: rewriting.of(_deployable(resource)) for key, resource in deployed.items()}
    if any(resource["Type"] == "AWS::Lambda::Function" for resource in kept.values()):
        kept[_LOCAL_ROLE_ID] = _local_role()
    outputs = {key: rewriting.of(output) for key, output in template.get("Outputs", {}).items()}
    outputs = {key: output for key, output in outputs.items() if "Value" in output}
    inner = {_output_key(value): {"Value": value} for each in stand_ins for value in _intrinsics(each.properties)}
    parameters = {
        key: value
        for key, value in template.get("Parameters", {}).items()
        if not value["Type"].startswith("AWS::SSM::Parameter::Value")
    }
    local: dict[str, Any] = {"Parameters": parameters, "Resources": kept, "Outputs": outputs | inner}
    return LocalStack(
        name=name,
        template=local | {key: template[key] for key in ("Conditions", "Mappings") if key in template},
        stand_ins=stand_ins,
        exports=frozenset(output["Export"]["Name"] for output in outputs.values() if "Export" in output),
        imports=frozenset(_imports(local)),
    )


def _observed_buckets(resources: Mapping[str, Any]) -> Iterator[StandIn]:
    """Find the buckets that tell the event bus of their objects. Raises ValueError for any other notification."""
    for key, resource in resources.items():
        notifications = resource.get("Properties", {}).get("NotificationConfiguration")
        if resource["Type"] == BUCKET and notifications is not None:
            if notifications != {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}:
                raise ValueError(f"{key}: a bucket notifies nobody locally but the event bus")
            yield StandIn(logical_id=key, resource_type=BUCKET, properties={"BucketName": {"Ref": key}})


def _stood_in(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what the stand-ins read: neither who may do it nor where logs go."""
    unread = {"RoleArn", "LoggingConfiguration", "TracingConfiguration", "Tags", "GroupName", "ServiceToken"}
    return {key: value for key, value in resource.get("Properties", {}).items() if key not in unread}


def _deployable(resource: Mapping[str, Any]) -> dict[str, Any]:
    properties = {key: value for key, value in resource.get("Properties", {}).items() if key != "Tags"}
    match resource["Type"]:
        case "AWS::Lambda::Function":
            properties |= {"Code": _NO_CODE, "Role": {"Fn::GetAtt": [_LOCAL_ROLE_ID, "Arn"]}}
            for unread in ("Layers", "LoggingConfig", "DeadLetterConfig", "VpcConfig", "TracingConfig"):
                properties.pop(unread, None)
        case "AWS::Kinesis::Stream":
            properties.setdefault("ShardCount", _SHARDS_OF_AN_ON_DEMAND_STREAM)
        case "AWS::SQS::Queue":
            # A long poll would wait for a clock that stands still.
            properties.pop("ReceiveMessageWaitTimeSeconds", None)
        case "AWS::S3::Bucket":
            properties.pop("NotificationConfiguration", None)
    return {"Type": resource["Type"], "Properties": properties}


def _local_role() -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": LOCAL_ROLE, "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
    }


class _Rewriting:
    """References to what moto does not deploy: to a known name where there is one, else away with the property."""

    def __init__(self, undeployed: Mapping[str, Any], region: str) -> None:
        self._undeployed = undeployed
        self._region = region

    def of(self, value: Any) -> Any:  # noqa: ANN401
        rewritten = self._of(value)
        return {} if rewritten is _DROPPED else rewritten

    def _of(self, value: Any) -> Any:  # noqa: ANN401
        if is_intrinsic(value):
            return self._intrinsic(value)
        if isinstance(value, dict):
            rewritten = {key: self._of(each) for key, each in value.items()}
            return {key: each for key, each in rewritten.items() if each is not _DROPPED}
        if isinstance(value, list):
            return [each for each in map(self._of, value) if each is not _DROPPED]
        return value

    def _intrinsic(self, value: dict[str, Any]) -> Any:  # noqa: ANN401
        function, argument = next(iter(value.items()))
        if value == {"Ref": "AWS::NoValue"}:
            return _DROPPED
        if function in ("Ref", "Fn::GetAtt"):
            logical_id, attribute = (argument, None) if function == "Ref" else argument
            return self._known_name(logical_id, attribute) if logical_id in self._undeployed else value
        inner = self._all_or_nothing(argument)
        return _DROPPED if inner is _DROPPED else {function: inner}

    def _all_or_nothing(self, value: Any) -> Any:  # noqa: ANN401
        if is_intrinsic(value):
            return self._intrinsic(value)
        if isinstance(value, dict):
            rewritten = {key: self._all_or_nothing(each) for key, each in value.items()}
            return _DROPPED if _DROPPED in rewritten.values() else rewritten
        if isinstance(value, list):
            items = [self._all_or_nothing(each) for each in value]
            return _DROPPED if any(each is _DROPPED for each in items) else items
        return value

    def _known_name(self, logical_id: str, attribute: str | None) -> Any:  # noqa: ANN401
        resource = self._undeployed[logical_id]
        if resource["Type"] == "AWS::IAM::Role":
            return _LOCAL_ROLE_ARN if attribute == "Arn" else LOCAL_ROLE
        if resource["Type"] == STATE_MACHINE:
            name = state_machine_name(logical_id, resource["Properties"])
            return name if attribute == "Name" else f"arn:aws:states:{self._region}:{ACCOUNT}:stateMachine:{name}"
        return _DROPPED


def _output_key(intrinsic: Any) -> str:  # noqa: ANN401
    return f"Local{sha256(json.dumps(intrinsic, sort_keys=True).encode()).hexdigest()[:24]}"


def _intrinsics(value: Any) -> Iterator[Any]:  # noqa: ANN401
    if is_intrinsic(value):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _intrinsics(each)
    elif isinstance(value, list):
        for each in value:
            yield from _intrinsics(each)


def _imports(value: Any) -> Iterator[str]:  # noqa: ANN401
    if isinstance(value, dict):
        if isinstance(name := value.get("Fn::ImportValue"), str):
            yield name
        for each in value.values():
            yield from _imports(each)
    elif isinstance(value, list):
        for each in value:
            yield from _imports(each)
