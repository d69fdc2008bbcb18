"""The manifests of deploy/kubernetes as kustomize renders them, and what operators' schemas say of them."""

import json
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from devstack.manifest_tools import kustomize, manifest_tools, run_node_program
from devstack.workspace import ROOT

Manifest = dict[str, Any]
KUBERNETES = ROOT / "deploy" / "kubernetes"
OVERLAYS = ["demo", "production"]
COMPONENTS = [
    "grafana",
    *sorted(f"kubernetes/components/{path.name}" for path in (KUBERNETES / "components").iterdir()),
]
# npm has their operators' schemas; of CloudNativePG and RabbitMQ no registry has any, so they are our own.
WITH_SCHEMA = ("gateway.networking.k8s.io/", "keda.sh/", "monitoring.coreos.com/")
WITH_OWN_SCHEMA = {"postgresql.cnpg.io/v1", "rabbitmq.com/v1beta1"}
OWN_SCHEMAS: Manifest = yaml.safe_load((KUBERNETES / "checking" / "operators.yaml").read_text())


@cache
def overlay(name: str) -> list[Manifest]:
    return rendered(KUBERNETES / "overlays" / name)


@cache
def base() -> list[Manifest]:
    return rendered(KUBERNETES / "base")


def with_component(component: str, home: Path) -> list[Manifest]:
    """The base with one component and nothing else; `home` is an empty directory."""
    kustomization = {
        "resources": [os.path.relpath(KUBERNETES / "base", home)],
        "components": [os.path.relpath(ROOT / "deploy" / component, home)],
    }
    (home / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return rendered(home)


def rendered(place: Path) -> list[Manifest]:
    done = subprocess.run([*kustomize(print), place], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader))


def operators_complaints(manifests: list[Manifest]) -> list[str]:
    """What the operators and the Gateway API would not take or not know."""
    own = [one for one in manifests if one["apiVersion"] in WITH_OWN_SCHEMA]
    return [*_complaints_by_npms_schemas(manifests), *(said for one in own for said in _own_complaints(one))]


def _own_complaints(one: Manifest) -> list[str]:
    schema = OWN_SCHEMAS[one["kind"]] | {"$defs": OWN_SCHEMAS["$defs"]}
    named = f"{one['kind']} {one['metadata']['name']}"
    errors = Draft202012Validator(schema).iter_errors(one["spec"])
    return [f"{named}: {error.json_path.replace('$', '.spec', 1)}: {error.message}" for error in errors]


def _complaints_by_npms_schemas(manifests: list[Manifest]) -> list[str]:
    theirs = [one for one in manifests if one["apiVersion"].startswith(WITH_SCHEMA)]
    if not theirs:
        return []
    program = manifest_tools(print) / "resources.mjs"
    done = run_node_program(["node", str(program)], given=json.dumps(theirs))
    assert done.returncode == 0, done.stderr
    said: list[str] = json.loads(done.stdout)
    return said


def of_kind(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    return {one["metadata"]["name"]: one for one in manifests if one["kind"] == kind}


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, str, Manifest]]:
    for one in manifests:
        if one["kind"] in {"Deployment", "StatefulSet", "Job"}:
            yield one["kind"], one["metadata"]["name"], one["spec"]["template"]["spec"]
