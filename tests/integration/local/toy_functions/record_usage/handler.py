"""Keeps every record of a stream in a table; a poisoned one fails its batch."""

import base64
from typing import Any

from shared.runtime.aws import dynamodb
from shared.runtime.environment import Environment

TABLE = Environment.of_this_function().text("TABLE")
batches_of_this_environment = 0


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    global batches_of_this_environment  # noqa: PLW0603
    batches_of_this_environment += 1
    for record in event["Records"]:
        data = base64.b64decode(record["kinesis"]["data"]).decode()
        if data == "poison":
            return {"batchItemFailures": [{"itemIdentifier": record["kinesis"]["sequenceNumber"]}]}
        arrived_at = str(record["kinesis"]["approximateArrivalTimestamp"])
        item = {"pk": {"S": record["eventID"]}, "sk": {"S": data}, "arrived_at": {"N": arrived_at}}
        dynamodb().put_item(TableName=TABLE, Item=item)
    return {"batchItemFailures": []}
