"""Each package names exactly what it imports, so that its image holds what it needs and nothing else."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = [ROOT / "shared", ROOT / "sandbox", ROOT / "cli", *sorted((ROOT / "services").iterdir())]
# Named for what they bring along or are asked for by name, not imported: servers, drivers, parsers.
BROUGHT_ALONG = {
    "uvicorn",
    "uvloop",
    "httptools",
    "sqlalchemy",
    "python-multipart",
    "email-validator",
    "pydantic-settings",
    "aiormq",
    "sniffio",
    "opentelemetry-sdk",
    "opentelemetry-exporter-otlp-proto-http",
}
# Many distributions put modules into these.
NAMESPACES = {"opentelemetry": "opentelemetry-api"}


def _imported(package: Path) -> set[str]:
    """Top-level modules imported anywhere in the package, without the standard library and itself."""
    found: set[str] = set()
    for path in (package / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.split(".")[0])
    own = {path.name for path in (package / "src").iterdir()}
    return {module for module in found if module not in sys.stdlib_module_names} - own


def _declared(package: Path) -> set[str]:
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    return {re.split(r"[\[<>=!~ ]", one)[0].lower() for one in project["dependencies"]}


def _distributions(modules: set[str]) -> set[str]:
    known = packages_distributions()
    named = {NAMESPACES.get(module) or known[module][0].lower() for module in modules if module in known}
    named |= {"syncledger-shared"} if "shared" in modules else set()
    return {name.replace("_", "-") for name in named}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_package_names_what_it_imports(package: Path) -> None:
    assert _distributions(_imported(package)) - _declared(package) == set()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_package_names_nothing_else(package: Path) -> None:
    assert _declared(package) - _distributions(_imported(package)) - BROUGHT_ALONG == set()
