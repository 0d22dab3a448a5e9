"""The engine against the book's loop in plain NumPy, the same batches: every weight and every recorded variable.

The tolerance is 1e-10 relative: float64 rounds at 1.1e-16, 200 steps and their sums lose about three digits, and the
networks do not amplify an error by more than that.
"""

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.engine.minibatches import host_orders

pytestmark = pytest.mark.numeric
TOLERANCE = 1e-10
EPOCHS = 40  # of 5 steps, the last on a batch of 3
SETUPS = {
    "cross_entropy, two hidden layers": {"widths": (6, 5, 4, 3)},
    "quadratic, with replacement": {"widths": (6, 5, 3), "loss": "quadratic", "sampling": "iid"},
    "softmax, tanh, fan_in": {"widths": (6, 5, 3), "loss": "softmax", "activation": "tanh", "init": "fan_in"},
    "mean squared error of linear outputs": {"widths": (6, 5, 3), "loss": "mean_squared_error"},
    "softmax, relu": {"widths": (6, 5, 3), "loss": "softmax", "activation": "relu"},
}
VARIABLES = ["weight_norm2", "weight_rms", "dead_input_rms", "cost", "accuracy", "saturated", "penalty"]
VARIABLES += ["budget_decay", "budget_drift", "budget_noise", "budget_drift_traffic"]
VARIABLES += ["moved_by_decay", "moved_by_gradient"]
ETA, LMBDAS, SEEDS = 0.2, (0.0, 1.5), (3, 0)


@pytest.fixture(scope="module", params=SETUPS, ids=list(SETUPS))
def both(request, tiny, initial, numpy_run):
    """A sweep, and the NumPy loop for each of its members."""
    setup = wd.Setup(**SETUPS[request.param], batch_size=5, dtype="float64")
    probes = wd.Probes(keep_weights=True)
    runs = wd.sweep(setup, tiny, eta=ETA, lmbda=LMBDAS, seeds=SEEDS, epochs=EPOCHS, probes=probes, progress=False)
    orders = dict(zip(SEEDS, host_orders(np.array(SEEDS), 0, EPOCHS, tiny.n, setup.sampling), strict=True))
    loops = {
        (lmbda, seed): numpy_run(setup, tiny, ETA, lmbda, initial(setup, seed), orders[seed])
        for lmbda in LMBDAS
        for seed in SEEDS
    }
    return runs, loops


def test_weights_after_200_steps(both) -> None:
    runs, loops = both
    for (lmbda, seed), loop in loops.items():
        member = runs.sel(lmbda=lmbda, seed=seed)
        for name in (name for name in runs if name.startswith(("weights_", "biases_"))):
            np.testing.assert_allclose(member[name], loop[name], rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("name", VARIABLES)
def test_variable_at_every_epoch(both, name: str) -> None:
    runs, loops = both
    for (lmbda, seed), loop in loops.items():
        member = runs[name].sel(lmbda=lmbda, seed=seed).transpose("epoch", ...)
        np.testing.assert_allclose(member, loop[name], rtol=TOLERANCE, atol=TOLERANCE)


def test_the_members_really_moved(both) -> None:
    runs, loops = both
    change = abs(runs.weight_rms.isel(epoch=-1) / runs.weight_rms.isel(epoch=0) - 1)
    assert float(change.min()) > 1e-3
    assert len({loop["weight_rms"][-1].tobytes() for loop in loops.values()}) == len(loops)
