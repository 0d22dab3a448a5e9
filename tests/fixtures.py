"""A tiny data set, a training loop in plain NumPy float64 that shares no code with the engine, and shared sweeps."""

from collections.abc import Callable

import jax
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.data import Dataset, Split
from wd_jax.engine.hyper_tree import as_arrays
from wd_jax.engine.member import start
from wd_jax.engine.minibatches import member_key


@pytest.fixture(scope="session")
def tiny() -> Dataset:
    """23 examples in batches of 5: the last batch is short; input 1 is dead and the examples' loss weights differ."""
    random = np.random.default_rng(7)

    def split(size: int) -> Split:
        inputs = random.random((size, 6))
        inputs[:, 1] = 0
        return Split(inputs, np.eye(3)[random.integers(0, 3, size)], random.choice([0.5, 1, 2], size))

    return Dataset("tiny", split(23), split(11), split(9))


@pytest.fixture(scope="session")
def setup32() -> wd.Setup:
    return wd.Setup(widths=(6, 5, 3), batch_size=5)


@pytest.fixture(scope="session")
def pair(setup32, tiny):
    """Two values of lmbda, two seeds, float32."""
    return wd.sweep(setup32, tiny, lmbda=[0.5, 2.0], eta=0.3, seeds=2, epochs=6, progress=False)


@pytest.fixture(scope="session")
def initial() -> Callable[..., list[dict[str, np.ndarray]]]:
    """Give the parameters a seed starts from, as NumPy float64."""

    def draw(setup: wd.Setup, seed: int, **hyper: float) -> list[dict[str, np.ndarray]]:
        with jax.enable_x64(setup.dtype == "float64"):
            numbers = as_arrays(wd.Hyper(**hyper, rule=setup.rule), setup.dtype)
            params = start(setup.start, numbers, member_key(seed), 1).params
        return [{name: np.array(leaf, np.float64) for name, leaf in layer.items()} for layer in params]

    return draw


@pytest.fixture(scope="session")
def numpy_run() -> Callable[..., dict[str, np.ndarray]]:
    return _run


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


ACTIVATE = {
    "sigmoid": (_sigmoid, lambda a: a * (1 - a)),
    "tanh": (np.tanh, lambda a: 1 - a * a),
    "relu": (lambda z: z * (z > 0), lambda a: 1.0 * (a > 0)),
}


def _softmax(z):
    powers = np.exp(z - z.max())
    return powers / powers.sum()


OUTPUT = {  # loss: (output of z, cost of output and target, dcost/dz of output and target)
    "cross_entropy": (_sigmoid, lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(), lambda a, y: a - y),
    "quadratic": (_sigmoid, lambda a, y: 0.5 * ((a - y) ** 2).sum(), lambda a, y: (a - y) * a * (1 - a)),
    "mean_squared_error": (lambda z: z, lambda a, y: ((a - y) ** 2).mean(), lambda a, y: 2 * (a - y) / len(a)),
    "softmax": (_softmax, lambda a, y: -(y * np.log(a)).sum(), lambda a, y: a - y),
}


def _forward(setup, params, x):
    """Activations of every layer for one example, the input first and the output last."""
    activations = [x]
    for index, layer in enumerate(params):
        z = activations[-1] @ layer["w"] + layer["b"]
        last = index == len(params) - 1
        activations.append(OUTPUT[setup.loss][0](z) if last else ACTIVATE[setup.activation][0](z))
    return activations


def _example_gradient(setup, params, x, y):
    """Back-propagation for one example, as in Nielsen's chapter 2."""
    activations = _forward(setup, params, x)
    delta = OUTPUT[setup.loss][2](activations[-1], y)
    gradients = []
    for index in reversed(range(len(params))):
        gradients.insert(0, {"w": np.outer(activations[index], delta), "b": delta})
        if index:
            delta = params[index]["w"] @ delta * ACTIVATE[setup.activation][1](activations[index])
    return gradients


def _measure(setup, params, data, lmbda):
    """Every variable of a result that needs no step."""
    found = {"weight_norm2": [(layer["w"] ** 2).sum() for layer in params]}
    found["weight_rms"] = [np.sqrt((layer["w"] ** 2).mean()) for layer in params]
    found["penalty"] = lmbda / (2 * data.n) * sum(found["weight_norm2"])
    dead = [i for i in range(data.n_in) if not data.train.inputs[:, i].any()]
    found["dead_input_rms"] = np.sqrt((params[0]["w"][dead] ** 2).mean())
    costs, rights = [], []
    for part in (data.train, data.validation, data.test):
        outputs = [_forward(setup, params, x.astype(np.float64)) for x in part.inputs]
        rows = list(zip(outputs, part.targets, part.loss_weights, strict=True))
        costs.append(np.mean([weight * OUTPUT[setup.loss][1](a[-1], y) for a, y, weight in rows]))
        rights.append(np.mean([a[-1].argmax() == y.argmax() for a, y, _ in rows]))
        if part is data.validation:
            hidden = [np.array([a[layer] for a in outputs]) for layer in range(1, len(params))]
            outside = [((a < 0.1) | (a > 0.9)).mean() if setup.activation == "sigmoid" else np.nan for a in hidden]
    return found | {"cost": costs, "accuracy": rights, "saturated": [*outside, np.nan]}


