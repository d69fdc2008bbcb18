"""What ingest is measured with."""

from benchmarks.proof.ingest.bodies import DIFFERENT, contents
from benchmarks.proof.ingest.sending import signed
from ingest.signatures import body_signer
from sandbox.shopify.delivery import Sender

SENDER = Sender("shop.example", "secret")


def test_bodies_are_as_large_as_shopify_s_are() -> None:
    sizes = [len(content.body) for content in contents(SENDER, seed="1")]
    assert len(sizes) == DIFFERENT
    assert min(sizes) >= 2_000
    assert 90_000 < max(sizes) <= 100_000


def test_every_delivery_is_signed_and_another_one() -> None:
    some = contents(SENDER, seed="1")
    requests = signed(SENDER, some, 2 * DIFFERENT)
    assert len({head for head, _ in requests}) == len(requests)
    head, body = requests[0]
    lines = dict(line.split(": ", 1) for line in head.decode().strip().split("\r\n")[1:])
    assert int(lines["Content-Length"]) == len(body)
    assert body_signer(body, lines["X-Shopify-Hmac-Sha256"], [b"secret"]) == 0
