"""The shop itself as `shop/update` carries it."""

from zoneinfo import available_timezones

from sync_worker.shopify.fields import Moment, ShopModel, Text

_TIMEZONES = available_timezones()


class Shop(ShopModel):
    """`iana_timezone` may be null; `timezone` is a sentence for people, "(GMT-05:00) Eastern Time"."""

    name: Text = None
    email: Text = None
    currency: Text = None
    iana_timezone: Text = None
    updated_at: Moment | None = None

    @property
    def timezone(self) -> str | None:
        """One that can be used; None when the shop tells none."""
        return self.iana_timezone if self.iana_timezone in _TIMEZONES else None

    @property
    def iso_currency(self) -> str | None:
        code = (self.currency or "").upper()
        return code if len(code) == 3 and code.isascii() and code.isalpha() else None
