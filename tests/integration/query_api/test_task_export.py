"""The list of tasks as a file: exactly that list, in each format, for those who may see it."""

import csv
import io
import json
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from query_api.auth import Role
from query_api.export import writing
from shared.envelope import State
from shared.tasks import TaskType
from tests.integration.query_api.world import Api, World, ago, ids_of

EXPORT = "/api/v1/tasks/export"


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "PAGE", 3)


@pytest.fixture
async def tasks(world: World, shop: int) -> list[str]:
    """The newest first, of two types, every other failed."""
    made = [
        await world.record_task(
            State.FAILED if n % 2 else State.SUCCEEDED,
            shop_id=shop,
            type=TaskType.SYNC_ORDER if n < 4 else TaskType.SYNC_CONTACT,
            order_number=f"={n}",
            begins_at=ago(minutes=n),
        )
        for n in range(8)
    ]
    return ids_of(made)


async def file_of(api: Api, **parameters: Any) -> bytes:
    answer = await api.client.get(EXPORT, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.content


async def csv_of(api: Api, **parameters: Any) -> list[dict[str, str]]:
    text = (await file_of(api, **parameters)).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"sort": "created"},
        {"state": "failed", "sort": "-type"},
        {"type": "SyncOrder", "sort": "duration"},
        {"order_number": "=3"},
    ],
    ids=str,
)
async def test_a_file_is_the_list_in_its_order(api: Api, tasks: list[str], filters: dict[str, Any]) -> None:
    assert [row["ID"] for row in await csv_of(api, **filters)] == await api.walk(**filters)


async def test_all_formats_say_the_same(api: Api, tasks: list[str]) -> None:
    columns = "id,state,order_number,created_at,duration_ms,error_message,remedy,http_status"
    wanted = {"columns": columns, "timezone": "Europe/Stockholm", "state": ["failed", "succeeded"]}
    lines = [json.loads(line) for line in (await file_of(api, format="ndjson", **wanted)).splitlines()]
    rows = await csv_of(api, **wanted)
    book = openpyxl.load_workbook(io.BytesIO(await file_of(api, format="xlsx", **wanted)))
    sheet = [[cell.value for cell in row] for row in book["Tasks"].iter_rows()]
    assert sheet[0] == list(rows[0])
    assert len(lines) == len(rows) == len(sheet) - 1 == 8
    for line, row, cells in zip(lines, rows, sheet[1:], strict=True):
        assert row["Order Number"] == f"'{line['order_number']}" == f"'{cells[2]}"
        assert (line["id"], line["state"], line["remedy"]) == (cells[0], cells[1], cells[6])
        assert (line["duration_ms"], line["http_status"]) == (cells[4], cells[7])
        shown = datetime.fromisoformat(row["Created (Europe/Stockholm)"])
        assert shown.utcoffset() == datetime.fromisoformat(line["created_at"]).utcoffset()
        assert abs((shown.replace(tzinfo=None) - cells[3]).total_seconds()) < 0.002


async def test_a_failed_task_comes_with_its_error(api: Api, tasks: list[str]) -> None:
    task = (await csv_of(api, state="failed"))[0]
    assert (task["Error Kind"], task["HTTP Status"], task["Fingerprint"]) == ("connection", "503", "f1")
    assert (task["Error"], task["Place"]) == ("The CRM does not answer", "SyncContact, PUT contact")
    assert task["Remedy"] == "Wait; it is tried again"


async def test_a_file_of_the_past_is_the_board_as_it_was(world: World, api: Api, tasks: list[str]) -> None:
    then = (await api.get("/tasks"))["tasks"][0]["updated_at"]
    assert [row["ID"] for row in await csv_of(api, as_of=then)] == await api.walk(as_of=then)


async def test_a_summary_says_what_was_asked_and_how_much_it_was(api: Api, tasks: list[str]) -> None:
    content = await file_of(api, format="ndjson", with_summary=True, state="failed", timezone="Asia/Tokyo")
    summary = json.loads(content.splitlines()[-1])["summary"]
    assert (summary["tasks"], summary["states"]) == (4, {"failed": 4})
    assert (summary["filter"], summary["sort"]) == ({"state": ["failed"]}, "-created")
    assert (summary["timezone"], summary["error_kinds"]) == ("Asia/Tokyo", {"connection": 4})


async def test_data_of_persons_is_for_those_who_may_see_it(world: World, tasks: list[str]) -> None:
    async with world.reader(Role.VIEWER) as viewer, world.reader(Role.OPERATOR) as operator:
        refused = await viewer.client.get(EXPORT, params={"columns": "id,response_excerpt"})
        assert (refused.status_code, refused.json()["title"]) == (403, "Forbidden")
        assert "busy" not in (await file_of(viewer)).decode()
        answers = await csv_of(operator, columns="response_excerpt", state="failed")
        assert {row["Answer"] for row in answers} == {"busy"}


async def test_other_shops_tasks_are_in_no_file(world: World, shop: int, tasks: list[str]) -> None:
    theirs = await world.record_task(State.FAILED, shop_id=await world.add_shop("two"))
    async with world.reader(Role.VIEWER, shop_ids=[shop]) as reader:
        assert {row["ID"] for row in await csv_of(reader)} == set(tasks)
        assert str(theirs.id) not in (await file_of(reader, format="ndjson")).decode()


async def test_who_took_a_file_is_in_the_audit_log(world: World, api: Api, tasks: list[str]) -> None:
    await file_of(api, state="failed", columns="id")
    deed = await world.pool.fetchrow("SELECT * FROM admin.audit_log ORDER BY id DESC LIMIT 1")
    assert deed is not None
    assert (deed["actor"], deed["action"]) == ("test", "tasks.export")
    assert deed["detail"] == {"filter": {"state": ["failed"]}, "columns": ["id"], "format": "csv"}


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"format": "pdf"}, "format"),
        ({"columns": "colour"}, "columns"),
        ({"timezone": "Middle/Earth"}, "timezone"),
        ({"sort": "colour"}, "sort"),
        ({"limit": 5}, "limit"),
        ({"shop": "nowhere.example"}, "shop"),
    ],
    ids=str,
)
async def test_a_wrong_parameter_is_named(api: Api, parameters: dict[str, Any], field: str) -> None:
    problem = await api.problem("/tasks/export", **parameters)
    assert (problem["status"], [error["field"] for error in problem["errors"]]) == (400, [field])


@pytest.mark.parametrize(
    ("word", "media_type"),
    [
        ("csv", "text/csv"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("ndjson", "application/x-ndjson"),
    ],
)
async def test_a_file_has_a_name_and_says_of_which_moment_it_is(
    world: World, api: Api, tasks: list[str], word: str, media_type: str
) -> None:
    await world.say_recorded_until(ago(seconds=1))
    answer = await api.client.get(EXPORT, params={"format": word})
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.headers["content-disposition"].endswith(f'.{word}"')
    assert "as-of" in answer.headers
