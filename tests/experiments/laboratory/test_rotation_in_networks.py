"""Layers of networks: the simulation against a plain loop, the signal against made-up gradients, words that change."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import derivations
import wd_jax as wd
from experiments.laboratory.rotation_in_networks import EXPERIMENT, analysis, laws, simulation
from experiments.laboratory.rotation_in_networks.preset import PRESETS, RULES, Settings, epsilon
from wd_jax.models import mlp

pytestmark = pytest.mark.numeric
TINY = Settings("digits", seeds=3, memory=5, settling=1, first=2, second=2, batch=4, draws=20)
INPUTS = np.random.default_rng(0).normal(size=(30, 6)).astype(np.float32)
TARGETS = np.eye(3, dtype=np.float32)[np.random.default_rng(1).integers(3, size=30)]


def linear() -> simulation.Network:
    """A softmax regression: one layer, and biases that do not decay."""

    def start(key):
        return {"b": jnp.zeros(3), "w": jax.random.normal(key, (6, 3), jnp.float32)}

    return simulation.Network("perceptron", start, lambda params, x: x @ params["w"] + params["b"], INPUTS, TARGETS)


def plain_loop(rule: str, seed: int, preset: Settings) -> dict[str, np.ndarray]:
    """Train it by a loop in NumPy, and measure it by other formulas: [record] of each."""
    numbers, share = RULES[rule], epsilon(rule, preset.memory)
    eta, decay = numbers["eta"], share / numbers["eta"]
    w = np.asarray(jax.random.normal(jax.random.key(jnp.uint32(seed)), (6, 3), jnp.float32), np.float64)
    b, total = np.zeros(3), preset.settling + preset.records
    chosen = np.random.default_rng(seed).integers(30, size=(total, preset.memory, preset.batch))
    x, y = INPUTS.astype(np.float64), TARGETS.astype(np.float64)
    averages = [[np.zeros_like(w), np.zeros_like(b)] for _ in range(2)]
    found, step, last = [], 0, np.zeros_like(w)
    for record in chosen:
        seen, gradients = [], []
        for rows in record:
            step += 1
            logits = x[rows] @ w + b
            odds = np.exp(logits - logits.max(1, keepdims=True))
            delta = (odds / odds.sum(1, keepdims=True) - y[rows]) / len(rows)
            taken = []
            for i, (value, g) in enumerate(((w, x[rows].T @ delta), (b, delta.sum(0)))):
                if rule == "momentum":
                    averages[0][i] = numbers["momentum"] * averages[0][i] + g + (decay * value if i == 0 else 0)
                    taken.append(eta * averages[0][i])
                elif rule == "adamw":
                    for j, (beta, power) in enumerate(((numbers["beta1"], g), (numbers["beta2"], g**2))):
                        averages[j][i] = beta * averages[j][i] + (1 - beta) * power
                    mean = averages[0][i] / (1 - numbers["beta1"] ** step)
                    root = np.sqrt(averages[1][i] / (1 - numbers["beta2"] ** step)) + 1e-8
                    taken.append(eta * mean / root + (share * value if i == 0 else 0))
                else:
                    mixed = numbers["beta1"] * averages[0][i] + (1 - numbers["beta1"]) * g
                    averages[0][i] = numbers["beta2"] * averages[0][i] + (1 - numbers["beta2"]) * g
                    taken.append(eta * np.sign(mixed) + (share * value if i == 0 else 0))
            after, g = w - taken[0], x[rows].T @ delta
            cosine = np.sum(w * after) / np.linalg.norm(w) / np.linalg.norm(after)
            brought = taken[0] - share * w  # the rest of the step is decay
            dots = np.sum(w * g), np.sum(w * brought), np.sum(w * last)
            seen.append((np.sum(w * w), np.arccos(cosine) ** 2, np.sum(g * g), *dots))
            last = brought
            gradients.append(g)
            w, b = after, b - taken[1]
        found.append((*np.mean(seen, axis=0), np.sum(np.mean(gradients, axis=0) ** 2)))
    dots = ("weight_dot_gradient", "weight_dot_update", "weight_dot_last_update")
    names = ("norm2", "angle2", "gradient2", *dots, "signal2")
    return dict(zip(names, np.array(found[preset.settling :]).T, strict=True))


def test_three_rules_are_a_plain_loop() -> None:
    with jax.enable_x64(True):
        measured, live, cost = (np.asarray(one) for one in simulation.trained(TINY, linear(), "float64"))
    assert measured.shape == (TINY.records, len(simulation.MEASURED), len(RULES), 1, TINY.seeds)
    assert (live == 18).all() and cost.shape == (TINY.records, len(RULES), TINY.seeds)
    for rule in ("momentum", "adamw", "lion"):
        for seed in range(TINY.seeds):
            for name, values in plain_loop(rule, seed, TINY).items():
                place = simulation.MEASURED.index(name), list(RULES).index(rule), 0, seed
                assert np.allclose(measured[:, *place], values, rtol=1e-7 if name == "angle2" else 1e-10), (rule, name)


def test_hidden_layers_of_the_perceptron_are_scale_invariant_and_no_other() -> None:
    net, *_ = simulation.networks(dataclasses.replace(TINY, hidden=5), wd.data.digits())
    params = net.start(jax.random.key(3))
    x = jnp.asarray(net.inputs[:7])
    for i, (name, shape) in enumerate(net.shapes.items()):
        longer = tuple({**layer, "w": layer["w"] * (3 if i == j else 1)} for j, layer in enumerate(params))
        same = np.allclose(net.apply(params, x), net.apply(longer, x), rtol=2e-3, atol=1e-3)
        assert same == (name in net.invariant), name
        assert len(shape) == 2
    assert mlp.initialise(wd.mlp((4, 3, 2)), jax.random.key(0), "fan_in")[0]["w"].shape == (4, 3)


def test_the_signal_is_what_was_put_in() -> None:
    # Noise of 500 weights and a mean of a tenth of it: rho = 0.01, and 2 rho T = 0.8 with T = 40.
    draw, memory, dim = np.random.default_rng(5), 40, 500
    for mean, expected in ((0.0, 0.0), (0.1, 0.8)):
        g = mean + draw.normal(size=(6, 10, memory, dim))
        squares = xr.DataArray((g**2).sum(-1).mean(-1), dims=("seed", "record"))
        means = xr.DataArray((g.mean(2) ** 2).sum(-1), dims=("seed", "record"))
        assert float(laws.signal_to_noise(means, squares, memory)) == pytest.approx(expected, abs=0.03)
    law = derivations.derive("radial_gradient").formulas["noise_share"]
    proved = law(eta=1e-4, lmbda=1.0, n=1, signal_to_noise=3e-5) ** 0.5
    assert float(laws.slowed(xr.DataArray(2 * 3e-5 / 1e-4))) == pytest.approx(proved, rel=1e-4)


def test_muons_linear_share_is_the_derivations() -> None:
    assert simulation._linear_share((24, 24), 200) == pytest.approx(0.724, abs=0.005)
    assert simulation._linear_share((16, 64), 200) == pytest.approx(0.939, abs=0.005)


def made_up(change: float = 1.0, signal: float = 0.0, resists: float = 0.0) -> xr.Dataset:
    """Two layers of a perceptron that are as the laws say, but for a factor on what is measured."""
    preset = PRESETS["digits", "quick"]
    dims, sizes = ("rule", "place", "seed", "record"), (len(RULES), 2, preset.seeds, preset.records)
    scatter = 1 + 1e-3 * np.random.default_rng(2).normal(size=sizes)
    decay = np.array([laws.numbers(rule, preset.memory)["lmbda"] for rule in RULES])[:, None, None, None]
    etas = np.array([RULES[rule]["eta"] for rule in RULES])[:, None, None, None]
    runs = xr.Dataset(
        {name: (dims, scatter) for name in ("norm2", "angle2", "gradient2")},
        {
            "rule": list(RULES), "seed": np.arange(preset.seeds), "record": np.arange(preset.records),
            "network": ("place", ["perceptron"] * 2), "layer_name": ("place", ["0/w", "1/w"]),
            "n_w": ("place", [64, 64]), "invariant": ("place", [1, 0]), "rows": ("place", [8, 8]),
            "columns": ("place", [8, 8]), "matrix": ("place", [1, 1]), "linear_share": ("place", [0.7, 0.7]),
            "network_name": ["perceptron"],
        },
    )  # fmt: skip
    noise = 1 / preset.memory * (1 + signal / 2 * (1 - 1 / preset.memory))
    runs["signal2"] = runs.gradient2 * noise
    runs["live"] = runs.norm2.isel(record=0, drop=True) * 0 + 64
    runs["update2"] = (dims, np.broadcast_to(64 * etas**2, sizes))
    runs["cost"] = (("rule", "network_name", "seed", "record"), np.ones((len(RULES), 1, *sizes[2:])))
    first, _ = laws.stretches(preset, runs)
    angle, norm = (
        one.values.reshape(len(RULES), 2, 1, 1) for one in (laws.angles(preset, first), laws.norms(preset, first))
    )
    late = np.where(np.arange(preset.records) >= preset.first, change, 1.0)
    runs["norm2"] = runs.norm2 * norm**2 * late**2
    runs["angle2"] = runs.angle2 * angle**2 * late**2
    runs["weight_dot_gradient"] = -resists * decay * runs.norm2
    runs["weight_dot_update"] = runs["weight_dot_last_update"] = runs.weight_dot_gradient * etas
    return runs


def words(runs: xr.Dataset) -> dict[str, set[str]]:
    outcome = analysis.analyse(PRESETS["digits", "quick"], None, {analysis.NAME: runs})
    found: dict[str, set[str]] = {}
    for one in outcome.verdicts:
        found.setdefault(one.statement, set()).add(one.verdict)
    return found


def test_words_are_earned_and_can_be_lost() -> None:
    # Lion's and Muon's laws of noise are not those of an averaged direction: f = 0 is not what they have there.
    right = words(made_up())
    assert len(right) == 6 and "fails" in right.pop(analysis.STEPS) and set.union(*right.values()) == {"holds"}
    wrong = words(made_up(change=1.25))
    assert wrong.pop(analysis.STEPS) and len(wrong) == 5 and set.union(*wrong.values()) == {"fails"}
    loud = words(made_up(signal=1.0))
    assert sum("much signal" in statement for statement in loud) == 2
    assert not any("little signal" in statement for statement in loud)
    resisted = words(made_up(resists=0.6))
    for statement in analysis.RESISTED.values():
        assert resisted[statement] == {"fails"}  # the angle is as if nothing were resisted
    assert resisted[analysis.INVARIANT] == {"holds"}


def test_angles_with_a_share_are_the_derivations() -> None:
    preset, resists = PRESETS["digits", "quick"], 0.6
    first, _ = laws.stretches(preset, made_up(resists=resists))
    assert np.allclose(laws.along(preset, first), resists, rtol=1e-9)
    found = laws.angles_with(preset, first).values.reshape(len(RULES), 2)[:, 0]
    noise = laws.angles(preset, first).values.reshape(len(RULES), 2)[:, 0]
    for rule in ("momentum", "adamw"):
        k = list(RULES).index(rule)
        ratio = np.sin(found[k] / 2) ** 2 / np.sin(noise[k] / 2) ** 2
        assert ratio == pytest.approx(1 - resists, rel=1e-6)  # what is resisted turns nothing


def test_a_training_that_is_lost_is_counted_and_decides_nothing() -> None:
    runs = made_up()
    lost = (runs.seed == 3) & (runs.record >= 4)
    gone = runs.assign({name: runs[name].where(~lost) for name in ("norm2", "angle2", "cost")})
    outcome = analysis.analyse(PRESETS["digits", "quick"], None, {analysis.NAME: gone})
    assert "4 trainings came to numbers that are not finite" in outcome.answer
    assert PRESETS["digits", "quick"].seeds >= 8


def test_tables_and_figures(monkeypatch) -> None:
    from wd_jax.figures.style import style

    monkeypatch.setattr(simulation, "networks", lambda preset, data: (linear(),))
    data = wd.data.null()
    stored = {name: measure(TINY, data) for name, measure in EXPERIMENT.measurements.items()}
    outcome = EXPERIMENT.analyse(TINY, data, stored)
    assert [len(table.rows) for table in outcome.tables] == [4, 4, 4]
    assert {one.tolerance for one in outcome.verdicts} == {EXPERIMENT.tolerances(TINY)[0].value}
    for width in ("one", "two"):
        with style(width):
            assert len(outcome.draw().axes) == 4
    with pytest.raises(ValueError, match="no data"):
        EXPERIMENT.measurements[analysis.NAME](TINY, None)
