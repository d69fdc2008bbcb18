"""A mail with a plain text and an HTML part that say the same."""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from jinja2 import Environment, PackageLoader, select_autoescape

from alerting.mail.words import items, subject
from alerting.store.telling import Message
from shared.alerts.notifications import NotificationKind
from shared.envelope import utc_now
from shared.errors import Misconfigured, Rejected

NO_ADDRESS = "The recipient is no mail address: correct it in the shop or in its alert settings"
NO_SENDER = 'MAIL_FROM is no mail address; it looks like "Syncledger" <alerts@example.com>'
_MALFORMED = (ValueError, IndexError, MessageError)

_templates = Environment(
    loader=PackageLoader("alerting", "mail/templates"),
    autoescape=select_autoescape(["html"]),
    trim_blocks=True,
    lstrip_blocks=True,
)


def compose(message: Message, *, sender: str, console_url: str | None) -> EmailMessage:
    """Its id comes from the notification's: sent twice, it is the same message to mail programs."""
    writer = _sender(sender)
    view = {
        "subject": subject(message),
        "shop": message.shop,
        "shop_name": message.shop_name,
        "is_test": message.kind is NotificationKind.TEST,
        "items": items(message, console_url),
        "console_url": console_url,
    }
    mail = EmailMessage()
    mail["Subject"] = view["subject"]
    mail["From"] = writer
    mail["To"] = _recipient(message.recipient.name)
    mail["Date"] = format_datetime(utc_now())
    mail["Message-ID"] = f"<{message.id}@{writer.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_templates.get_template("alert.txt").render(view))
    mail.add_alternative(_templates.get_template("alert.html").render(view), subtype="html")
    return mail


def _sender(text: str) -> Address:
    name, address = parseaddr(text)
    try:
        return Address(name or "Syncledger", addr_spec=address)
    except _MALFORMED:
        raise Misconfigured(NO_SENDER, kind="configuration") from None


def _recipient(text: str) -> Address:
    """Shops write their own address, so it may be anything."""
    try:
        return Address(addr_spec=text)
    except _MALFORMED:
        raise Rejected(NO_ADDRESS) from None
