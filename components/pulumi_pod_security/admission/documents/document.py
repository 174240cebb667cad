"""What reading gives: an object and the place where it was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from pulumi_pod_security.admission.conversion import converted, decoder, described
from pulumi_pod_security.errors import MISSING, Fault, InvalidInput

__all__ = ["Document", "Entries", "Read", "Unreadable", "is_list", "objects"]


T = TypeVar("T")


class Document:
    """A Kubernetes object and its place, such as `shop.yaml[2].items[0]`.

    Attributes:
        version, kind: the object's `apiVersion` and `kind`.
        text: the object while it is JSON still.
    """

    __slots__ = ("_data", "kind", "text", "version", "where")

    def __init__(self, *, where: str, data: Mapping[str, Any]) -> None:
        self.where, self._data = where, data
        self.text: msgspec.Raw | None = None
        self.version, self.kind = str(data["apiVersion"]), str(data["kind"])

    @classmethod
    def of_json(cls, where: str, version: str, kind: str, text: msgspec.Raw) -> Document:
        """An object that is JSON still, and need not say its version and kind itself."""
        found = cls(where=where, data={"apiVersion": version, "kind": kind})
        found.text = text
        return found

    @property
    def data(self) -> Mapping[str, Any]:
        """The object as plain data.

        Raises:
            InvalidInput: it is no JSON, or no mapping.
        """
        return self._data if self.text is None else {**self._plain(self.text), **self._data}

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Its metadata; empty where there is none, or where the object cannot be read: who judges it tells that."""
        try:
            found = self.data.get("metadata")
        except InvalidInput:
            return {}
        return found if isinstance(found, Mapping) else {}

    def typed(self, kind: type[T]) -> T:
        """What of the object the type asks for, without the rest.

        Raises:
            InvalidInput: something of it is of another type; the fault names it.
        """
        if self.text is not None:
            try:
                found: T = decoder(kind).decode(self.text)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                # What is wrong is told from plain data below.
                pass
            else:
                return found
        return converted(self.data, kind, self.where)

    def _plain(self, text: msgspec.Raw) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = decoder(dict[str, Any]).decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            said = "too many levels" if isinstance(error, RecursionError) else str(error)
            raise InvalidInput(self.where, [Fault(path=self.where, value=said, allowed="an object as JSON")]) from None
        return found


Read = Document | Fault

Entries = Iterable[tuple[int | None, object]]
"""A parsed text in pieces: what its `items` hold, each with its index, and then the rest of it, with None. A piece may
be JSON still."""


class _Head(msgspec.Struct, rename="camel"):
    """What every object says first."""

    api_version: str = ""
    kind: str = ""


class Unreadable(Exception):
    """A text that is no object; the fault lacks the name of the text's document only."""

    def __init__(self, *, line: int | None, found: str, allowed: str) -> None:
        super().__init__(found)
        self.line, self.found, self.allowed = line, found, allowed

    def fault(self, where: str, above: int) -> Fault:
        """The fault in the document, which begins below so many lines of its file."""
        path = where if self.line is None else f"{where}, line {above + self.line}"
        return Fault(path=path, value=self.found, allowed=self.allowed)


def objects(where: str, entries: Entries) -> Iterator[Read]:
    """The object in a parsed text or, of a list, every one of its items; an empty text holds none.

    The items of an API server's own lists, such as a PodList, do not repeat their kind, which comes behind them.
    """
    bare: list[tuple[int, Mapping[str, Any]]] = []
    for index, piece in entries:
        data = _of_json(where if index is None else f"{where}.items[{index}]", piece)
        if isinstance(data, Document | Fault):
            yield data
        elif index is None:
            yield from _rest(where, data, bare)
        elif isinstance(data, Mapping) and "kind" not in data:
            bare.append((index, data))
        else:
            yield from _item(f"{where}.items[{index}]", data, 1)


def _of_json(where: str, piece: object) -> object:
    """The object that is JSON still; of a list, and of what is no object, plain data."""
    if not isinstance(piece, msgspec.Raw):
        return piece
    try:
        head = decoder(_Head).decode(piece)
        if head.api_version and head.kind and not head.kind.endswith("List"):
            return Document.of_json(where, head.api_version, head.kind, piece)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # What is wrong with it is told from plain data.
        pass
    try:
        return decoder(Any).decode(piece)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Fault(path=where, value=str(error), allowed="JSON, of lists and mappings of at most some hundred levels")


def _rest(where: str, data: object, bare: list[tuple[int, Mapping[str, Any]]], depth: int = 0) -> Iterator[Read]:
    """What is known of a text at its end: whether it was a list, and of what."""
    inherited: dict[str, Any] = {}
    if isinstance(data, Mapping) and is_list(data):
        kind = data["kind"].removesuffix("List")
        inherited = {"apiVersion": data.get("apiVersion"), "kind": kind} if kind else {}
        yield from _kept_items(where, data.get("items", MISSING), inherited, depth + 1)
    elif data is not None:
        yield from _one(where, data)
    for index, item in bare:
        yield from _item(f"{where}.items[{index}]", {**inherited, **item}, depth + 1)


def _kept_items(where: str, items: object, inherited: Mapping[str, Any], depth: int) -> Iterator[Read]:
    if not isinstance(items, list | None):
        yield Fault(path=f"{where}.items", value=described(items), allowed="a list of Kubernetes objects")
        return
    for index, item in enumerate(items or ()):
        whole = {**inherited, **item} if isinstance(item, Mapping) else item
        yield from _item(f"{where}.items[{index}]", whole, depth)


def _item(where: str, data: object, depth: int) -> Iterator[Read]:
    """An item of a list, which may be a list."""
    if depth > _NESTED:
        yield Fault(path=where, value=described(data), allowed=f"lists at most {_NESTED} deep inside each other")
    elif isinstance(data, Mapping) and is_list(data):
        yield from _rest(where, data, [], depth)
    else:
        yield from _one(where, data)


def _one(where: str, data: object) -> Iterator[Read]:
    if not isinstance(data, Mapping):
        allowed = "a Kubernetes object: a mapping with apiVersion and kind"
        yield Fault(path=where, value=described(data), allowed=allowed)
        return
    missing = next((key for key in _EXAMPLES if not isinstance(data.get(key), str) or not data[key]), None)
    if missing is None:
        yield Document(where=where, data=data)
    else:
        value = MISSING if data.get(missing) is None else described(data[missing])
        yield Fault(path=f"{where}.{missing}", value=value, allowed=_EXAMPLES[missing])


_NESTED = 20
_EXAMPLES = {
    "apiVersion": "the API's group and version, such as 'v1' or 'apps/v1'",
    "kind": "the object's kind, such as 'Pod' or 'Deployment'",
}


def is_list(data: Mapping[str, Any]) -> bool:
    """Whether the object is a list; a custom resource's kind may end so too, and then it has a spec or no items."""
    kind = data.get("kind")
    if not isinstance(kind, str) or kind == "List":
        return kind == "List"
    return kind.endswith("List") and "items" in data and "spec" not in data
