"""The XML of eBay's Trading API: built and read by a parser, never by pasting strings. Pure.

Answers come from outside: document types, and with them entities of any kind, are refused before anything of
them is expanded or fetched.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

NAMESPACE = "urn:ebay:apis:eBLBaseComponents"
_NO_CHARACTERS = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class BadXml(ValueError):
    """The answer is not the document that was asked for; the text says why."""


@dataclass(frozen=True, slots=True)
class Node:
    """An element of an answer. Paths are local names, like `Errors/ShortMessage`."""

    element: Element

    def text(self, path: str = "") -> str | None:
        """The text there without spaces around it; None when there is none."""
        found = self.element.find(_qualified(path)) if path else self.element
        text = (found.text or "").strip() if found is not None else ""
        return text or None

    def all(self, path: str) -> Iterator["Node"]:
        return (Node(element) for element in self.element.iterfind(_qualified(path)))

    def first(self, path: str) -> "Node | None":
        return next(self.all(path), None)

    def attribute(self, name: str) -> str | None:
        return self.element.get(name)


def element(name: str, *content: Element | str) -> Element:
    """An element of eBay's namespace with this text or these children; what XML can not hold is left out."""
    made = Element(f"{{{NAMESPACE}}}{name}")
    for part in content:
        if isinstance(part, str):
            made.text = (made.text or "") + _NO_CHARACTERS.sub("", part)
        else:
            made.append(part)
    return made


def request(call: str, *content: Element) -> bytes:
    """The body of a request for this call."""
    document: bytes = tostring(
        element(f"{call}Request", *content), "utf-8", xml_declaration=True, default_namespace=NAMESPACE
    )
    return document


def answer(body: bytes, call: str) -> Node:
    """The root of the answer to this call. Raises BadXml."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise BadXml("it declares a document type or entities, which eBay never does") from None
    except (ParseError, ValueError, LookupError):
        raise BadXml("it is no well-formed XML") from None
    if root.tag != f"{{{NAMESPACE}}}{call}Response":
        raise BadXml(f"it is no {call}Response of eBay's namespace")
    return Node(root)


def _qualified(path: str) -> str:
    return "/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/"))
