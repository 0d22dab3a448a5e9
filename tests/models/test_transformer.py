"""The transformer: causal, its attention against a loop in NumPy, its gradient against differences, what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import wd_jax as wd
from tests.models.trees import drawn, worst_slope_error
from wd_jax.models.losses import softmax
from wd_jax.models.transformer import attend

pytestmark = pytest.mark.numeric
RANDOM = np.random.default_rng(6)
SMALL = dict(vocab=7, length=5, width=4, depth=2, heads=2)


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


def tokens(count: int, model) -> np.ndarray:
    return RANDOM.integers(model.vocab, size=(count, model.length)).astype(float)


@pytest.mark.parametrize("norm", ["rms", "layer"])
def test_a_later_token_changes_no_earlier_output(norm: str) -> None:
    model = wd.transformer(**SMALL, norm=norm)
    params, x, apply = drawn(model, RANDOM), tokens(3, model), jax.jit(model.apply)
    before = np.asarray(apply(params, x))
    for place in range(model.length):
        changed = x.copy()
        changed[:, place] = (changed[:, place] + 1) % model.vocab
        after = np.asarray(apply(params, changed))
        np.testing.assert_array_equal(after[:, :place], before[:, :place])
        assert (abs(after[:, place:] - before[:, place:]) > 1e-9).any(axis=(0, 2)).all()


def test_attention_is_an_average_over_the_past() -> None:
    model = wd.transformer(**SMALL)
    block, x = drawn(model, RANDOM).blocks[0], RANDOM.normal(size=(2, 5, 4))
    query, key, value = (x @ matrix for matrix in (block.query, block.key, block.value))
    mixed = np.zeros_like(x)
    for example, t, head in np.ndindex(2, 5, 2):
        own = slice(2 * head, 2 * head + 2)
        scores = [query[example, t, own] @ key[example, s, own] / np.sqrt(2) for s in range(t + 1)]
        shares = np.exp(scores) / np.exp(scores).sum()
        mixed[example, t, own] = sum(share * value[example, s, own] for s, share in enumerate(shares))
    np.testing.assert_allclose(jax.jit(attend, static_argnums=1)(block, 2, x), mixed @ block.out, rtol=1e-11)


def test_the_network_is_its_parts_one_after_the_other() -> None:
    model = wd.transformer(**SMALL, activation="tanh")
    params, x, attended = drawn(model, RANDOM), tokens(2, model), jax.jit(attend, static_argnums=1)

    def rms(gain, stream):
        return stream / np.sqrt((stream**2).mean(axis=-1, keepdims=True) + 1e-5) * gain["gain"]

    stream = params.embedding[x.astype(int)] + params.positions
    for block in params.blocks:
        stream = stream + np.asarray(attended(block, 2, rms(block.before_attention, stream)))
        stream = stream + np.tanh(rms(block.before_mlp, stream) @ block.up) @ block.down
    expected = rms(params.before_unembedding, stream) @ params.unembedding
    np.testing.assert_allclose(jax.jit(model.apply)(params, x), expected, rtol=1e-10)


def test_a_shorter_sequence_and_whole_tokens_give_the_same() -> None:
    model = wd.transformer(**SMALL)
    params, x, apply = drawn(model, RANDOM), tokens(2, model), jax.jit(model.apply)
    np.testing.assert_allclose(apply(params, x[:, :3].astype(int)), apply(params, x)[:, :3], rtol=1e-12)


def test_the_gradient_is_the_slope() -> None:
    model = wd.transformer(**(SMALL | dict(depth=1)), norm="layer")
    x, y = jnp.asarray(tokens(4, model)), jnp.asarray(tokens(4, model))
    assert worst_slope_error(lambda p: softmax(model.apply(p, x), y).mean(), drawn(model, RANDOM), count=2) < 1e-7


def test_it_starts_near_the_cost_of_guessing() -> None:
    model, part = wd.transformer(vocab=59, length=32, depth=1), wd.data.text().validation

    def start(key):
        return softmax(model.apply(model.init(key), jnp.asarray(part.inputs)), jnp.asarray(part.targets)).mean()

    cost = float(jax.jit(start)(jax.random.key(0)))
    assert np.log(59) < cost < np.log(59) + 1  # logits N(0, 1) cost half a nat more than none


REFUSED = {
    "heads that do not divide": (dict(width=6, heads=4), "heads=4: must divide the width, 6; give 1, or another width"),
    "no block": (dict(depth=0), "depth=0: give a whole number of at least 1"),
    "one token": (dict(vocab=1), "vocab=1: give a whole number of at least 2"),
    "half a width": (dict(width=1.5), "width=1.5: give a whole number"),
    "no norm": (dict(norm=None), "norm=None: choose one of rms, layer"),
    "a batch norm": (dict(norm="batch"), "norm='batch': choose one of rms, layer"),
}


OTHER_DATA = {
    "longer sequences": (dict(vocab=59, length=16), "length=16: the data have 32 tokens a sequence: give length=32"),
    "fewer tokens": (dict(vocab=70, length=32), "vocab=70: the data have 59 classes at each position: give vocab=59"),
    "more tokens": (
        dict(vocab=40, length=32),
        "model 'transformer': takes the numbers of 40 tokens, and the data have 59",
    ),
}


@pytest.mark.parametrize(("given", "message"), OTHER_DATA.values(), ids=list(OTHER_DATA))
def test_data_of_other_sizes(given: dict, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        wd.dry_run(wd.Setup(model=wd.transformer(**given), loss="softmax"), wd.data.text(), epochs=1)
    assert str(caught.value).startswith(message) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("outputs", "tokens", "message"),
    [
        ((3,), 7, "model 'transformer': says what follows each of 5 tokens, and the data have one row of targets"),
        (
            (4, 7),
            7,
            "model 'transformer': says what follows each of 5 tokens, and the data have targets at 4 positions",
        ),
        ((5, 6), 7, "vocab=7: the data have 7 tokens and only 6 classes: give Split(..., classes=7)"),
    ],
)
def test_targets_of_another_form(outputs: tuple[int, ...], tokens: int, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        wd.transformer(vocab=7, length=5).check_fits(5, outputs, tokens)
    assert str(caught.value).startswith(message) and "\n" not in str(caught.value)
    wd.transformer(vocab=7, length=5).check_fits(4, (4, 7), 7)  # shorter sequences will do


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=list(REFUSED))
def test_it_refuses(given: dict, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        wd.transformer(**(dict(vocab=7, length=5) | given))
    assert message in str(caught.value) and "\n" not in str(caught.value)
