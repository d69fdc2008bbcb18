"""From a customer's webhook to the CRM's contact."""

from shared.handling import FollowUp, Outcome, Run
from shared.tasks import TaskType
from sync_worker.clients.crm import Crm
from sync_worker.contacts import Contact, write_contact
from sync_worker.handlers.indexing import hand_on, source_id_of
from sync_worker.handlers.preferences import index_consent, index_tags, untold, with_told_consents
from sync_worker.mapping.contact import ContactFields, contact_fields
from sync_worker.senders.translating import as_the_shop_tells
from sync_worker.shopify.consents import (
    CHANGES,
    EMAIL_TOPIC,
    SMS_TOPIC,
    TAGS_ADDED,
    TAGS_REMOVED,
    EmailConsentChange,
    SmsConsentChange,
    TagChange,
)
from sync_worker.shopify.customers import Customer, DeletedCustomer
from sync_worker.shopify.reading import read, topic_of, triggered_at
from sync_worker.store import states

DELETED = "customers/delete"

_Told = Customer | DeletedCustomer | EmailConsentChange | SmsConsentChange | TagChange

_MODELS: dict[str, type[_Told]] = {
    DELETED: DeletedCustomer,
    EMAIL_TOPIC: EmailConsentChange,
    SMS_TOPIC: SmsConsentChange,
    TAGS_ADDED: TagChange,
    TAGS_REMOVED: TagChange,
}


async def receive_customer(run: Run) -> Outcome:
    """Checks the delivery and queues the indexing under the customer's id."""
    payload = await as_the_shop_tells(run)
    model = _MODELS.get(topic_of(payload), Customer)
    customer_id = read(model, payload.body, what="customer").id
    follow_up = FollowUp(TaskType.INDEX_CUSTOMER, payload, source_id=customer_id)
    return Outcome(source_id=customer_id, follow_ups=(follow_up,))


async def index_customer(run: Run) -> Outcome:
    """Stores the state if it is newer, and then has it sent to the CRM."""
    topic = topic_of(run.payload)
    if topic in CHANGES:
        return await index_consent(run)
    if topic in (TAGS_ADDED, TAGS_REMOVED):
        return await index_tags(run)
    if topic == DELETED:
        return await _bury(run)
    customer = read(Customer, run.payload.body, what="customer")
    connection = await run.begin()
    verdict = await states.keep_customer(
        connection, run.task.shop_id, customer, triggered_at=triggered_at(run.payload)
    )
    outcome = await hand_on(run, verdict, (TaskType.SYNC_CONTACT,))
    return await with_told_consents(run, outcome)


async def sync_contact(crm: Crm, run: Run) -> Outcome:
    """Writes the newest state of the customer to its contact."""
    stored = await states.newest_customer(run.pool, run.task.shop_id, source_id_of(run))
    wanted = contact_fields(stored.customer)
    engage = await crm.open(run.pool, run.task)
    known = Contact(stored.contact_id, stored.synced) if stored.contact_id else None
    contact = await write_contact(engage, wanted, known=known)
    connection = await run.begin()
    synced = {name: contact.fields[name] for name in (*wanted, *stored.synced) if contact.fields.get(name)}
    await states.keep_link(
        connection, run.task.shop_id, stored.customer.id, contact_id=contact.id, synced=synced
    )
    return Outcome(
        target_id=contact.id,
        note=_note(contact, stored.customer, wanted),
        summary={"fields": sorted(contact.sent)},
        follow_ups=await untold(run, two_way=engage.rules.two_way_preferences),
    )


async def _bury(run: Run) -> Outcome:
    customer = read(DeletedCustomer, run.payload.body, what="customer")
    connection = await run.begin()
    await states.bury_customer(
        connection, run.task.shop_id, customer.id, deleted_at=triggered_at(run.payload)
    )
    return Outcome(note="Deleted in the shop; the CRM's contact is left as it is", source_id=customer.id)


def _note(contact: Contact, customer: Customer, wanted: ContactFields) -> str | None:
    notes = []
    if not contact.sent:
        notes.append("Nothing was sent: the CRM already has these details")
    if customer.phone and "mobilePhone" not in wanted:
        notes.append("The phone number was left out: it is not in international form (+46…)")
    if "email" not in wanted and "mobilePhone" not in wanted:
        notes.append("The customer has neither e-mail nor phone: the CRM knows it by its external id only")
    return ". ".join(notes) or None
