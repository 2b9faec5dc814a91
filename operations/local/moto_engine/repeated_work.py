"""What moto works out anew for every call and every state, worked out once."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, lru_cache
from typing import Any

import moto.core.responses
from jsonpath_ng.ext.parser import parse
from moto.core.serialize import AttributePicker, AttributePickerContext
from moto.core.utils import method_names_from_class
from moto.stepfunctions.parser.asl.utils import json_path

from operations.local.patching import replaced

_DYNAMODB_TYPES = frozenset({"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"})
_pick = AttributePicker.__call__


@contextmanager
def repeated_work_is_done_once() -> Iterator[None]:
    """Keep the operations of each service and each parsed JSON path; read DynamoDB's values without aliases."""
    with ExitStack() as stack:
        for owner, name, value in (
            (moto.core.responses, "method_names_from_class", cache(method_names_from_class)),
            (json_path, "parse", lru_cache(maxsize=1024)(parse)),
            (AttributePicker, "__call__", _pick_attribute),
        ):
            stack.enter_context(replaced(owner, name, value))
        yield


def _pick_attribute(picker: AttributePicker, context: AttributePickerContext) -> Any:  # noqa: ANN401 - as moto's own
    """Spare a value such as {"S": "acme"} the search for each of its ten possible types under six aliases."""
    value = context.obj
    if type(value) is dict and len(value) == 1 and not _DYNAMODB_TYPES.isdisjoint(value):
        return value.get(context.key)
    return _pick(picker, context)
