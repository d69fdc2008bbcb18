"""`syncledger login` and `whoami`."""

import os
from typing import Annotated

import typer

from syncledger.clients.api import Api
from syncledger.configuration import TOKEN, URL, Access, checked_url, config_path, keep
from syncledger.printing import show_facts, show_json, tell, when
from syncledger.session import Json, session, told


def login(
    url: Annotated[str, typer.Option(envvar=URL, prompt="Address", help="Where Syncledger is.")],
) -> None:
    """Keeps address and token in a file that only you can read. The token is asked for, or read from the
    environment: the list of processes must not show it."""
    with told():
        token = os.environ.get(TOKEN) or typer.prompt("Token", hide_input=True, err=True)
        found = Access(checked_url(url.strip()), token.strip())
        with Api(found) as api:
            me = api.get("/me")
        keep(found, config_path())
    tell(f"Signed in as {me['name']} ({me['role']}). Kept in {config_path()}.")


def whoami(json: Json = False) -> None:
    """Shows what your token allows."""
    with session() as api:
        me = api.get("/me")
    if json:
        show_json(me)
        return
    shops = "all" if me["shops"] is None else ", ".join(me["shops"])
    facts = {"name": me["name"], "role": me["role"], "shops": shops}
    show_facts(facts | {"expires": when(me["expires_at"]) if me["expires_at"] else "never"})
