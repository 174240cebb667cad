"""A YAML text changed at one place: line ends, byte order mark, indentation and comments stay as they are elsewhere.

Writing parsed documents out again would do more than was asked: it indents, breaks lines and ends files its own way.
"""

from __future__ import annotations

import json
import re
import textwrap
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from pulumi_pod_security.platforms.switch import SwitchError

__all__ = ["Entry", "entry", "reader", "roots", "with_first", "with_value"]

Entry = tuple[ScalarNode, Any, MappingNode]
"""A key, its value's node, and the mapping both are in."""

_WIDEST = 1_000_000
_BREAK = re.compile(r"\r\n|\n|\r")


def reader() -> YAML:
    """A parser that keeps quiet: its warnings about anchors quote lines of the text, and those may hold tokens."""
    yaml = YAML()
    yaml.composer.warn_double_anchors = False
    return yaml


def roots(text: str) -> list[Any]:
    """The root node of every document; `text` must be YAML."""
    return list(reader().compose_all(text))


def entry(mapping: object, name: str) -> Entry | None:
    """The entry of a mapping node with this key."""
    if not isinstance(mapping, MappingNode):
        return None
    return next(((key, value, mapping) for key, value in mapping.value if key.value == name), None)


def with_value(text: str, place: Entry, value: str) -> str:
    """`text` with another scalar as the value of `place`, quoted as the one before.

    Raises:
        SwitchError: the value has an anchor, so that it may be what stands elsewhere too.
    """
    key, node, mapping = place
    if node.anchor:
        raise SwitchError(
            f"{key.value}: its value is shared by the anchor {node.anchor!r}, and what refers to it would change too; "
            "write it out"
        )
    style = node.style if node.style in ("'", '"') else None
    if style is None and (mapping.flow_style or not value):
        style = '"'
    return _over(text, key, node, f"{style or ''}{value}{style or ''}")


def with_first(text: str, place: Entry, item: dict[str, Any] | list[Any]) -> str:
    """`text` with `item` as the first of what the collection at `place` holds; an empty value becomes `item`."""
    key, node, _ = place
    if not isinstance(node, (MappingNode, SequenceNode)):
        return _over(text, key, node, json.dumps(item))
    start = node.start_mark.index
    if node.flow_style:
        inner = json.dumps(item)[1:-1] + (", " if node.value else "")
        return text[: start + 1] + inner + text[start + 1 :]
    return _below(text, key.end_mark.index, textwrap.indent(_block(item), " " * node.start_mark.column))


def _over(text: str, key: ScalarNode, node: Any, new: str) -> str:
    """`text` with `new` where the node is; what ends a block scalar, its last line break, stays."""
    start, end = node.start_mark.index, node.end_mark.index
    if start == end:
        # The mark of a value that is not there is wherever the next thing begins.
        start = end = text.index(":", key.end_mark.index) + 1
        new = f" {new}"
    return text[:start] + new + text[start + len(text[start:end].rstrip()) :]


def _below(text: str, index: int, lines: str) -> str:
    """`text` with `lines` after the line of `index`, and with the line breaks of its first line."""
    first, at = _BREAK.search(text), _BREAK.search(text, index)
    line_end = first[0] if first else "\n"
    added = lines.rstrip("\n").replace("\n", line_end)
    if at is None:
        return text + line_end + added
    return text[: at.end()] + added + line_end + text[at.end() :]


def _block(item: object) -> str:
    out, yaml = StringIO(), YAML()
    # What is long stays on its line.
    yaml.width = _WIDEST
    yaml.dump(item, out)
    return out.getvalue()