OF_ENDS = ("effective_eta", "spectral_norm", "stable_rank", "sums_over_outputs", "sums_over_inputs")
OF_STEPS = ("rotation", "relative_update", "alignment", "gradient_signal2", "gradient_noise2", "gradient_snr")


def _of_ends(params, eta):
    """What is measured at a record on request only."""
    ws = [layer["w"] for layer in params]
    singular = [np.linalg.svd(w, compute_uv=False) for w in ws]
    found = [eta / np.array([(w**2).sum() for w in ws]), [s[0] for s in singular]]
    found += [[(s**2).sum() / s[0] ** 2 for s in singular]]
    found += [[np.linalg.norm(w.sum(axis=axis)) for w in ws] for axis in (1, 0)]
    return dict(zip(OF_ENDS, found, strict=True))


def _angle(a, b):
    """Kahan's formula: it needs no inner product."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return 2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b))


def _of_steps(taken):
    """What is measured of each step on request only; `taken` lists (before, after, gradient) of each layer."""
    found = {name: [] for name in OF_STEPS}
    for layer in taken:
        found["rotation"].append(np.sqrt(np.mean([_angle(w, after) ** 2 for w, after, _ in layer])))
        sizes = [((after - w) ** 2).sum() / (w**2).sum() for w, after, _ in layer]
        found["relative_update"].append(np.sqrt(np.mean(sizes)))
        cosines = [(w * g).sum() / np.linalg.norm(w) / np.linalg.norm(g) for w, _, g in layer]
        found["alignment"].append(np.mean(cosines))
        gradients = np.array([g for *_, g in layer])
        mean = gradients.mean(axis=0)
        found["gradient_signal2"].append((mean**2).sum())
        found["gradient_noise2"].append(np.mean([((g - mean) ** 2).sum() for g in gradients]))
        found["gradient_snr"].append(found["gradient_signal2"][-1] / found["gradient_noise2"][-1])
    return found


def _run(setup, data, eta, lmbda, params, orders) -> dict[str, np.ndarray]:
    """Train by the book: w <- (1 - eta lmbda/n) w - (eta/m) sum of gradients, b <- b - (eta/m) sum of gradients.

    eta and lmbda may be arrays [epoch, step].
    """
    params = [{name: leaf.copy() for name, leaf in layer.items()} for layer in params]
    layers, per_epoch = range(len(params)), -(-data.n // setup.batch_size)
    etas, lmbdas = (np.broadcast_to(rate, (len(orders), per_epoch)) for rate in (eta, lmbda))
    names = ("budget_decay", "budget_drift", "budget_noise", "budget_drift_traffic")
    names += ("moved_by_decay", "moved_by_gradient", *OF_STEPS)
    first_record = _measure(setup, params, data, lmbdas[0, 0]) | _of_ends(params, etas[0, 0])
    records = [first_record | {name: [np.nan] * len(params) for name in names}]
    for epoch, order in enumerate(orders):
        sums = {name: [0.0] * len(params) for name in names[:4]}
        moved = [[np.zeros_like(layer["w"]) for layer in params] for _ in range(2)]
        taken = [[] for _ in params]
        for step, first in enumerate(range(0, data.n, setup.batch_size)):
            eta, lmbda = etas[epoch, step], lmbdas[epoch, step]
            q = 1 - eta * lmbda / data.n
            batch = order[first : first + setup.batch_size]
            total = [{name: np.zeros_like(leaf) for name, leaf in layer.items()} for layer in params]
            for i in batch:
                x, y = data.train.inputs[i].astype(np.float64), data.train.targets[i].astype(np.float64)
                for into, part in zip(total, _example_gradient(setup, params, x, y), strict=True):
                    for name in into:
                        into[name] += data.train.loss_weights[i] * part[name]
            for l in layers:  # noqa: E741
                w, u = params[l]["w"], eta / len(batch) * total[l]["w"]
                sums["budget_decay"][l] += (q * q - 1) * (w * w).sum()
                drift = -2 * q * (w * u).sum()
                sums["budget_drift"][l] += drift
                sums["budget_drift_traffic"][l] += abs(drift)
                sums["budget_noise"][l] += (u * u).sum()
                moved[0][l] += (q - 1) * w
                moved[1][l] -= u
                params[l]["w"] = q * w - u
                taken[l].append((w, params[l]["w"], total[l]["w"] / len(batch)))
                params[l]["b"] = params[l]["b"] - eta / len(batch) * total[l]["b"]
        sums["moved_by_decay"], sums["moved_by_gradient"] = ([np.sqrt((a * a).sum()) for a in part] for part in moved)
        sums |= _of_steps(taken)
        records.append(_measure(setup, params, data, lmbda) | _of_ends(params, eta) | sums)
    found = {name: np.array([record[name] for record in records]) for name in records[0]}
    for l, layer in enumerate(params, start=1):  # noqa: E741
        found |= {f"weights_{l}": layer["w"], f"biases_{l}": layer["b"]}
    return found
