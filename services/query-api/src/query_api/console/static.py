"""What pages load: addressed by content, so that browsers keep it for good and never mix two versions."""

import hashlib
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_HERE = Path(__file__).parent
_DIRECTORY = _HERE / "static"
_STYLES = sorted((_HERE / "styles").glob("*.css"))
_FOR_EVER = "public, max-age=31536000, immutable"
STYLE_SHEET = "console.css"


class AssetsMissing(Exception):
    """Raised when what comes by npm is not there."""


class _Assets(StaticFiles):
    """Below one folder named after all contents: scripts find each other there by relative addresses."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        version, _, name = path.partition("/")
        if version != _VERSION:
            raise HTTPException(404)
        response = _style_sheet() if name == STYLE_SHEET else await super().get_response(name, scope)
        response.headers["Cache-Control"] = _FOR_EVER
        return response


def static_files() -> StaticFiles:
    """Raises AssetsMissing."""
    if not (_DIRECTORY / "vendor").is_dir():
        raise AssetsMissing("Run `npm ci && npm run vendor` in services/query-api; `./dev` does it by itself")
    return _Assets(directory=_DIRECTORY)


def scripts() -> list[str]:
    """The modules of every page, so that browsers fetch them side by side."""
    return sorted(f"scripts/{file.name}" for file in (_DIRECTORY / "scripts").glob("*.js"))


def address_of(name: str) -> str:
    """Where a page finds an asset."""
    return f"/static/{_VERSION}/{name}"


def _style_sheet() -> Response:
    return Response(_STYLE_SHEET, media_type="text/css")


def _version() -> str:
    files = sorted(file for file in _DIRECTORY.rglob("*") if file.is_file())
    digest = hashlib.sha256(_STYLE_SHEET)
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


_STYLE_SHEET = b"\n".join(file.read_bytes() for file in _STYLES)
_VERSION = _version()
