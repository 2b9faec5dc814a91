"""DynamoDB's expressions, read once: moto reads each twice a call, and asks at each node of it what it looks for."""

import re
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any

from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node  # type: ignore[attr-defined]
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]

from operations.local.patching import replaced

_MOST_EXPRESSIONS = 1024  # there are some hundred in the product
_KINDS = ConditionExpressionParser.Nonterminal
_ATTRIBUTE = r"(?::|#)?[A-z0-9\-_]+"
_TOKEN = re.compile(
    rf"(?P<{_KINDS.WHITESPACE}> +)"
    rf"|(?P<{_KINDS.COMPARATOR}><>|<=|>=|=|<|>)"
    rf"|(?P<{_KINDS.OPERAND}>{_ATTRIBUTE}(?:\.{_ATTRIBUTE}|\[[0-9]\])*)"
    rf"|(?P<{_KINDS.COMMA}>,)|(?P<{_KINDS.LEFT_PAREN}>\()|(?P<{_KINDS.RIGHT_PAREN}>\))"
)


@contextmanager
def expressions_are_read_once() -> Iterator[None]:
    with ExitStack() as stack:
        for owner, name, value in (
            (UpdateExpressionParser, "make", staticmethod(lru_cache(_MOST_EXPRESSIONS)(UpdateExpressionParser.make))),
            (ConditionExpressionParser, "_lex_condition_expression", _nodes),
            (DepthFirstTraverser, "traverse", _traverse),
        ):
            stack.enter_context(replaced(owner, name, value))
        yield


def _nodes(parser: ConditionExpressionParser) -> deque[Any]:
    assert parser.condition_expression is not None
    return deque(
        parser.Node(nonterminal=kind, kind=parser.Kind.LITERAL, text=text, value=text, children=[])
        for kind, text in _tokens(parser.condition_expression)
    )


@lru_cache(_MOST_EXPRESSIONS)
def _tokens(expression: str) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    start = 0
    while start < len(expression):
        token = _TOKEN.match(expression, start)
        if token is None or token.lastgroup is None:
            raise ValueError(f"Cannot parse condition starting at:{expression[start:]}")
        if token.lastgroup != _KINDS.WHITESPACE:
            found.append((token.lastgroup, token.group()))
        start = token.end()
    return tuple(found)


def _traverse(traverser: DepthFirstTraverser, root: Node) -> Any:  # noqa: ANN401 - what moto makes of a node
    """Process nodes from the leaves up, as moto does."""
    wanted = traverser.nodes_to_be_processed()
    is_wanted: dict[type, bool] = {}

    def visit(node: Any, child_id: int) -> Any:  # noqa: ANN401
        kind = type(node)
        if kind not in is_wanted:
            is_wanted[kind] = issubclass(kind, wanted)
        parent = node.parent
        for index, child in enumerate(node.children or ()):
            traverser.pre_processing_of_child(node, index)
            if isinstance(child, Node):
                visit(child, index)
        if is_wanted[kind]:
            node = traverser.process(node)
            node.parent = parent
            if parent:
                parent.children[child_id] = node
        return node

    return visit(root, -1)
