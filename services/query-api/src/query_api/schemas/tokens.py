"""API tokens, and who is asking."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from query_api.auth import Role
from query_api.schemas.answer import Answer, RowId

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")
]
_ROLE = "viewer: properties; operator: data and actions; admin: everything"
_SHOPS = "Domains of the shops it sees; null: all"
_DOMAINS = [["demo-outdoor.myshopify.com"]]


class TokenIn(BaseModel):
    """A new token."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(description="Who or what uses it", examples=["warehouse report"])
    role: Role = Field(description=_ROLE, examples=["viewer"])
    shops: list[str] | None = Field(
        default=None,
        min_length=1,
        max_length=1_000,
        description="Domains of the shops it is to see. Left out: all that this token sees",
        examples=_DOMAINS,
    )
    expires_at: AwareDatetime | None = Field(
        default=None,
        description="Left out: when this token ends, or never",
        examples=["2027-11-21T00:00:00Z"],
    )


class TokenOut(BaseModel):
    id: RowId
    kind: Literal["token", "person"] = Field(description="person: somebody who signs in by OIDC")
    name: str = Field(examples=["warehouse report"])
    prefix: str = Field(description="How the token begins; empty for persons", examples=["sl_8Hq2Zk"])
    role: Role = Field(description=_ROLE)
    shops: list[str] | None = Field(description=_SHOPS, examples=_DOMAINS)
    state: Literal["good", "expired", "revoked"]
    sessions: int = Field(description="Browsers signed in to the console with it", examples=[1])
    created_at: datetime
    expires_at: datetime | None = Field(description="Null: never")
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute; null: never")


class TokensAnswer(Answer):
    tokens: list[TokenOut]
    next: str | None = Field(description="`before` for the next page; null: this is the last")


class TokenAnswer(Answer):
    token: TokenOut


class NewTokenAnswer(TokenAnswer):
    secret: str = Field(
        description="The token itself, shown this once: only its hash is kept",
        examples=["sl_8Hq2ZkV0yGJm3o4m2yq1u0oFJb8xkQp7wYtR5nEaC1s"],
    )


class SignedOutAnswer(Answer):
    ended: int = Field(description="Console sessions that were ended", examples=[2])


class MeAnswer(Answer):
    """What the token of this request allows."""

    id: RowId
    name: str
    role: Role = Field(description=_ROLE)
    shops: list[str] | None = Field(description=_SHOPS, examples=_DOMAINS)
    expires_at: datetime | None = Field(description="Null: never")
