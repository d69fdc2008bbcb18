"""Requests and answers of the Trading API as XML. Document types are refused, so there are no entities."""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

NAMESPACE = "urn:ebay:apis:eBLBaseComponents"
_QUALIFIED = f"{{{NAMESPACE}}}"

# What a request may hold: None is text, a mapping has fields, a list of either may be repeated.
Schema = Mapping[str, Any]


class Unacceptable(ValueError):
    """The request is not what the call takes; the text says where."""


def read(body: bytes, call: str, schema: Schema) -> dict[str, Any]:
    """The request's content by name. Raises Unacceptable for anything that is not in the schema."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, LookupError, DefusedXmlException) as error:
        raise Unacceptable(f"XML Parse error: {type(error).__name__}") from error
    if root.tag != f"{_QUALIFIED}{call}Request":
        raise Unacceptable(f"the root is {root.tag}, and not {call}Request of eBay's namespace")
    return _fields(root, schema, call)


def name_of(body: bytes) -> str | None:
    """The call a request names by its root; None when it can not be read."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, LookupError, DefusedXmlException):
        return None
    return str(root.tag).removeprefix(_QUALIFIED).removesuffix("Request")


def write(name: str, content: Mapping[str, Any]) -> bytes:
    """A document of eBay's namespace. Lists repeat an element; None is left out; `@x` is an attribute."""
    root = _element(name, {"@xmlns": NAMESPACE, **content})
    document: bytes = tostring(root, "utf-8", xml_declaration=True)
    return document


def _fields(parent: Element, schema: Schema, place: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in parent:
        name = str(child.tag).removeprefix(_QUALIFIED)
        if not str(child.tag).startswith(_QUALIFIED) or name not in schema:
            raise Unacceptable(f"{place} has no {name}")
        kind = schema[name]
        if isinstance(kind, list):
            found.setdefault(name, []).append(_value(child, kind[0], f"{place}.{name}"))
        elif name in found:
            raise Unacceptable(f"{place}.{name} stands there twice")
        else:
            found[name] = _value(child, kind, f"{place}.{name}")
    return found


def _value(element: Element, kind: Any, place: str) -> Any:
    if kind is not None:
        return _fields(element, kind, place)
    if len(element):
        raise Unacceptable(f"{place} holds a text only")
    return (element.text or "").strip()


def _element(name: str, content: Any) -> Element:
    made = Element(name)
    if not isinstance(content, Mapping):
        made.text = str(content)
        return made
    for key, value in content.items():
        if key.startswith("@"):
            made.set(key[1:], str(value))
        elif key == "#":
            made.text = str(value)
        else:
            values = value if isinstance(value, list) else [value]
            made.extend(_element(key, one) for one in values if one is not None)
    return made
