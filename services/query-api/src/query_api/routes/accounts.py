"""`/accounts`: the systems shops are connected to; credentials can be written and never read."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from query_api.account_kinds import KINDS, Credential, Unusable, address_fault, kind_of, usable
from query_api.auth import Reader
from query_api.backend import Administrator, ApiReader, Backend, BackendOf
from query_api.problems import FieldProblem, Problem, documented, invalid, not_found
from query_api.repository import accounts as store
from query_api.repository.accounts import Account, Change, Held
from query_api.repository.administration import AccountParticulars
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.repository.shops import visible_shops
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import Name, RowNumber, named_shops
from query_api.schemas.accounts import AccountAnswer, AccountChange, AccountIn, AccountOut, AccountsAnswer

router = APIRouter(prefix="/accounts", tags=["accounts"])


class AccountsParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    shop: list[str] = Field(default=[], description="A shop's domain; may be repeated")
    kind: list[Name] = Field(default=[], description=f"One of {', '.join(KINDS)}; may be repeated")


@router.get("", summary="Accounts", responses=documented(400, 401, 503))
async def list_accounts(
    parameters: Annotated[AccountsParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> AccountsAnswer:
    """The systems the shops are connected to, suppliers ("plugins") among them."""
    async with snapshot(backend.pool) as connection:
        shop_ids = await chosen_shops(connection, parameters.shop, reader)
        found = await store.all_accounts(
            connection, backend.vault, shop_ids=shop_ids, kinds=parameters.kind or None
        )
        return AccountsAnswer(
            as_of=await answered_as_of(connection, response),
            accounts=[shown(account) for account in found],
        )


@router.get("/{account_id}", summary="One account", responses=documented(401, 404, 503))
async def get_account(
    account_id: RowNumber, reader: ApiReader, backend: BackendOf, response: Response
) -> AccountAnswer:
    """Its address, settings and condition; of its credentials only which there are."""
    async with snapshot(backend.pool) as connection:
        account = visible(await store.find_account(connection, backend.vault, account_id), reader)
        return AccountAnswer(as_of=await answered_as_of(connection, response), account=shown(account))


@router.post("", status_code=201, summary="Connect a system", responses=documented(400, 401, 403, 409, 503))
async def create_account(
    wanted: AccountIn, reader: Administrator, backend: BackendOf, response: Response
) -> AccountAnswer:
    """Connects a shop to a system. Needs the role admin."""
    async with backend.pool.acquire() as connection, connection.transaction():
        (shop_id,) = named_shops([wanted.shop], await visible_shops(connection, reader.shop_ids))
        particulars = checked(_particulars(wanted))
        account_id = await store.insert_account(connection, backend.vault, shop_id, particulars)
        if account_id is None:
            raise _taken(particulars)
        detail = {"kind": particulars.kind, "name": particulars.name}
        deed = Deed("account.create", shop_id, detail, subject=str(account_id))
        await audit(connection, reader, deed)
    return await _answer(backend, account_id, response)


@router.patch(
    "/{account_id}", summary="Change an account", responses=documented(400, 401, 403, 404, 409, 503)
)
async def update_account(
    account_id: RowNumber,
    change: AccountChange,
    reader: Administrator,
    backend: BackendOf,
    response: Response,
) -> AccountAnswer:
    """Changes what the body names. A problem noted before is taken back, and what waited for new credentials
    goes on within a minute. Needs the role admin."""
    async with backend.pool.acquire() as connection, connection.transaction():
        held = _held(await store.hold_account(connection, backend.vault, account_id), reader)
        changed = Change(**change.model_dump(exclude_unset=True)).applied_to(held)
        changed = replace(changed, particulars=checked(changed.particulars))
        if not await store.change_account(connection, backend.vault, changed):
            raise _taken(changed.particulars)
        detail = {"changed": sorted(change.model_fields_set)}
        deed = Deed("account.update", held.shop_id, detail, subject=str(account_id))
        await audit(connection, reader, deed)
    return await _answer(backend, account_id, response)


def visible(account: Account | None, reader: Reader) -> Account:
    """Raises 404 alike for accounts that do not exist and for those of shops the reader may not see."""
    if account is None or not reader.may_see_shop(account.shop_id):
        raise _nowhere()
    return account


def shown(account: Account) -> AccountOut:
    return AccountOut(
        id=str(account.id),
        shop=account.domain,
        kind=account.kind,
        name=account.name,
        base_url=account.base_url,
        credentials=None if account.credentials is None else list(account.credentials),
        settings=account.settings,
        is_active=account.is_active,
        problem=account.problem,
        paused_until=account.paused_until,
        pause_reason=account.pause_reason,
        is_held=account.is_held,
        created_at=account.created_at,
        updated_at=account.updated_at,
    )


def checked(particulars: AccountParticulars) -> AccountParticulars:
    """Raises Problem naming every field that can not be used."""
    try:
        settings = usable(kind_of(particulars.kind), particulars.credentials, particulars.settings)
    except Unusable as unusable:
        raise _unusable(unusable.faults) from unusable
    if (fault := address_fault(particulars.base_url)) is not None:
        raise invalid("base_url", f"{particulars.base_url!r} {fault}.")
    return replace(particulars, settings=settings, base_url=particulars.base_url.rstrip("/"))


async def chosen_shops(connection: Any, domains: list[str], reader: Reader) -> tuple[int, ...] | None:
    """None: of all shops there are. Raises Problem for one the reader may not see."""
    if not domains:
        return reader.shop_ids
    return tuple(named_shops(domains, await visible_shops(connection, reader.shop_ids)))


async def _answer(backend: Backend, account_id: RowNumber, response: Response) -> AccountAnswer:
    async with snapshot(backend.pool) as connection:
        account = await store.find_account(connection, backend.vault, account_id)
        assert account is not None
        return AccountAnswer(as_of=await answered_as_of(connection, response), account=shown(account))


def _held(held: Held | None, reader: Reader) -> Held:
    if held is None or not reader.may_see_shop(held.shop_id):
        raise _nowhere()
    return held


def _particulars(wanted: AccountIn) -> AccountParticulars:
    return AccountParticulars(
        kind=wanted.kind.strip().lower(),
        name=wanted.name.strip(),
        base_url=(wanted.base_url or _own_address(wanted)).strip(),
        credentials={name: _stripped(value) for name, value in wanted.credentials.items()},
        settings=wanted.settings,
    )


def _own_address(wanted: AccountIn) -> str:
    kind = KINDS.get(wanted.kind.strip().lower())
    if kind is not None and kind.has_address:
        raise invalid("base_url", "The endpoint is missing: where the system's API is.")
    return f"https://{wanted.shop.strip().lower()}"


def _stripped(value: Credential) -> Credential:
    return [part.strip() for part in value] if isinstance(value, list) else value.strip()


def _unusable(faults: Mapping[str, str]) -> Problem:
    problem = Problem(400, "invalid-parameter", " ".join(f"{name}: {text}." for name, text in faults.items()))
    problem.errors = [FieldProblem(field=name, message=text) for name, text in faults.items()]
    return problem


def _taken(particulars: AccountParticulars) -> Problem:
    detail = (
        f"The shop has an account of kind {particulars.kind} called {particulars.name!r} already: change "
        "that one, or choose another name."
    )
    return Problem(409, "conflict", detail, field="name")


def _nowhere() -> Problem:
    return not_found("There is no such account that this token may see.")
