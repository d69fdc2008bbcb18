"""A shop's alert settings in the console: read, tried, saved, refused beside the fields, and tested."""

from datetime import timedelta
from typing import Any

import pytest

from query_api.auth import Role
from shared.alerts.channels import opened
from shared.alerts.settings import AlertSettings
from shared.envelope import State, utc_now
from tests.integration.query_api.visiting import Visitor, seen, sign_in, submit, text_of, told, visiting
from tests.integration.query_api.world import World

PAGE = "/alerts/settings/one.example"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def _form(**changed: str) -> dict[str, str]:
    """The defaults as the form holds them; checkboxes are given only when ticked."""
    stored = AlertSettings().model_dump(mode="json")
    texts = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in stored.items()}
    texts |= {"extra_addresses": "", "silence_is_watched": "on", "new_failures": "on"}
    return texts | changed


async def _stored(world: World) -> dict[str, Any]:
    found: dict[str, Any] = await world.pool.fetchval("SELECT settings FROM alerts.settings")
    return found


async def _channels(world: World) -> list[tuple[str, str, str]]:
    sealed = await world.pool.fetchval("SELECT channels FROM alerts.settings")
    return [(one.kind, one.name, one.url) for one in opened(sealed, world.vault)]


def _pager(**changed: str) -> dict[str, str]:
    channel = {
        "kind": "webhook",
        "name": "pager",
        "url": "https://pager.example/in",
        "secret": SECRET,
    } | changed
    return {f"channels.new.{name}": value for name, value in channel.items()}


async def test_the_page_explains_what_holds(world: World, shop: int, visitor: Visitor) -> None:
    text = await text_of(visitor, PAGE)
    for words in (
        "Order silence period",
        "Scheduled order silence check window",
        "Error rate threshold",
        "Additional addresses",
        "owner@one.example is the address of the shop itself and is always told",
        "the usual settings, nobody has changed them",
        "Nothing would fire",
        "There is nothing to learn from",
    ):
        assert words in text
    assert "One one.example" in await text_of(visitor, "/alerts/settings")
    assert "The platform itself" in await text_of(visitor, "/alerts/settings")


async def test_settings_are_saved_as_entered(world: World, shop: int, visitor: Visitor) -> None:
    changed = _form(
        silence_minutes="240",
        window_opens="06:00",
        window_closes="22:30",
        error_rate_percent="2.5",
        extra_addresses="it@one.example, kim@one.example\nOWNER@one.example",
    )
    del changed["new_failures"]
    assert "Saved." in await told(visitor, PAGE, **changed)
    stored = await _stored(world)
    assert stored["extra_addresses"] == ["it@one.example", "kim@one.example"]
    assert (stored["silence_minutes"], stored["error_rate_percent"]) == (240, 2.5)
    assert (stored["window_opens"], stored["window_closes"]) == ("06:00", "22:30")
    assert (stored["silence_is_watched"], stored["new_failures"]) == (True, False)
    page = await visitor.get(PAGE)
    assert 'name="error_rate_percent" value="2.5"' in page.text
    assert "changed by test" in seen(page)
    action = await world.pool.fetchval("SELECT action FROM admin.audit_log ORDER BY id DESC LIMIT 1")
    assert action == "alert-settings.change"


@pytest.mark.parametrize(
    ("changed", "told_at"),
    [
        ({"silence_minutes": "5"}, ("silence_minutes", "has to be 15 to 20,160 minutes")),
        ({"red_minutes": ""}, ("red_minutes", "has to be a whole number")),
        ({"error_rate_percent": "0"}, ("error_rate_percent", "has to be more than 0")),
        ({"window_opens": "25:00"}, ("window_opens", "is no time of day")),
        ({"silence_minutes": "20160", "window_closes": "02:00"}, ("window_closes", "would not be noticed")),
        ({"extra_addresses": "it@one.example\nnobody"}, ("addresses", "nobody is no mail address")),
        (_pager(url="http://pager.example"), ("channels.new.url", "has to begin with https://")),
        (_pager(secret="short"), ("channels.new.secret", "24 to 64 bytes")),
        (_pager(name=""), ("channels.new.name", "at least 1 character")),
    ],
)
async def test_what_can_not_be_used_is_told_beside_its_field(
    world: World, shop: int, visitor: Visitor, changed: dict[str, str], told_at: tuple[str, str]
) -> None:
    field, words = told_at
    answer = await submit(visitor, PAGE, **_form(**{"reminder_minutes": "333", **changed}))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert words in seen(answer)
    assert 'name="reminder_minutes" value="333"' in answer.text, "what was entered stays"
    assert await world.pool.fetchval("SELECT count(*) FROM alerts.settings") == 0


