"""Mail by SMTP: one message to one recipient."""

from dataclasses import dataclass

import aiosmtplib

from alerting.mail.composing import compose
from alerting.settings import MailSettings
from alerting.store.telling import Message
from shared.errors import Misconfigured, Rejected, Retryable, TaskError, Unavailable

NOT_CONFIGURED = "No mail server is configured: set SMTP_HOST (and MAIL_FROM) for the alerting service"
CHECK_LOGIN = "check SMTP_USER and SMTP_PASSWORD"
_PERMANENT = 500
_LOGIN_WANTED = frozenset({530, 538})


@dataclass(frozen=True, slots=True)
class Mail:
    settings: MailSettings
    console_url: str | None

    async def send(self, message: Message) -> str | None:
        """A message whose answer was lost is sent again under the same id: mail programs show it once."""
        own = self.settings
        if not own.smtp_host:
            raise Misconfigured(NOT_CONFIGURED, kind="configuration")
        mail = compose(message, sender=own.mail_from, console_url=self.console_url)
        password = own.smtp_password.get_secret_value() if own.smtp_password else None
        try:
            await aiosmtplib.send(
                mail,
                hostname=own.smtp_host,
                port=own.smtp_port,
                use_tls=own.smtp_security == "tls",
                start_tls=own.smtp_security == "starttls",
                username=own.smtp_user,
                password=password,
                cert_bundle=own.smtp_ca_file,
                timeout=own.smtp_timeout_s,
            )
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise explained(error) from error
        return None


def explained(error: Exception) -> TaskError:
    """Only what concerns the one recipient or the message is final as such."""
    match error:
        case aiosmtplib.SMTPConnectResponseError():
            return Unavailable(f"The mail server takes no mail: {error.code} {_said(error.message)}")
        case aiosmtplib.SMTPAuthenticationError():
            return _refused(error, "login", CHECK_LOGIN)
        case aiosmtplib.SMTPSenderRefused():
            return _refused(error, "sender", "check MAIL_FROM")
        case aiosmtplib.SMTPRecipientsRefused(recipients=[refusal, *_]):
            return _answered(refusal, "The mail server refused the address")
        case aiosmtplib.SMTPResponseException():
            return _answered(error, "The mail server answered")
    return _unanswered(error)


def _unanswered(error: Exception) -> TaskError:
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return Rejected("The mail server takes no addresses with letters beyond ASCII")
    return Unavailable(f"The mail server did not take the message: {type(error).__name__}")


def _refused(answer: aiosmtplib.SMTPResponseException, what: str, advice: str) -> TaskError:
    text = f"The mail server refused the {what} ({answer.code}): {advice}"
    return Misconfigured(text) if answer.code >= _PERMANENT else Unavailable(text)


def _answered(answer: aiosmtplib.SMTPResponseException, what: str) -> TaskError:
    text = f"{what}: {answer.code} {_said(answer.message)}"
    if answer.code in _LOGIN_WANTED:
        return Misconfigured(f"{text}; {CHECK_LOGIN}, and SMTP_SECURITY")
    return Rejected(text) if answer.code >= _PERMANENT else Retryable(text)


def _said(text: str) -> str:
    return " ".join(text.split())[:200]
