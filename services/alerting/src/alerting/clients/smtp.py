"""Mail by SMTP: one message to one recipient."""

from dataclasses import dataclass

import aiosmtplib

from alerting.mail.composing import compose
from alerting.settings import MailSettings
from alerting.store.telling import Message
from shared.errors import Misconfigured, Rejected, Retryable, Unavailable

NOT_CONFIGURED = "No mail server is configured: set SMTP_HOST (and MAIL_FROM) for the alerting service"
_PERMANENT = 500


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
        except aiosmtplib.SMTPAuthenticationError as error:
            raise _refused_login(error) from error
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refused_recipient(error) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _answered(
                error.code, f"The mail server answered {error.code} {_said(error.message)}"
            ) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise Unavailable(f"The mail server did not take the message: {type(error).__name__}") from error
        return None


def _refused_login(error: aiosmtplib.SMTPAuthenticationError) -> Exception:
    text = f"The mail server refused the login ({error.code}): check SMTP_USER and SMTP_PASSWORD"
    if error.code < _PERMANENT:
        return Unavailable(text)
    return Misconfigured(text, kind="authentication")


def _refused_recipient(error: aiosmtplib.SMTPRecipientsRefused) -> Exception:
    refusal = error.recipients[0]
    return _answered(
        refusal.code, f"The mail server refused the address: {refusal.code} {_said(refusal.message)}"
    )


def _answered(code: int, text: str) -> Exception:
    return Rejected(text, kind="validation") if code >= _PERMANENT else Retryable(text)


def _said(text: str) -> str:
    return " ".join(text.split())[:200]
