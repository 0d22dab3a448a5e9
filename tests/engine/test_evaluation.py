"""Measurements on whole splits against one example at a time: gradient moments, cost and accuracy, in any batching."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.engine import examples
from wd_jax.engine.minibatches import member_key
from wd_jax.engine.probes.evaluation import evaluate
from wd_jax.engine.probes.full_gradient import gradient_moments
from wd_jax.engine.probes.probe import Evaluation
from wd_jax.models import footprint
from wd_jax.models.losses import LOSSES
from wd_jax.models.mlp import forward, initialise

pytestmark = pytest.mark.numeric
# float64 means over 23 examples: a few ulps of sums that partly cancel.
CLOSE = {"rtol": 1e-12, "atol": 1e-14}


def setting(loss: str, tiny):
    setup = wd.Setup(widths=(6, 4, 3), loss=loss, activation="tanh", dtype="float64")
    return setup, initialise(setup.model, member_key(0), dtype=setup.dtype), examples.on_device(tiny, "float64")


@pytest.mark.parametrize("batch", [1000, 7], ids=["one batch", "a padded last batch"])
@pytest.mark.parametrize("loss", list(LOSSES))
def test_gradient_moments(loss: str, batch: int, tiny, monkeypatch) -> None:
    monkeypatch.setattr(footprint, "ROWS", batch)
    with jax.enable_x64(True):
        setup, params, data = setting(loss, tiny)
        moments = jax.jit(lambda p: gradient_moments(Evaluation(setup.program.objective, ("train",), data, p)))(params)

        def cost(params, x, y, weight):
            return weight * LOSSES[loss](forward(setup.model, params, x)[0], y)

        train = data.inputs[:23], data.targets[:23], data.loss_weights[:23]
        each = jax.jit(jax.vmap(jax.grad(cost), in_axes=(None, 0, 0, 0)))(params, *train)
    for index, layer in enumerate(each):
        gradients = np.asarray(layer["w"]).reshape(23, -1)
        mean = gradients.mean(axis=0)
        np.testing.assert_allclose(moments.full_norm2[index], mean @ mean, **CLOSE)
        np.testing.assert_allclose(moments.sample_norm2[index], (gradients**2).sum(axis=1).mean(), **CLOSE)
        np.testing.assert_allclose(moments.weight_dot[index], mean @ np.ravel(params[index]["w"]), **CLOSE)


@pytest.mark.parametrize("splits", [("test",), ("test", "train"), ("validation", "test")])
def test_splits_keep_their_order_and_batches_do_not_matter(splits, tiny, monkeypatch) -> None:
    with jax.enable_x64(True):
        setup, params, data = setting("softmax", tiny)
        whole = evaluate(Evaluation(setup.program.objective, ("train", "validation", "test"), data, params))
        monkeypatch.setattr(footprint, "ROWS", 4)
        parts = evaluate(Evaluation(setup.program.objective, splits, data, params))
    places = [examples.SPLITS.index(split) for split in splits]
    for measured, reference in zip(parts[:2], whole[:2], strict=True):
        np.testing.assert_allclose(measured, np.asarray(reference)[places], **CLOSE)


def test_saturation_counts_both_sides_of_hidden_sigmoids_only(tiny) -> None:
    """Biases of ±3 and 0 and no weights: activations 0.95, 0.05 and 0.5."""
    with jax.enable_x64(True):
        setup = wd.Setup(widths=(6, 4, 3), dtype="float64")
        biases = jnp.asarray([3.0, -3.0, 0.0, 0.0])
        params = ({"w": jnp.zeros((6, 4)), "b": biases}, {"w": jnp.zeros((4, 3)), "b": jnp.zeros(3)})
        data = examples.on_device(tiny, "float64")
        saturated = evaluate(Evaluation(setup.program.objective, ("test",), data, params))[2]
    assert float(saturated[0]) == 0.5 and np.isnan(saturated[1])
