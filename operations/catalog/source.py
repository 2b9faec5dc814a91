"""A file of a catalogue as text with lines: every scalar exactly as written, so that no number passes a float."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree] | None"

MAX_FILE_BYTES = 64_000_000
MAX_DEPTH = 32
MAX_VALUES = 2_000_000
_ESCAPED_TWICE = re.compile(r"\\\\|\\u(?P<high>[dD][89abAB]..)\\u(?P<low>[dD][c-fC-F]..)")
_NULL = "tag:yaml.org,2002:null"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is many times faster, where it is there


class UnreadableFileError(ValueError):
    """The file cannot be read at all; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True)
class SourceFile:
    """What a file holds. `lines` gives each path within it its line; repeated keys are in `repeated`."""

    tree: Tree = None
    lines: dict[str, int] = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)


def read_source(path: Path) -> SourceFile:
    """Read a YAML or JSON file (JSON is YAML here); raise UnreadableFileError for one that is neither."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise UnreadableFileError(1, f"the file is larger than {MAX_FILE_BYTES} bytes")
    try:
        text = path.read_text(encoding="utf-8-sig")
        node = yaml.compose(_json_as_yaml(text) if path.suffix == ".json" else text, Loader=_LOADER)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(1, f"it is not UTF-8: {error.reason} at byte {error.start}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UnreadableFileError(min(line, text.count("\n") or 1), error.problem or "it is not YAML") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise UnreadableFileError(1, f"it is not YAML: {error}") from error
    source = SourceFile()
    source.tree = _Reader(source).tree(node, "", 0) if node is not None else None
    return source


class _Reader:
    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._values = 0

    def tree(self, node: yaml.Node, path: str, depth: int) -> Tree:
        line = node.start_mark.line + 1
        self._values += 1
        if depth > MAX_DEPTH or self._values > MAX_VALUES:
            raise UnreadableFileError(line, f"it nests deeper than {MAX_DEPTH} or holds more than {MAX_VALUES} values")
        self._source.lines.setdefault(path, line)
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path, depth)
            case yaml.SequenceNode():
                return [self.tree(item, f"{path}[{i}]", depth + 1) for i, item in enumerate(node.value)]
            case _:
                return None if node.tag == _NULL else str(node.value)

    def _mapping(self, node: yaml.MappingNode, path: str, depth: int) -> Tree:
        result: dict[str, Tree] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise UnreadableFileError(key_node.start_mark.line + 1, "a key is plain text")
            key = str(key_node.value)
            key_path = f"{path}.{key}"
            if key in result:
                repeat = f"{key_path}(again)"
                self._source.lines[repeat] = key_node.start_mark.line + 1
                self._source.repeated.append(repeat)
                continue
            self._source.lines[key_path] = key_node.start_mark.line + 1
            result[key] = self.tree(value_node, key_path, depth + 1)
        return result


def _json_as_yaml(text: str) -> str:
    """Undo what JSON may do and YAML may not: indent with tabs, and write one character as two escapes."""
    return _ESCAPED_TWICE.sub(_one_character, text.replace("\t", "  "))


def _one_character(escapes: re.Match[str]) -> str:
    high, low = escapes["high"], escapes["low"]
    if high is None:
        return escapes[0]  # a backslash that is itself escaped
    return bytes.fromhex(high + low).decode("utf-16-be")
