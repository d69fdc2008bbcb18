"""What is written for those who run it names commands, addresses, settings and metrics that exist."""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
import typer

from query_api import routes
from query_api.cli import cli
from tests.deploy.watching import NOT_OURS, ROOT, exported, recorded

DOCUMENTS = [
    "docs/operations.md",
    "docs/runbook.md",
    "deploy/kubernetes/README.md",
    "deploy/prometheus/README.md",
]
METRIC = re.compile(r"\b(?:\w+:)?syncledger(?:_|:[a-z])\w+(?::\w+)*")
LISTED = (ROOT / ".env.example").read_text()
each_document = pytest.mark.parametrize("name", DOCUMENTS)


def code_in(name: str) -> list[str]:
    """Each piece that is set as code, line by line."""
    text = (ROOT / name).read_text()
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL))
    return [*inline, *(line for block in blocks for line in block.splitlines())]


def commands_in(name: str) -> Iterator[tuple[list[str], set[str]]]:
    """Words and options of each use of the command line."""
    for piece in code_in(name):
        for words, rest in re.findall(r"query-api((?: (?!query-api)[a-z][a-z-]+)+)([^|&]*)", piece):
            yield words.split(), set(re.findall(r"--[a-z][a-z-]+", rest))


@each_document
def test_every_command_and_option_exists(name: str) -> None:
    for words, options in commands_in(name):
        command: Any = typer.main.get_command(cli)
        for word in words:
            assert word in command.commands, words
            command = command.commands[word]
        assert options <= {option for one in command.params for option in one.opts}, words


@each_document
def test_every_address_of_the_api_exists(name: str) -> None:
    modules = [import_module(f"query_api.routes.{one.name}") for one in iter_modules(routes.__path__)]
    routers = [module.router for module in modules if hasattr(module, "router")]
    paths = {_shape(route.path) for router in routers for route in router.routes}
    named = re.findall(r"/api/v1(/[\w/{}-]+)", "\n".join(code_in(name)))
    assert {_shape(path) for path in named} - paths == set()


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


@each_document
def test_every_metric_exists(name: str) -> None:
    known = exported() | recorded() | NOT_OURS
    families = {re.sub(r"_(bucket|count|sum)$", "", one) for one in known}
    named = {one for piece in code_in(name) for one in METRIC.findall(piece)}
    assert {one for one in named if not one.endswith("_")} - known - families == set()


@each_document
def test_every_setting_is_listed(name: str) -> None:
    named = {one for piece in code_in(name) for one in re.findall(r"^([A-Z]+(?:_[A-Z]+)+)(?:=|$)", piece)}
    listed = set(re.findall(r"^(?:# )?([A-Z_0-9]+)=", LISTED, re.MULTILINE))
    arguments = set(re.findall(r"^ARG (\w+)", (ROOT / "deploy/docker/Dockerfile").read_text(), re.MULTILINE))
    assert named - listed - arguments == set()
