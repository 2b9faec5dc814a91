"""Functions of a deployment, invoked by a person and waited for."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import boto3
from botocore.config import Config

_LONGEST_RUN_SECONDS = 900

Invoke: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]


class InvocationFailedError(RuntimeError):
    """The function raised. What it had done is done; invoked again, it goes on."""


def invoker(function_name: str) -> Invoke:
    """Return what invokes a function and returns its answer; it raises InvocationFailedError."""
    # Never tried again by the client: a second invocation would run beside the first.
    patient = Config(read_timeout=_LONGEST_RUN_SECONDS + 10, retries={"total_max_attempts": 1})
    client = boto3.client("lambda", config=patient)

    def invoke(event: Mapping[str, Any]) -> dict[str, Any]:
        answer: Mapping[str, Any] = client.invoke(FunctionName=function_name, Payload=json.dumps(event).encode())
        body: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise InvocationFailedError(f"{body.get('errorType')}: {body.get('errorMessage')}")
        return body

    return invoke
