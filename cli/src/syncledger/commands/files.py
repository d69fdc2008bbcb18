"""Files that the API makes: they appear under their name when they are whole."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, BinaryIO

import httpx
import typer

from syncledger.clients.api import Api, Parameters
from syncledger.errors import Mistake
from syncledger.printing import bytes_bar, tell

STDOUT = Path("-")
Output = Annotated[Path, typer.Option("--output", "-o", help="The file; `-` for stdout.")]


def download(api: Api, path: str, asked: Parameters | None, output: Path) -> None:
    """Raises Refused, Unreachable."""
    with _written(output) as file, api.streamed(path, asked) as response, bytes_bar() as bar:
        shown = bar.add_task("downloading", total=_length(response))
        for piece in response.iter_bytes():
            file.write(piece)
            bar.advance(shown, len(piece))
    if output != STDOUT:
        tell(f"Written to {output}.")


@contextmanager
def _written(output: Path) -> Iterator[BinaryIO]:
    if output == STDOUT:
        yield sys.stdout.buffer
        return
    part = output.with_name(f"{output.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(output)
    except OSError as error:
        raise Mistake(f"{output} can not be written: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _length(response: httpx.Response) -> int | None:
    length = response.headers.get("Content-Length")
    return int(length) if length and "Content-Encoding" not in response.headers else None
