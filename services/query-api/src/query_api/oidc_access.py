"""Signing in by OIDC: what a person's groups give them, and what is remembered until they come back. Pure."""

import hmac
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from query_api.auth import Role

PATIENCE = timedelta(minutes=10)
_LONGEST_NAME = 100


class SignInRefused(Exception):
    """The message is for the person who wanted to sign in."""


class GroupRule(BaseModel):
    """What a group gives. `shops`: domains; None: all shops."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role
    shops: tuple[str, ...] | None = Field(default=None, min_length=1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the provider vouches for. `subject`: issuer and subject, which never change."""

    subject: str
    name: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Departure:
    """What the browser holds, sealed, while its owner is with the provider."""

    state: str
    nonce: str
    verifier: str
    wanted: str
    at: float

    def packed(self) -> bytes:
        return orjson.dumps(asdict(self))


def unpacked(content: bytes) -> Departure:
    return Departure(**orjson.loads(content))


def check_return(departure: Departure, state: str, now: datetime) -> None:
    """Raises SignInRefused unless the browser comes back from where it was sent, and in time."""
    if not hmac.compare_digest(departure.state.encode(), state.encode()):
        raise SignInRefused("This sign-in was not begun here. Begin again.")
    if now.timestamp() - departure.at > PATIENCE.total_seconds():
        raise SignInRefused("This sign-in took too long. Begin again.")


def rule_for(groups: Collection[str], rules: Mapping[str, GroupRule]) -> GroupRule:
    """The highest role the groups give, for the shops of the groups that give it. Raises SignInRefused.

    Shops of groups with a lower role do not count: there, the person may not do what the higher role does.
    """
    given = [rule for group, rule in rules.items() if group in groups]
    if not given:
        raise SignInRefused("None of your groups may use Syncledger. Ask an administrator.")
    role = max((rule.role for rule in given), key=list(Role).index)
    shops = [rule.shops for rule in given if rule.role is role]
    if any(domains is None for domains in shops):
        return GroupRule(role=role)
    return GroupRule(
        role=role, shops=tuple(sorted({domain for domains in shops for domain in domains or ()}))
    )


def person_of(issuer: str, claims: Mapping[str, Any], groups_claim: str) -> Person:
    """From checked claims. A single group may come as plain text."""
    found = claims.get(groups_claim) or []
    groups = [found] if isinstance(found, str) else found
    named = (claims.get(name) for name in ("preferred_username", "email", "name", "sub"))
    name = next(str(text) for text in named if text)
    return Person(
        subject=f"{issuer} {claims['sub']}",
        name=name[:_LONGEST_NAME],
        groups=frozenset(str(group) for group in groups) if isinstance(groups, list) else frozenset(),
    )
