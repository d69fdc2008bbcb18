"""`/alerts/settings`: what each shop wants to be told of, and who is told."""

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response

from query_api.backend import administrator, operator
from query_api.console.alerts import words
from query_api.console.alerts.settings_form import entered, in_the_form, limits, wanted
from query_api.console.alerts.settings_view import WEEKDAYS, Entered, settings_view, shop_of
from query_api.console.entered import faults_of
from query_api.console.formatting import plural
from query_api.console.frame import Frame, FrameOf
from query_api.console.notices import done, refused
from query_api.problems import Problem
from query_api.repository.alert_settings import ShopSettings, shop_settings
from query_api.repository.connections import one_moment
from query_api.routes.alert_evidence import platform_outlook
from query_api.routes.alert_settings import change_settings
from query_api.routes.alert_tests import sent_tests
from shared.alerts.channels import host_of
from shared.alerts.words import limit

router = APIRouter(prefix="/alerts/settings")

_WORDS = {
    "host_of": host_of,
    "limit": limit,
    "limits": limits,
    "weekdays": WEEKDAYS,
    "words": words,
}


@router.get("")
async def show_shops(frame: FrameOf) -> Response:
    """And the platform, for those who see all shops."""
    async with one_moment(frame.backend.pool) as connection:
        shops, is_everything = await frame.shops(connection), frame.reader.shop_ids is None
        platform = await platform_outlook(connection) if is_everything else None
        return await frame.show(connection, "alerts/shops.html", shops=shops, platform=platform, words=words)


@router.get("/{domain}")
async def show_settings(domain: str, frame: FrameOf) -> Response:
    return await _page(frame, domain)


@router.post("/{domain}")
async def take_settings(domain: str, frame: FrameOf) -> Response:
    """Saves them; or, by the other button, shows what would fire with them, which changes nothing."""
    form, stored = await frame.request.form(), await _stored(frame, domain)
    try:
        if "try" in form:
            tried = wanted(form, stored).settings
            return await _page(frame, domain, Entered(entered(form), tried=tried))
        reader = await administrator(frame.reader)
        await change_settings(frame.request, reader, domain, wanted(form, stored))
    except Problem as problem:
        return await _wrong(frame, domain, form, in_the_form(problem, form, stored))
    return done(_address(domain), "Saved. The settings hold from the next evaluation on, within seconds.")


@router.post("/{domain}/test")
async def send_test(domain: str, frame: FrameOf) -> Response:
    reader, form = await operator(frame.reader), await frame.request.form()
    await _stored(frame, domain)
    try:
        sent = await sent_tests(frame.request, reader, domain, str(form.get("recipient", "")) or None)
    except Problem as problem:
        return refused(f"{_address(domain)}#tests", problem)
    how = "on the way" if sent.is_queued else "kept: sent as soon as the broker answers"
    return done(f"{_address(domain)}#tests", f"{plural(len(sent.tests), 'test message')} {how}.")


async def _stored(frame: Frame, domain: str) -> ShopSettings:
    async with one_moment(frame.backend.pool) as connection:
        shop = await shop_of(connection, frame, domain)
        return await shop_settings(connection, frame.backend.vault, shop.id)


async def _wrong(frame: Frame, domain: str, form: FormData, problem: Problem) -> Response:
    """The form again, with what can not be used beside its fields."""
    if problem.status == 403:
        raise problem
    if not problem.errors:
        return refused(_address(domain), problem)
    return await _page(frame, domain, Entered(entered(form), faults_of(problem)), status=422)


async def _page(frame: Frame, domain: str, given: Entered | None = None, *, status: int = 200) -> Response:
    is_suggested = frame.parameter("suggestion") == "1"
    async with one_moment(frame.backend.pool) as connection:
        view = await settings_view(connection, frame, domain, entered=given, is_suggested=is_suggested)
        return await frame.show(connection, "alerts/settings.html", status=status, view=view, **_WORDS)


def _address(domain: str) -> str:
    return f"/alerts/settings/{domain}"
