"""Global ids: `gid://shopify/Order/123`."""

import re

from graphql import GraphQLError

_GID = re.compile(r"gid://shopify/([A-Za-z]+)/(\d+)")


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def read_gid(text: str) -> tuple[str, int]:
    """Kind and number; raises GraphQLError for what is no global id."""
    match = _GID.fullmatch(text)
    if match is None:
        raise GraphQLError(f"Invalid global id '{text}'", extensions={"code": "RESOURCE_NOT_FOUND"})
    return match[1], int(match[2])


def number_of(text: str, kind: str) -> int | None:
    """The number of an id of this kind, None for one of another kind; raises GraphQLError."""
    found, number = read_gid(text)
    return number if found == kind else None
