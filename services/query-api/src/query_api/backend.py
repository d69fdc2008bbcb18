"""What every request works with, and who is asking."""

import asyncio
from dataclasses import dataclass, replace
from typing import Annotated

import asyncpg
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from query_api.auth import Reader, Refused, Role, Token, reader_of
from query_api.operations.registry import Operations
from query_api.problems import forbidden, too_many, unauthorized
from query_api.rate_limit import RateLimit
from query_api.repository.tokens import find_token, touch
from query_api.sessions import Sessions
from query_api.single_sign_on import SingleSignOn
from query_api.starting import Starter
from shared.envelope import utc_now
from shared.vault import Vault


@dataclass(frozen=True, slots=True)
class Backend:
    """`exports`: as many files are written at once as it lets pass. `sign_on` None: tokens only.
    `payload_days`, `minute_days`: as the recorder keeps payloads, and counts by minute.
    `ingest_url`: where shops reach the ingest; None: nobody said. `trace_url_template`: where traces are
    looked at; empty: nobody said."""

    pool: asyncpg.Pool
    vault: Vault
    sessions: Sessions
    starter: Starter
    exports: asyncio.Semaphore
    rate_limit: RateLimit
    sign_on: SingleSignOn | None
    payload_days: int
    operations: Operations
    minute_days: int
    ingest_url: str | None
    trace_url_template: str


_bearer = HTTPBearer(
    auto_error=False,
    description="A token made with `query-api tokens create`, sent as `Authorization: Bearer …`",
)


def client_address(request: Request) -> str | None:
    """Where a request came from, for the audit log."""
    return request.client.host if request.client else None


def backend_of(request: Request) -> Backend:
    backend: Backend = request.app.state.backend
    return backend


BackendOf = Annotated[Backend, Depends(backend_of)]


async def api_reader(
    request: Request,
    backend: BackendOf,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Reader:
    """Raises 401 unless the request carries a good token."""
    if credentials is None:
        raise unauthorized("Send a token as `Authorization: Bearer …`; an administrator makes one.")
    try:
        reader = await admitted(backend, await find_token(backend.pool, credentials.credentials))
        return replace(reader, address=client_address(request))
    except Refused as refusal:
        raise unauthorized(str(refusal)) from refusal


async def admitted(backend: Backend, token: Token | None) -> Reader:
    """Raises Refused, or Problem when the token asks too often."""
    now = utc_now()
    reader = reader_of(token, now)
    assert token is not None
    if (wait_s := backend.rate_limit.wait_s(token.id)) > 0:
        raise too_many(wait_s)
    await touch(backend.pool, token, now)
    return reader


ApiReader = Annotated[Reader, Depends(api_reader)]


async def operator(reader: ApiReader) -> Reader:
    """Raises 403 for roles that may look but not act."""
    if not reader.role.includes(Role.OPERATOR):
        raise forbidden(
            f"To act, a token needs the role operator or admin; the role {reader.role} may only look. "
            "Ask an administrator for another token."
        )
    return reader


Operator = Annotated[Reader, Depends(operator)]


async def administrator(reader: ApiReader) -> Reader:
    """Raises 403 for everybody but administrators."""
    if reader.role is not Role.ADMIN:
        raise forbidden(f"This is for the role admin; this token's role is {reader.role}.")
    return reader


Administrator = Annotated[Reader, Depends(administrator)]


async def payload_reader(reader: ApiReader) -> Reader:
    """Raises 403 for roles that may see properties of tasks but not the data itself."""
    if not reader.may_see_payloads:
        raise forbidden(
            f"The data of tasks is for the roles operator and admin; this token's role is {Role.VIEWER}. "
            "Ask an administrator for a token with such a role."
        )
    return reader


PayloadReader = Annotated[Reader, Depends(payload_reader)]
