"""`/accounts…`."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from query_api.account_kinds import KINDS, SUPPLIER
from query_api.backend import administrator, operator
from query_api.console.accounts import entering, words
from query_api.console.entered import checked, faults_of
from query_api.console.frame import Frame, FrameOf
from query_api.console.notices import done, refused
from query_api.problems import Problem
from query_api.repository.connections import snapshot
from query_api.routes import accounts as api
from query_api.routes import actions
from query_api.routes.checking import check_account
from query_api.routes.parameters import RowNumber
from query_api.schemas.accounts import AccountChange, AccountIn, AccountOut, ActionIn

router = APIRouter()
ACTIONS = {
    "fetch-products": (actions.fetch_all_products, "Fetch All Products"),
    "fetch-orders": (actions.fetch_all_orders, "Fetch All Orders"),
    "publish-orders": (actions.publish_all_orders, "Publish All Orders"),
}


@router.get("/accounts")
async def show_accounts(frame: FrameOf) -> Response:
    """Of one shop, where the address names it."""
    asked = {"shop": [frame.parameter("shop")]} if frame.parameter("shop") else {}
    asked_for = checked(api.AccountsParameters, asked)
    answer = await api.list_accounts(asked_for, frame.reader, frame.backend, Response())
    by_shop: dict[str, list[AccountOut]] = {}
    for account in answer.accounts:
        by_shop.setdefault(account.shop, []).append(account)
    has_suppliers = any(account.kind == SUPPLIER.name for account in answer.accounts)
    return await frame.show_alone(
        "accounts/list.html",
        by_shop=by_shop,
        titles=words.KIND_TITLES,
        actions=ACTIONS if has_suppliers else {},
    )


@router.get("/accounts/new")
async def show_new(frame: FrameOf) -> Response:
    await administrator(frame.reader)
    kind = frame.parameter("kind")
    return await _show_form(frame, None, kind if kind in KINDS else "", {})


@router.post("/accounts")
async def create(frame: FrameOf) -> Response:
    """Shows the form again where something can not be used."""
    form = await _form(frame)
    kind = form.get("kind", "")
    try:
        reader = await administrator(frame.reader)
        values = {
            **{name: form.get(name, "") for name in ("shop", "kind", "name")},
            "base_url": form.get("base_url", "").strip() or None,
            "credentials": entering.credentials_of(kind, form) if kind in KINDS else {},
            "settings": entering.settings_of(kind, form),
        }
        answer = await api.create_account(checked(AccountIn, values), reader, frame.backend, Response())
    except Problem as problem:
        return await _show_form(frame, None, kind if kind in KINDS else "", form, problem)
    return done(f"/accounts/{answer.account.id}", f"{answer.account.name} is connected.")


@router.get("/accounts/{account_id}")
async def show_account(account_id: RowNumber, frame: FrameOf) -> Response:
    answer = await api.get_account(account_id, frame.reader, frame.backend, Response())
    return await frame.show_alone(
        "accounts/one.html",
        account=answer.account,
        options=words.options_of(answer.account.kind, answer.account.settings),
        credential_title=words.credential_title,
        titles=words.KIND_TITLES,
        actions=ACTIONS,
        supplier=SUPPLIER.name,
    )


@router.get("/accounts/{account_id}/edit")
async def show_edit(account_id: RowNumber, frame: FrameOf) -> Response:
    await administrator(frame.reader)
    answer = await api.get_account(account_id, frame.reader, frame.backend, Response())
    return await _show_form(frame, answer.account, answer.account.kind, {})


@router.post("/accounts/{account_id}/edit")
async def edit(account_id: RowNumber, frame: FrameOf) -> Response:
    form = await _form(frame)
    account = (await api.get_account(account_id, frame.reader, frame.backend, Response())).account
    try:
        reader = await administrator(frame.reader)
        settings = entering.settings_of(account.kind, form)
        values: dict[str, Any] = {
            "name": form.get("name", ""),
            "base_url": form.get("base_url", "").strip(),
            "is_active": "is_active" in form,
            "settings": entering.changed_settings(account.settings, settings),
        }
        if credentials := entering.credentials_of(account.kind, form):
            values["credentials"] = credentials
        change = checked(AccountChange, values)
        await api.update_account(account_id, change, reader, frame.backend, Response())
    except Problem as problem:
        return await _show_form(frame, account, account.kind, form, problem)
    return done(f"/accounts/{account_id}", "The account is changed.")


@router.post("/accounts/{account_id}/test")
async def try_account(account_id: RowNumber, frame: FrameOf) -> Response:
    address = f"/accounts/{account_id}"
    try:
        trial = await check_account(account_id, await operator(frame.reader), frame.backend, Response())
    except Problem as problem:
        return refused(address, problem)
    words = " ".join(part for part in (trial.message, trial.remedy) if part)
    if trial.state == "failed":
        return refused(address, Problem(409, "conflict", f"The trial failed. {words}"))
    return done(
        address, f"The trial {trial.state}. {words}" if trial.state == "succeeded" else "The trial goes on."
    )


@router.post("/accounts/actions/{action}")
async def act(action: str, frame: FrameOf) -> Response:
    """Of one supplier, or of all."""
    form = await _form(frame)
    account_id = form.get("account_id") or None
    address = f"/accounts/{account_id}" if account_id and account_id.isdecimal() else "/accounts"
    if action not in ACTIONS:
        return refused(address, Problem(404, "not-found", "There is nothing of this kind to be done."))
    begin, _ = ACTIONS[action]
    try:
        reader = await operator(frame.reader)
        answer = await begin(checked(ActionIn, {"account_id": account_id}), reader, frame.backend, Response())
    except Problem as problem:
        return refused(address, problem)
    return done(address, f"{answer.count:,} {'task was' if answer.count == 1 else 'tasks were'} started.")


async def _form(frame: Frame) -> dict[str, str]:
    return {name: value for name, value in (await frame.request.form()).items() if isinstance(value, str)}


async def _show_form(
    frame: Frame,
    account: AccountOut | None,
    kind: str,
    form: Mapping[str, str],
    problem: Problem | None = None,
) -> Response:
    """`form`: what was entered and can not be used; without it the account as it is."""
    settings = account.settings if account else {}
    async with snapshot(frame.backend.pool) as connection:
        return await frame.show(
            connection,
            "accounts/form.html",
            status=problem.status if problem else 200,
            account=account,
            kind=kind,
            form=form,
            faults=faults_of(problem) if problem else {},
            problem=problem,
            shops=await frame.shops(connection),
            titles=words.KIND_TITLES,
            hints=words.KIND_HINTS,
            credential_title=words.credential_title,
            has_address=kind in KINDS and KINDS[kind].has_address,
            credentials=entering.credential_names(kind) if kind else [],
            switches=words.SWITCHES if kind == SUPPLIER.name else {},
            intervals=words.INTERVALS if kind == SUPPLIER.name else {},
            settings=settings,
            other=form.get("settings", entering.other_settings(kind, settings)),
        )
