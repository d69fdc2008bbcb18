"""The contacts and the keys that find them."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sandbox.engage.contact_model import (
    KEY_FIELDS,
    all_preferences,
    contact_type_named,
    is_email,
    is_phone_like,
    normal_key,
    patched,
)
from sandbox.engage.refusals import Refusal, contact_not_found

Key = tuple[str, str]
OnChange = Callable[[Mapping[str, Any] | None, Mapping[str, Any] | None], None]


def _nobody_listens(_before: Mapping[str, Any] | None, _after: Mapping[str, Any] | None) -> None:
    pass


@dataclass
class ContactBook:
    """Keys are unique within a contact type, so one e-mail may belong to a Member and to a Contact."""

    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    on_change: OnChange = _nobody_listens
    _by_key: dict[Key, list[str]] = field(default_factory=dict)
    _next_member: int = 100_001

    def create(self, content: Mapping[str, Any], *, origin: Mapping[str, Any]) -> str:
        """Keep a new contact and return its id; raises Refusal 400 without a key, 409 on a taken one."""
        contact_type = contact_type_named(content["contactType"])
        if not any(
            content.get(name) for name in ("email", "mobilePhone", "externalId", "socialSecurityNumber")
        ):
            raise Refusal(400, "MissingKey", "email, mobilePhone or externalId is required", field="email")
        given = {name: value for name, value in content.items() if value not in (None, "")}
        given["preferences"] = all_preferences(given.get("preferences"))
        contact = {**given, "contactType": contact_type, "memberNumber": str(self._next_member), **origin}
        self._refuse_taken(contact, but=None)
        contact_id = str(uuid4())
        self._next_member += 1
        self.counts["contacts_created"] += 1
        self._store(contact_id, {"id": contact_id, **contact})
        self.on_change(None, self.contacts[contact_id])
        return contact_id

    def get(self, contact_id: str) -> dict[str, Any]:
        """The contact; raises Refusal 400 for what is no id, 404 for an unknown one."""
        try:
            return self.contacts[str(UUID(contact_id))]
        except ValueError:
            raise Refusal(
                400, "InvalidContactId", f"{contact_id!r} is not a GUID", field="contactId"
            ) from None
        except KeyError:
            raise contact_not_found(contact_id) from None

    def patch(self, contact_id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Overwrite what is sent and count what was erased; raises Refusal 404 or 409."""
        before = self.get(contact_id)
        change = patched(before, fields)
        self._refuse_taken(change.content, but=before["id"])
        self.counts["contacts_patched"] += 1
        self.counts["fields_blanked"] += len(change.blanked)
        self.counts["patches_without_change"] += not change.changed
        self.replace(before["id"], change.content)
        return change.content

    def replace(self, contact_id: str, content: dict[str, Any]) -> None:
        before = self.contacts[contact_id]
        self._forget_keys(before)
        self._store(contact_id, content)
        self.on_change(before, content)

    def delete(self, contact_id: str) -> None:
        contact = self.get(contact_id)
        self._forget_keys(contact)
        del self.contacts[contact["id"]]
        self.counts["contacts_deleted"] += 1
        self.on_change(contact, None)

    def find(self, field_name: str, value: str, *, contact_type: str | None) -> str:
        """The id of the one contact with this key; raises Refusal 404 for none and 409 for several."""
        ids = self._by_key.get((field_name, normal_key(field_name, value)), [])
        wanted = contact_type and contact_type_named(contact_type)
        found = [i for i in ids if wanted is None or self.contacts[i]["contactType"] == wanted]
        if not found:
            raise contact_not_found(value)
        if len(found) > 1:
            raise Refusal(409, "MultipleMatches", f"{len(found)} contacts match {value!r}")
        return found[0]

    def find_custom_key(self, value: str, *, contact_type: str | None) -> str:
        """Like `find` by externalId, else by memberNumber."""
        try:
            return self.find("externalId", value, contact_type=contact_type)
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            return self.find("memberNumber", value, contact_type=contact_type)

    def find_any(self, value: str, *, contact_type: str | None) -> str:
        """Scan e-mail, phone, custom key; stops at the first the value could be, as the real one does."""
        if is_email(value):
            return self.find("email", value, contact_type=contact_type)
        if is_phone_like(value):
            return self.find("mobilePhone", value, contact_type=contact_type)
        return self.find_custom_key(value, contact_type=contact_type)

    def restore(self, contacts: Mapping[str, dict[str, Any]], *, next_member: int) -> None:
        for contact_id, contact in contacts.items():
            self._store(contact_id, contact)
        self._next_member = next_member

    @property
    def next_member(self) -> int:
        return self._next_member

    def _refuse_taken(self, contact: Mapping[str, Any], *, but: str | None) -> None:
        for name, value in _keys(contact):
            holders = (i for i in self._by_key.get((name, value), []) if i != but)
            if any(self.contacts[i]["contactType"] == contact["contactType"] for i in holders):
                self.counts["contacts_refused_duplicate"] += 1
                raise Refusal(409, "ContactAlreadyExists", f"{name} is taken", field=name)

    def _store(self, contact_id: str, content: dict[str, Any]) -> None:
        self.contacts[contact_id] = content
        for key in _keys(content):
            self._by_key.setdefault(key, []).append(contact_id)

    def _forget_keys(self, contact: Mapping[str, Any]) -> None:
        for key in _keys(contact):
            self._by_key[key].remove(contact["id"])


def _keys(contact: Mapping[str, Any]) -> list[Key]:
    return [(name, normal_key(name, contact[name])) for name in KEY_FIELDS if contact.get(name)]
