"""The caught mail, for people and for tests."""

from html import escape
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.answers import json_answer, read_model
from sandbox.mail.catcher import Mail, Mailbox

# A message is shown as mail programs do: nothing in it runs, and nothing is fetched from elsewhere.
MESSAGE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'"
_STYLE = (Path(__file__).parent / "page.css").read_text()


class Trouble(BaseModel):
    """`refuse`: whether every message is put off; `bounces`: addresses that are not known."""

    model_config = ConfigDict(extra="forbid")

    refuse: bool = False
    bounces: list[str] = []


def _mailbox(request: Request) -> Mailbox:
    mailbox: Mailbox = request.app.state.mailbox
    return mailbox


async def index(request: Request) -> Response:
    mails = list(reversed(_mailbox(request).mails))
    rows = "".join(
        f'<li><a href="/mail/{mail.id}"><span class="quiet">{mail.received_at:%H:%M:%S} UTC</span>'
        f"<span>{escape(', '.join(mail.recipients))}</span><span>{escape(_subject(mail))}</span></a></li>"
        for mail in mails
    )
    listed = (
        f"<ol>{rows}</ol>" if mails else '<p class="quiet">None yet. Alerts of the demo shop come here.</p>'
    )
    return _page(
        "Mail", f'<h1>Mail</h1><p class="quiet">Caught on its way; nothing is handed on.</p>{listed}'
    )


async def show(request: Request) -> Response:
    mail = _mailbox(request).find(int(request.path_params["mail_id"]))
    if mail is None:
        return _page("Mail", '<h1>No such mail</h1><p><a href="/mail">All mail</a></p>', status=404)
    return _page(
        _subject(mail),
        f'<p><a href="/mail">All mail</a></p><h1>{escape(_subject(mail))}</h1>'
        f'<p class="quiet">to {escape(", ".join(mail.recipients))} · from {escape(mail.sender)}'
        f' · {mail.received_at:%Y-%m-%d %H:%M:%S} UTC · <a href="/mail/{mail.id}/raw">source</a></p>'
        f'<iframe sandbox src="/mail/{mail.id}/html" title="The message as mail programs show it"></iframe>'
        f"<h2>As plain text</h2><pre>{escape(mail.part('plain'))}</pre>",
    )


async def show_html(request: Request) -> Response:
    mail = _mailbox(request).find(int(request.path_params["mail_id"]))
    content = mail.part("html") if mail else ""
    return HTMLResponse(content, headers={"Content-Security-Policy": MESSAGE_POLICY})


async def show_raw(request: Request) -> Response:
    mail = _mailbox(request).find(int(request.path_params["mail_id"]))
    return PlainTextResponse(mail.raw if mail else b"", status_code=200 if mail else 404)


async def messages(request: Request) -> Response:
    """For tests: everything of every message, the oldest first."""
    mailbox = _mailbox(request)
    if request.method == "DELETE":
        mailbox.mails.clear()
    return json_answer({"messages": [_told(mail) for mail in mailbox.mails], "refused": mailbox.refused})


async def trouble(request: Request) -> Response:
    wanted = await read_model(request, Trouble)
    mailbox = _mailbox(request)
    mailbox.is_refusing, mailbox.bounces = wanted.refuse, frozenset(wanted.bounces)
    return json_answer(wanted.model_dump())


def _told(mail: Mail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "received_at": mail.received_at.isoformat(),
        "from": mail.sender,
        "to": list(mail.recipients),
        "subject": _subject(mail),
        "headers": {name: str(value) for name, value in mail.parsed.items()},
        "text": mail.part("plain"),
        "html": mail.part("html"),
    }


def _subject(mail: Mail) -> str:
    return str(mail.parsed.get("Subject", "(no subject)"))


def _page(title: str, content: str, *, status: int = 200) -> Response:
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<style>{_STYLE}</style></head><body><main>{content}</main></body></html>"
    )
    return HTMLResponse(page, status_code=status, headers={"Content-Security-Policy": PAGE_POLICY})


ROUTES = [
    Route("/mail", index),
    Route("/mail/messages", messages, methods=["GET", "DELETE"]),
    Route("/mail/trouble", trouble, methods=["PUT"]),
    Route("/mail/{mail_id:int}", show),
    Route("/mail/{mail_id:int}/html", show_html),
    Route("/mail/{mail_id:int}/raw", show_raw),
]
