"""Lines are written soon, all of them, in their order."""

import asyncio
import io

from shared.log_lines import WRITTEN_WITHIN_S, LineWriter


def test_without_an_event_loop_a_line_is_written_at_once() -> None:
    file = io.StringIO()
    LineWriter(file).info("a")
    assert file.getvalue() == "a\n"


async def test_ordinary_lines_are_written_together_a_little_later() -> None:
    file = io.StringIO()
    writer = LineWriter(file)
    writer.info("a")
    writer.debug("b")
    assert file.getvalue() == ""
    await asyncio.sleep(WRITTEN_WITHIN_S * 1.5)
    assert file.getvalue() == "a\nb\n"


async def test_a_warning_is_written_at_once_after_what_came_before_it() -> None:
    file = io.StringIO()
    writer = LineWriter(file)
    writer.info("a")
    writer.error("b")
    assert file.getvalue() == "a\nb\n"


async def test_no_more_lines_wait_than_fit() -> None:
    file = io.StringIO()
    writer = LineWriter(file)
    for number in range(1_001):
        writer.info(str(number))
    assert file.getvalue().count("\n") == 1_000


def test_lines_of_a_loop_that_is_gone_are_written_with_the_next() -> None:
    file = io.StringIO()
    writer = LineWriter(file)

    async def tell() -> None:
        writer.info("a")

    asyncio.run(tell())
    writer.info("b")
    assert file.getvalue() == "a\nb\n"
