"""The convolutional network and the transformer in the engine: optax's steps, budgets that close, what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import wd_jax as wd
from wd_jax.engine.hyper_tree import as_arrays
from wd_jax.engine.member import start
from wd_jax.engine.minibatches import host_orders, member_key

pytestmark = pytest.mark.numeric
ETA, LMBDAS, SEEDS, EPOCHS, M = 0.02, (1.0, 20.0), 2, 3, 8


def images() -> tuple[wd.data.Dataset, object]:
    whole = wd.data.digits().train
    labels = whole.targets.argmax(axis=1)
    parts = (slice(0, 24), slice(24, 32), slice(32, 40))
    data = wd.data.Dataset("few", *(wd.data.Split(whole.inputs[rows], labels[rows], classes=10) for rows in parts))
    return data, wd.conv((8, 8), channels=(3, 4), norm="rms")


def sequences() -> tuple[wd.data.Dataset, object]:
    data = wd.data.text("".join(f"{number} times 7 is {7 * number}; " for number in range(24))[:310], length=10)
    return data, wd.transformer(vocab=data.n_out, length=10, width=8, depth=1, heads=2)


@pytest.fixture(scope="module", params=[images, sequences], ids=["conv", "transformer"])
def case(request):
    data, model = request.param()
    setup = wd.Setup(model=model, loss="softmax", optimiser="adamw", batch_size=M, dtype="float64")
    probes = wd.Probes(keep_weights=True, moved=False, splits=("train",))
    runs = wd.sweep(setup, data, eta=ETA, lmbda=LMBDAS, seeds=SEEDS, epochs=EPOCHS, probes=probes, progress=False)
    return data, model, setup, runs


def test_each_layers_budget_closes(case) -> None:
    runs = case[3]
    parts = runs.budget_decay + runs.budget_drift + runs.budget_noise
    change = runs.weight_norm2.diff("epoch")
    traffic = runs.weight_norm2.isel(epoch=0)
    assert float((abs(parts.isel(epoch=slice(1, None)) - change) / traffic).max()) < 1e-12
    assert float(abs(runs.budget_decay.isel(epoch=-1)).min()) > 0 and float(abs(change / traffic).min()) > 1e-6
    assert list(runs.layer_name.values) == list(wd.Setup(model=case[1]).model.layer_names)


def test_it_takes_optaxs_steps(case) -> None:
    data, model, setup, runs = case
    with jax.enable_x64(True):
        numbers = as_arrays(wd.Hyper(eta=ETA, lmbda=LMBDAS[1], rule=setup.rule), "float64")
        params = jax.jit(lambda key: start(setup.start, numbers, key, data.n).params)(member_key(1))
        mask = jax.tree.map(lambda leaf: leaf.ndim > 1, params)
        adamw = optax.adamw(ETA, weight_decay=LMBDAS[1] / data.n, mask=mask)

        def cost(params, x, y):
            z = model.apply(params, x).reshape(-1, data.n_out)
            return jnp.mean(jax.nn.logsumexp(z, axis=1) - jnp.take_along_axis(z, y.reshape(-1, 1), axis=1)[:, 0])

        @jax.jit
        def step(params, state, x, y):
            slopes = jax.grad(cost)(params, x, y)
            updates, state = adamw.update(slopes, state, params)
            return optax.apply_updates(params, updates), state

        state = jax.jit(adamw.init)(params)
        for order in host_orders(np.array([1]), 0, EPOCHS, data.n, "reshuffle")[0]:
            for first in range(0, data.n, M):
                batch = order[first : first + M]
                x, y = data.train.inputs[batch].astype(float), data.train.targets[batch].astype(int)
                params, state = step(params, state, x, y)
        weights = [np.asarray(leaf) for leaf in jax.tree.leaves(params) if leaf.ndim > 1]
    member = runs.sel(lmbda=LMBDAS[1], seed=1)
    for number, w in enumerate(weights, start=1):
        np.testing.assert_allclose(member[f"weights_{number}"], w, rtol=1e-9, atol=1e-11)
    costs = member.cost.sel(split="train").isel(epoch=slice(-2, None))
    assert 0 < member.accuracy.sel(split="train").isel(epoch=-1) < 1 and costs[1] < costs[0] < np.log(data.n_out) + 1


def test_equal_models_are_one(case) -> None:
    _, model, setup, _ = case
    again = type(model)(**{field: getattr(model, field) for field in model.settings()})
    assert wd.Setup(model=again).model == wd.Setup(model=model).model
    assert hash(wd.Setup(model=again).program) == hash(wd.Setup(model=model).program)
    assert setup.record()["settings"] == model.settings()


TEXT = sequences()[0]
DIGITS = images()[0]
REFUSED = {
    "a perceptron on a text": (
        dict(widths=(10, 8, TEXT.n_out)),
        TEXT,
        f"perceptron one row of outputs: give a model with outputs [batch, 10, {TEXT.n_out}], such as wd.transform",
    ),
    "too few tokens": (
        dict(model=wd.transformer(vocab=5, length=10)),
        TEXT,
        f"takes the numbers of 5 tokens, and the data have {TEXT.n_out}: give vocab={TEXT.n_out}",
    ),
    "a transformer on images": (
        dict(model=wd.transformer(vocab=10, length=64)),
        DIGITS,
        "takes the numbers of 10 tokens, and nobody says that the inputs are such: give Split(..., tokens=10)",
    ),
    "more outputs than classes": (
        dict(model=wd.transformer(vocab=99, length=10)),
        TEXT,
        f"vocab=99: the data have {TEXT.n_out} classes at each position: give vocab={TEXT.n_out}",
    ),
    "fewer outputs than classes": (
        dict(model=wd.conv((8, 8), n_out=9)),
        DIGITS,
        "n_out=9: the data have 10 outputs an example: give n_out=10",
    ),
    "another image": (
        dict(model=wd.conv((28, 28))),
        DIGITS,
        "image=(28, 28): is 784 inputs an example, and the data have 64: give image=(8, 8), or other rows, columns",
    ),
}


@pytest.mark.parametrize(("model", "data", "message"), REFUSED.values(), ids=list(REFUSED))
def test_what_does_not_fit_is_refused(model: dict, data: wd.data.Dataset, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        wd.dry_run(wd.Setup(**model, loss="softmax", batch_size=M), data, epochs=1)
    assert message in str(caught.value) and "\n" not in str(caught.value)
