"""The text that comes with the package: whole, cut by position, each target the character that follows."""

import itertools

import numpy as np
import pytest

import wd_jax as wd

pytestmark = pytest.mark.numeric


def read(numbers: np.ndarray, kinds: str) -> str:
    return "".join(kinds[int(number)] for number in numbers)


def test_every_target_is_the_character_that_follows() -> None:
    written = "".join(f"{number} times 7 is {7 * number}; " for number in range(80))
    data, kinds = wd.data.text(written, length=9), wd.data.characters(written)
    assert data.n_out == data.train.tokens == len(kinds) == len(set(written))
    ends = []
    for split in (data.train, data.validation, data.test):
        inputs = read(split.inputs.ravel(), kinds)
        start = written.index(inputs)  # each split is one piece of the text, its sequences in order
        assert read(split.targets.ravel(), kinds) == written[start + 1 : start + 1 + len(inputs)]
        ends.append((start, start + len(inputs) + 1))
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(ends))
    assert ends[-1][1] > len(written) - 10 and ends[0][0] == 0


def test_the_sonnets_have_their_shape() -> None:
    data, kinds = wd.data.text(length=16), wd.data.characters()
    assert data.name == "sonnets" and kinds.isascii() and len(kinds) == 59
    start = read(data.train.inputs[:2].ravel(), kinds)
    assert start == "From fairest creatures we desire"
    poems = (read(data.train.inputs.ravel(), kinds)).split("\n\n")
    assert {len(poem.splitlines()) for poem in poems[:-1]} == {14}


REFUSED = {
    "too short": (dict(of="abc" * 100), "text of 300 characters, 3 of them different: give at least two, and 660"),
    "one kind": (dict(of="a" * 5000), "1 of them different"),
    "bytes": (dict(of=b"abc"), "give the text itself, pathlib.Path(...).read_text()"),
    "no length": (dict(length=0), "length=0: give a whole number of at least 1"),
}


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=list(REFUSED))
def test_it_refuses(given: dict, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        wd.data.text(**given)
    assert message in str(caught.value)