async def test_channels_are_added_kept_changed_and_removed_without_being_shown(
    world: World, shop: int, visitor: Visitor
) -> None:
    await told(visitor, PAGE, **_form(), **_pager())
    slack = {"kind": "slack", "name": "operations", "url": "https://hooks.example/s3cret"}
    await told(visitor, PAGE, **_form(), **{f"channels.new.{name}": value for name, value in slack.items()})
    assert [name for _, name, _ in await _channels(world)] == ["pager", "operations"]
    page = (await visitor.get(PAGE)).text
    assert "hooks.example" in page
    assert "s3cret" not in page
    assert SECRET not in page
    rows = {
        "channels.0.kind": "webhook",
        "channels.0.name": "pager",
        "channels.1.kind": "slack",
        "channels.1.name": "operations",
    }
    moved = rows | {"channels.0.url": "https://other.example/in"}
    await told(visitor, PAGE, **_form(), **moved)
    assert [url for *_, url in await _channels(world)] == [
        "https://other.example/in",
        "https://hooks.example/s3cret",
    ]
    wrong = rows | {"remove.0": "on", "channels.1.url": "nowhere"}
    answer = await submit(visitor, PAGE, **_form(), **wrong)
    assert 'id="channels.1.url-error"' in answer.text
    await told(visitor, PAGE, **_form(), **rows, **{"remove.0": "on"})
    assert [name for _, name, _ in await _channels(world)] == ["operations"]


async def test_settings_are_tried_without_being_saved(world: World, shop: int) -> None:
    for _ in range(3):
        await world.record_task(State.FAILED, shop_id=shop, begins_at=utc_now() - timedelta(minutes=5))
    await world.say_recorded_until(utc_now())
    async with visiting(world) as viewer:
        await sign_in(viewer, await world.token(Role.VIEWER))
        changed = _form(error_rate_min_tasks="3", reminder_minutes="333") | {"try": "1"}
        answer = await submit(viewer, PAGE, **changed)
        assert answer.status_code == 200
        assert "This is tried, not saved" in seen(answer)
        assert "100 % of the tasks fail" in seen(answer)
        assert 'name="reminder_minutes" value="333"' in answer.text
        assert (await submit(viewer, PAGE, **(_form() | {"try": "1", "red_minutes": "0"}))).status_code == 422
    assert await world.pool.fetchval("SELECT count(*) FROM alerts.settings") == 0


async def test_the_suggestion_is_shown_with_its_evidence_and_filled_in(
    world: World, shop: int, visitor: Visitor
) -> None:
    begin = utc_now().replace(minute=0, second=0, microsecond=0) - timedelta(weeks=4)
    await world.pool.executemany(
        "INSERT INTO ledger.task_counts_by_minute VALUES ($2, $1, 'IndexOrder', 0, 'succeeded', 1, 0, 0, 0)",
        [(shop, begin + timedelta(minutes=20 * n)) for n in range(4 * 7 * 24 * 3)],
    )
    text = await text_of(visitor, PAGE)
    assert "30 minutes , all day" in text
    assert "the longest gap" in text
    page = await visitor.get(f"{PAGE}?suggestion=1")
    assert 'name="silence_minutes" value="30"' in page.text
    assert "Nothing is saved until you save it" in seen(page)


async def test_a_test_message_is_kept_and_its_way_is_shown(world: World, shop: int, visitor: Visitor) -> None:
    text = await told(visitor, f"{PAGE}/test", recipient="owner@one.example")
    assert "1 test message kept: sent as soon as the broker answers" in text
    assert "owner@one.example mail on its way" in text
    await world.pool.execute("UPDATE alerts.notifications SET sent_at = now()")
    assert "owner@one.example mail sent" in await text_of(visitor, PAGE)
    assert "Nobody is told under this name" in await told(visitor, f"{PAGE}/test", recipient="x@y.example")


async def test_who_may_not_sees_neither_addresses_nor_buttons(world: World, shop: int) -> None:
    two = await world.add_shop("two")
    async with visiting(world) as viewer:
        await sign_in(viewer, await world.token(Role.VIEWER))
        text = await text_of(viewer, PAGE)
        assert "owner@one.example" not in text
        assert "Changing settings is for the role admin" in text
        assert (await submit(viewer, f"{PAGE}/test")).status_code == 403
    async with visiting(world) as operator:
        await sign_in(operator, await world.token(Role.OPERATOR))
        assert "owner@one.example" in await text_of(operator, PAGE)
        assert (await submit(operator, PAGE, **_form())).status_code == 403
    async with visiting(world) as stranger:
        await sign_in(stranger, await world.token(shop_ids=[two]))
        await text_of(stranger, PAGE, 404)
        assert (await submit(stranger, PAGE, **_form())).status_code == 404
        text = await text_of(stranger, "/alerts/settings")
        assert ("two.example" in text, "one.example" in text) == (True, False)
        assert "The platform itself" not in text
