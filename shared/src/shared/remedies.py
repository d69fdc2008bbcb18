"""What a person can do about a failure, by its kind, as sentences to be shown with it."""

_REMEDIES = {
    "authentication": (
        "The account's credentials were refused. Check its key or token in the account's settings, ask "
        "the provider whether it is still valid, save the new one there, then retry this task."
    ),
    "configuration": (
        "A setting of the account is missing or wrong: the message says which. Correct it in the "
        "account's settings, then retry this task."
    ),
    "connection": (
        "The other system could not be reached. Check the address in the account's settings and whether "
        "the provider reports an outage; wait a few minutes, then retry this task."
    ),
    "timeout": (
        "The other system did not answer in time. Wait a few minutes and retry; if it goes on, ask the "
        "provider, or let large runs work in smaller pieces at quiet hours."
    ),
    "rate_limit": (
        "There were too many requests. Wait 10–15 minutes, then retry; if it happens often, let syncs "
        "run less often or ask the provider for a higher limit."
    ),
    "not_found": (
        "The order, product or contact does not exist there any more. Check whether it was deleted; if "
        "it is obsolete, this failure can be ignored."
    ),
    "awaited": (
        "The shop has not sent what this builds on. Check in the shop whether the order exists and save it "
        "there once, so that it is sent again, or import the shop's orders; then retry this task."
    ),
    "export": (
        "The shop did not finish the export that this import reads. Start a new import after a few minutes; "
        "if it fails again, show the export's id and the message to Shopify's support."
    ),
    "validation": (
        "The data was refused: the message names the field. Correct it in the shop, or ask the provider "
        "what the field has to hold, then retry this task."
    ),
    "out_of_stock": (
        "The supplier has not enough of a product: the message says which. Wait until it is there again, or "
        "change the order in the shop, then retry this task."
    ),
    "by_hand": (
        "The other system has no interface for this. Do there what the message says, then mark the shipment "
        "as done by hand."
    ),
    "malformed_answer": (
        "The other system's answer is not what its API promises. Look at the answer below; if it goes "
        "on after a retry, show it to the provider."
    ),
    "unknown_outcome": (
        "The request was sent and no answer came, so it may or may not have had its effect. Look there "
        "first, and retry only if nothing happened."
    ),
    "temporary": (
        "It did not work on any of the attempts. Look at the message and correct the cause, then retry "
        "this task."
    ),
    "worker_died": (
        "The process running this task died several times in the middle of it. Look at the service's log "
        "around that time; the data of this task may be too large for it."
    ),
    "internal": (
        "This is a fault of Syncledger, not of your data. Retry once; if it fails again, send the task's "
        "details to support."
    ),
}
_FALLBACK = "Look at the message and the answer below, correct the cause, then retry this task."


def remedy_for(kind: str) -> str:
    """The troubleshooting sentences for a failure of this kind."""
    return _REMEDIES.get(kind, _FALLBACK)


def kinds() -> frozenset[str]:
    """Every kind that has sentences of its own."""
    return frozenset(_REMEDIES)
