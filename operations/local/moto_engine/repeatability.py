"""What makes two deployments of one template the same, and cheap."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import moto.cloudformation.models
from moto.moto_api._internal import mock_random

from operations.local.patching import replaced


def repeat_identifiers() -> None:
    """Have moto draw the same names and ids again, from here on: equal inputs make equal outputs."""
    mock_random.seed("usage-to-cash")


@contextmanager
def templates_are_json() -> Iterator[None]:
    """Spare a template of ours the YAML parser, which takes longer than all of the deployment."""
    json_parser = SimpleNamespace(
        Loader=None,
        load=lambda text, Loader: json.loads(text),  # noqa: ARG005, N803 - as moto calls it
        add_multi_constructor=lambda _prefix, _constructor: None,
    )
    with replaced(moto.cloudformation.models, "yaml", json_parser):
        yield
