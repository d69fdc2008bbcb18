"""What senders and the broker hand over: signatures, bodies, shipments, envelopes."""

import base64
import binascii
import hmac
from datetime import UTC, datetime
from functools import partial

import orjson
from hypothesis import strategies as st

from ingest.signatures import NotSigned, body_signer, message_signer, signed_message
from ingest.sources.shopify import entity_ids
from shared.envelope import State, Unreadable, decode, encode, plain
from shared.shipments.message import read_message
from shared.shipments.parcels import Faulty
from tests.factories import transition
from tests.fuzz.target import Target, spliced
from tests.unit.mutations import almost
from tests.unit.shared.test_shipment_messages import MESSAGE
from tests.unit.sync_worker.test_any_body import BODIES, is_usable_or_named, work_of

SECRET = b"s3cret"
SIGNED_AT = "1614265330"
THEN = datetime.fromtimestamp(int(SIGNED_AT), UTC)
TOPICS = sorted(BODIES)


def try_signature(data: bytes) -> None:
    """Signature and body, parted by a line break: taken is what was signed with the secret, nothing else."""
    claimed, _, body = data.partition(b"\n")
    text = claimed.decode("latin-1")
    true = hmac.digest(SECRET, body, "sha256")
    try:
        body_signer(body, text, [SECRET])
    except NotSigned:
        assert _plain(text) != true
    else:
        assert _plain(text) == true


def try_message_signature(data: bytes) -> None:
    """As above, with a list of signatures over id, time and body."""
    claimed, _, body = data.partition(b"\n")
    message = signed_message("msg_1", SIGNED_AT, body)
    true = hmac.digest(base64.b64decode(_KEY), message, "sha256")
    entries = [one[3:] for one in claimed.decode("latin-1").split() if one.startswith("v1,")]
    is_signed = any(_plain(entry) == true for entry in entries)
    try:
        message_signer(message, claimed.decode("latin-1"), [_KEY], signed_at=SIGNED_AT, now=THEN)
    except NotSigned:
        assert not is_signed
    else:
        assert is_signed


def _plain(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None


def try_body(data: bytes) -> None:
    """A topic and its body, parted by a line break: usable, or refused with the name of a field."""
    name, _, body = data.partition(b"\n")
    topic = TOPICS[name[0] % len(TOPICS)] if name else TOPICS[0]
    is_usable_or_named(work_of(topic), body)
    entity_ids(topic, body)


def try_envelope(data: bytes) -> None:
    """Transitions that can be told again, or a reason for the dead letters."""
    try:
        transitions = decode(data)
    except Unreadable:
        pass
    else:
        assert decode(encode(transitions)) == transitions


def try_shipment(data: bytes) -> None:
    """Packages, or faults."""
    try:
        message = read_message(data, received_at=THEN)
    except Faulty:
        return
    assert message.packages
    message.shipment_id.encode()


def _of_topic(place: int) -> st.SearchStrategy[bytes]:
    return almost(BODIES[TOPICS[place]]).map(partial(bytes.__add__, bytes([place]) + b"\n"))


_KEY = base64.b64encode(b"a secret of 24 bytes or so")
_BODY = b'{"id": 1}'
_SIGNED = base64.b64encode(hmac.digest(SECRET, _BODY, "sha256")) + b"\n" + _BODY
_MESSAGE = hmac.digest(base64.b64decode(_KEY), signed_message("msg_1", SIGNED_AT, _BODY), "sha256")
_LIST = b"v1,AAAA v1," + base64.b64encode(_MESSAGE) + b"\n" + _BODY
_ENVELOPE = encode([transition(), transition(state=State.PROCESSING)])
_PLAIN = plain(_ENVELOPE)
TARGETS = (
    Target("signature of a body", try_signature, spliced([_SIGNED]), [_SIGNED]),
    Target("signature of a message", try_message_signature, spliced([_LIST]), [_LIST]),
    Target(
        "mapping of shop bodies",
        try_body,
        st.integers(0, len(TOPICS) - 1).flatmap(_of_topic),
        [bytes([place]) + b"\n" + orjson.dumps(BODIES[topic]) for place, topic in enumerate(TOPICS)],
    ),
    Target("shipment reports", try_shipment, almost(MESSAGE), [orjson.dumps(MESSAGE)]),
    Target(
        "envelope",
        try_envelope,
        st.one_of(almost(orjson.loads(_PLAIN)), spliced([_ENVELOPE])),
        [_ENVELOPE, _PLAIN],
    ),
)
