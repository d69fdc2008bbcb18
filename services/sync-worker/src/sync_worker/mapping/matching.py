"""By which key the CRM finds the contact that a purchase belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass

# Best first: the CRM's contacts of one type share none of these.
_KEYS = (("email", "Email"), ("mobilePhone", "MobilePhone"), ("externalId", "ExternalId"))


@dataclass(frozen=True, slots=True)
class ContactMatch:
    """A value and the kind of key it is, in the CRM's words."""

    key: str
    key_type: str

    def body(self, contact_type: str) -> dict[str, str]:
        return {"matchKey": self.key, "matchKeyType": self.key_type, "contactType": contact_type}


def best_match(fields: Mapping[str, object]) -> ContactMatch | None:
    """None: nothing in the fields tells who it is."""
    for name, key_type in _KEYS:
        value = fields.get(name)
        if isinstance(value, str) and value:
            return ContactMatch(value, key_type)
    return None
