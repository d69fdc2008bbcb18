"""Kinds of failure in the console."""

from query_api.auth import Role
from shared.envelope import State
from shared.tasks import TaskType
from tests.integration.query_api.visiting import Visitor, sign_in, text_of, told, visiting
from tests.integration.query_api.world import World, ago
from tests.integration.recorder.histories import FAILURE


async def test_what_fails_alike_is_one_thing_that_can_be_mended(
    world: World, shop: int, visitor: Visitor
) -> None:
    for _ in range(3):
        await world.record_task(
            State.FAILED, shop_id=shop, type=TaskType.SYNC_CONTACT, begins_at=ago(minutes=5)
        )
    listed = await text_of(visitor, "/failures")
    assert f"{FAILURE.message} New" in listed
    assert f"What to do: {FAILURE.remedy}" in listed
    assert "Tasks 3" in listed
    address = f"/failures/{FAILURE.fingerprint}"
    page = (await visitor.get(address)).text
    assert f"filter=fingerprint%3D{FAILURE.fingerprint}%26state%3Dfailed" in page
    assert "Resolved It counts" not in page
    assert "counts as mended" in await told(visitor, f"{address}/resolve")
    assert "Resolved" in await text_of(visitor, address)
    assert "Nothing failed like this" in await text_of(visitor, "/failures?state=back")
    await world.record_task(State.FAILED, shop_id=shop, type=TaskType.SYNC_CONTACT)
    assert "Back" in await text_of(visitor, address)


async def test_viewers_may_look_and_others_see_nothing(world: World, shop: int) -> None:
    await world.record_task(State.FAILED, shop_id=shop)
    other = await world.add_shop("other")
    async with visiting(world) as viewer, visiting(world) as stranger:
        await sign_in(viewer, await world.token(Role.VIEWER))
        assert "It is mended" not in await text_of(viewer, f"/failures/{FAILURE.fingerprint}")
        assert "may only look" in await told(viewer, f"/failures/{FAILURE.fingerprint}/resolve")
        await sign_in(stranger, await world.token(shop_ids=[other]))
        assert "Nothing failed like this" in await text_of(stranger, "/failures")
        await text_of(stranger, f"/failures/{FAILURE.fingerprint}", 404)
