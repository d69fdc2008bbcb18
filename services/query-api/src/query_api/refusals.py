"""What the reasons mean for which deliveries are refused, and what to do about each. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Advice(NamedTuple):
    """`title`: the reason in words."""

    title: str
    remedy: str


_SIGNATURE = (
    "Compare the secret at the sender with the shop's here, and add the sender's as the newest. Where they "
    "are the same, something between the two changes the body, or a stranger has sent it."
)
_TRIED_AGAIN = (
    "Nothing, unless it goes on: the sender is asked to try again, and nothing is lost while it does."
)

_ADVICE: Mapping[str, Advice] = MappingProxyType(
    {
        "missing_header": Advice(
            "A header is missing",
            "Let the sender's own headers through: something between the two may drop them. Strangers who "
            "try the address out need no answer.",
        ),
        "bad_signature": Advice("The signature is wrong", _SIGNATURE),
        "malformed_signature": Advice("The signature is none", _SIGNATURE),
        "stale_signature": Advice(
            "The signature is too old",
            "Set the sender's clock right. What was held back for long has to be signed anew.",
        ),
        "bad_token": Advice(
            "The token is unknown, expired or revoked",
            "Give the sender a token that is valid: an administrator makes one under Settings, Tokens.",
        ),
        "not_allowed": Advice(
            "The token may not report for this shop",
            "Give the sender a token of the role operator for this shop.",
        ),
        "unusable": Advice(
            "The content can not be used",
            "The sender was told which fields are wrong; correct them there and send it again.",
        ),
        "no_secret": Advice(
            "There is no secret to check with",
            "Add the secret the sender signs with: to the shop under Settings, or to its account.",
        ),
        "unknown_shop": Advice(
            "The shop is not connected",
            "Connect the shop, or have its webhook subscriptions deleted where it sends from.",
        ),
        "inactive_shop": Advice(
            "The shop was uninstalled",
            "Connect the shop again if it is to be synchronised, else delete its webhook subscriptions.",
        ),
        "too_large": Advice(
            "The body is too large",
            "Choose fewer fields for the webhook subscription (include_fields), or allow larger bodies "
            "(MAX_BODY_BYTES).",
        ),
        "too_slow": Advice(
            "The body came too slowly",
            "Look at the network between the sender and here, and at what stands in front of the ingest.",
        ),
        "unsupported_type": Advice(
            "The format is not JSON", "Choose JSON as the format of the webhook subscription."
        ),
        "abuse": Advice(
            "Too many wrong signatures from one address",
            "If it is your sender, correct its secret: it is let in again by itself. Else nothing: "
            "strangers are held off.",
        ),
        "shop_unknowable": Advice("The database did not answer, so the shop was not known", _TRIED_AGAIN),
        "token_unknowable": Advice("The database did not answer, so the token was not known", _TRIED_AGAIN),
        "no_copy": Advice(
            "Neither broker nor database could keep it",
            "Bring the broker or the database back. " + _TRIED_AGAIN,
        ),
    }
)


def advice_on(reason: str) -> Advice:
    """For reasons of another version, too."""
    words = Advice(reason.replace("_", " ").capitalize(), "Look for the reason in the ingest's log.")
    return _ADVICE.get(reason, words)
