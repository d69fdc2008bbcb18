"""What is kept of an exchange besides its bodies: facts for everybody, and those that may name a person.

Addresses with their queries (`contacts/id?email=…`) and headers are sealed with the shop's key as bodies are:
who may not read the one does not read the other, and both are gone with the key. Pure.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import orjson

from shared.vault import DataKey, SealBroken

SEALED = "sealed"
_MAY_NAME_SOMEBODY = ("url", "headers", "request_headers", "response_headers")

Facts = dict[str, Any]


def bare_url(url: str) -> str:
    """Without the query, which may name a person."""
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))


def bare_facts(facts: Mapping[str, Any]) -> Facts:
    """What may be kept in the clear."""
    left_out = (SEALED, *_MAY_NAME_SOMEBODY)
    bare = {name: value for name, value in facts.items() if name not in left_out}
    url = facts.get("url")
    return bare | {"url": bare_url(url)} if isinstance(url, str) else bare


def sealed_facts(facts: Mapping[str, Any], key: DataKey, task_id: UUID) -> Facts:
    """As they are stored; `opened_facts` gives them back."""
    hidden = {name: facts[name] for name in _MAY_NAME_SOMEBODY if facts.get(name)}
    if not hidden:
        return bare_facts(facts)
    seal = base64.b64encode(key.seal(orjson.dumps(hidden), task_id)).decode()
    return {**bare_facts(facts), SEALED: seal}


def opened_facts(stored: Mapping[str, Any], key: DataKey | None, task_id: UUID) -> Facts:
    """Raises SealBroken when the shop's key is gone, or is another one."""
    facts = {name: value for name, value in stored.items() if name != SEALED}
    seal = stored.get(SEALED)
    if seal is None:
        return facts
    if key is None:
        raise SealBroken("the shop has no key")
    try:
        hidden: Facts = orjson.loads(key.open(base64.b64decode(seal, validate=True), task_id))
    except (binascii.Error, orjson.JSONDecodeError) as error:
        raise SealBroken("not what was sealed") from error
    return facts | hidden
