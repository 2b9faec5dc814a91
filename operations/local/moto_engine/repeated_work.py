"""What moto works out anew for every call and every state, worked out once."""

import string
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, lru_cache
from typing import Any

import moto.core.responses
import moto.sqs.models
from jsonpath_ng.ext.parser import parse
from moto.core.model import StructureShape
from moto.core.serialize import AttributePicker, AttributePickerContext, ResponseSerializer
from moto.core.utils import camelcase_to_underscores, method_names_from_class
from moto.moto_api._internal.moto_random import MotoRandom
from moto.stepfunctions.parser.asl.utils import json_path

from operations.local.patching import replaced

_DYNAMODB_TYPES = frozenset({"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"})
_DYNAMODB_SCALARS = frozenset({"S", "N", "NULL", "BOOL"})
_LETTERS_AND_DIGITS = string.ascii_letters + string.digits
_pick = AttributePicker.__call__
_serialize_structure = ResponseSerializer._serialize_type_structure  # noqa: SLF001
_underscored = cache(camelcase_to_underscores)


@contextmanager
def repeated_work_is_done_once() -> Iterator[None]:
    """Keep the operations of each service, names and parsed JSON paths; hand on DynamoDB's values as they are."""
    with ExitStack() as stack:
        for owner, name, value in (
            (moto.core.responses, "method_names_from_class", cache(method_names_from_class)),
            (moto.core.responses, "camelcase_to_underscores", _underscored),
            (moto.sqs.models, "camelcase_to_underscores", _underscored),
            (json_path, "parse", lru_cache(maxsize=1024)(parse)),
            (AttributePicker, "__call__", _pick_attribute),
            (ResponseSerializer, "_serialize_type_structure", _serialize),
            (MotoRandom, "get_random_string", _random_string),
        ):
            stack.enter_context(replaced(owner, name, value))
        yield


def _pick_attribute(picker: AttributePicker, context: AttributePickerContext) -> Any:  # noqa: ANN401 - as moto's own
    """Spare a value such as {"S": "acme"} the search for each of its ten possible types under six aliases."""
    value = context.obj
    if type(value) is dict and len(value) == 1 and not _DYNAMODB_TYPES.isdisjoint(value):
        return value.get(context.key)
    return _pick(picker, context)


def _serialize(
    serializer: ResponseSerializer,
    serialized: dict[str, Any],
    value: Any,  # noqa: ANN401 - as moto's own
    shape: StructureShape,
    key: str,
) -> None:
    """Spare a value such as {"S": "acme"} a look at each of the ten types it might have."""
    is_value = shape.name == "AttributeValue" and key and type(value) is dict and len(value) == 1
    if is_value and not _DYNAMODB_SCALARS.isdisjoint(value):
        serialized[serializer.get_serialized_name(shape, key)] = value
        return
    _serialize_structure(serializer, serialized, value, shape, key)


def _random_string(
    random: MotoRandom,
    length: int = 20,
    include_digits: bool = True,  # noqa: FBT001, FBT002 - moto's signature
    lower_case: bool = False,  # noqa: FBT001, FBT002
) -> str:
    """Draw all characters at once: every answer of DynamoDB has an id of 52."""
    drawn = "".join(random.choices(_LETTERS_AND_DIGITS if include_digits else string.ascii_letters, k=length))
    return drawn.lower() if lower_case else drawn
