"""What a target of bad input is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st


@dataclass(frozen=True)
class Target:
    """`tries` takes any bytes and raises only when a promise is broken. `inputs` are almost right ones,
    `examples` some that are, for whoever changes them byte by byte."""

    name: str
    tries: Callable[[bytes], None]
    inputs: st.SearchStrategy[bytes]
    examples: Sequence[bytes]


@st.composite
def spliced(draw: st.DrawFn, examples: Sequence[bytes]) -> bytes:
    """An example of which up to four places are cut out, said twice or written over; or any bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=300))
    text = draw(st.sampled_from(list(examples)))
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        put = draw(st.one_of(st.just(b""), st.just(text[start:end] * 2), st.binary(max_size=12)))
        text = text[:start] + put + text[end:]
    return text
