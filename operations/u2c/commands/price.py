"""Look at a proposed price book before it is published."""

from typing import Any

from operations.u2c.commands import price_diff, price_preview


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser("price", help="look at a proposed price book before it counts", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    price_preview.register(actions)
    price_diff.register(actions)
