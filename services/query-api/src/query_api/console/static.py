"""The console's own style sheet, script and mark, addressed by content so that browsers can keep them."""

import hashlib
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_DIRECTORY = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "public, no-cache"


class _Assets(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        is_addressed_by_content = scope.get("query_string", b"").startswith(b"v=")
        response.headers["Cache-Control"] = _FOR_EVER if is_addressed_by_content else _ASK_AGAIN
        return response


def static_files() -> StaticFiles:
    return _Assets(directory=_DIRECTORY)


def address_of(name: str) -> str:
    """Where a page finds an asset; changes with the content."""
    return f"/static/{name}?v={_VERSIONS[name]}"


_VERSIONS = {
    file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    for file in _DIRECTORY.iterdir()
    if file.is_file()
}
