"""Symmetry: the laws against plain loops, the verdicts on made-up measurements, and a tiny network."""

import dataclasses

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from experiments.laboratory.symmetry import EXPERIMENT, laws, simulation
from experiments.laboratory.symmetry.analysis import DEAD, SUMS
from experiments.laboratory.symmetry.settings import DESCENT, MOMENTUM, NAME, RESCALING, REST, RUNS, Settings
from wd_jax.figures import style

PRESET = Settings("digits", epochs=2, rest_epochs=8, burn_in=2, rest_seeds=16)
N, STEPS = 1200, 120


def protected() -> xr.Dataset:
    """Make up what the law leaves of class sums and dead inputs; AdamW's class sums grow instead."""
    eta = [PRESET.eta * faster for _, _, faster, _ in RUNS.values()]
    decay = [PRESET.epsilon * one for _, _, _, one in RUNS.values()]
    lmbda = np.array(decay) * N / np.array(eta)
    coords = {"run": list(RUNS), "epoch": [0.0, 1.0, 2.0], "seed": [0, 1], "n": N}
    coords |= {"eta": ("run", eta), "lmbda": ("run", lmbda), "step": ("epoch", [0, STEPS, 2 * STEPS])}
    runs = xr.Dataset(coords=coords)
    left = xr.concat([laws.left(runs, name) for name in RUNS], "run").assign_coords(run=list(RUNS))
    start = xr.DataArray([1.5, 2.0], {"seed": [0, 1]}, "seed")
    rounding = 1 + 1e-15 * (runs.epoch > 0)
    runs[DEAD] = (left * start * rounding).transpose("run", "seed", "epoch")
    runs[SUMS] = runs[DEAD].where(runs.run != "AdamW", runs[DEAD].isel(epoch=0) * (1 + runs.epoch))
    runs["diverged_at"] = (("run", "seed"), np.full((len(RUNS), 2), -1))
    return runs


def rescaled() -> xr.Dataset:
    """Make up squared norms that take steps with the same <W, g> in all layers."""
    generator = np.random.default_rng(2)
    shape, q = (2, 2, 3, 1 + 2 * STEPS), 1 - PRESET.epsilon
    noise = PRESET.eta**2 * generator.exponential(1.0, shape)
    drift = np.broadcast_to(generator.normal(size=(2, 2, 1, shape[-1])) * 0.01, shape)
    norm2 = np.empty(shape)
    norm2[..., 0] = [60.0, 45.0, 20.0]
    for k in range(1, shape[-1]):
        norm2[..., k] = q**2 * norm2[..., k - 1] + drift[..., k] + noise[..., k]
    dims = ("dtype", "seed", "layer", "step")
    coords = {"dtype": ["float64", "float32"], "seed": [0, 1], "layer": [1, 2, 3], "step": np.arange(shape[-1])}
    coords |= {"eta": PRESET.eta, "lmbda": PRESET.epsilon * N / PRESET.eta, "n": N}
    return xr.Dataset({"weight_norm2": (dims, norm2), "drift": (dims, drift), "noise": (dims, noise)}, coords)


def rested() -> xr.Dataset:
    """Make up imbalances that have settled, the output layer's norm being the smaller."""
    generator = np.random.default_rng(3)
    coords = {"seed": np.arange(16), "epoch": np.arange(9.0), "eta": PRESET.eta, "n": N}
    coords["lmbda"] = PRESET.epsilon * N / PRESET.eta
    gap = xr.DataArray(-0.2 * np.exp(0.01 * generator.normal(size=(16, 9))), dims=("seed", "epoch"))
    runs = xr.Dataset({"gradient_gap": gap}, coords)
    noise = np.exp(0.01 * generator.normal(size=16))
    settled = laws.limit(runs, runs.gradient_gap.mean("epoch")) * xr.DataArray(noise, dims="seed")
    diverged = xr.DataArray(np.full(16, -1), dims="seed")
    return runs.assign(imbalance=settled.broadcast_like(runs.gradient_gap), diverged_at=diverged)


def descended() -> xr.Dataset:
    """Make up layers that meet."""
    step = np.arange(0, 1501, 50)
    coords = {"seed": [0, 1], "layer": [1, 2, 3], "step": step, "eta": 0.2, "lmbda": 0.002 * N / 0.2, "n": N}
    gap = np.array([10.0, 0.0, -10.0])[:, None] * 0.998 ** (2 * step)
    norm2 = np.stack([25 + gap, 26 + gap])
    return xr.Dataset({"weight_norm2": (("seed", "layer", "step"), norm2)}, coords)


@pytest.fixture(scope="module")
def made_up():
    return {NAME: protected(), RESCALING: rescaled(), REST: rested(), DESCENT: descended()}


def words(stored) -> dict[str, str]:
    return {
        f"{one.kind}: {one.statement}, {one.scope[:10]}": one.verdict
        for one in EXPERIMENT.analyse(PRESET, None, stored).verdicts
    }


@pytest.mark.numeric
def test_what_follows_the_laws_holds_and_adamw_and_gradient_flow_fail(made_up):
    found = words(made_up)
    assert len(found) == 2 * len(RUNS) + 4 + 1 + 2
    assert {word for name, word in found.items() if not name.startswith("rival")} == {"holds"}
    rivals = [word for name, word in found.items() if name.startswith("rival")]
    assert rivals == ["fails", "fails", "holds"]


def changed(made_up, name, variable, change):
    """Change one variable of one measurement."""
    return made_up | {name: made_up[name].assign({variable: change(made_up[name][variable])})}


CHANGES = {
    # what is changed, how, a word of the verdicts that fail then, and how many do: float32 does not see a ten-millionth
    "class sums": (NAME, SUMS, lambda one: one * 1.0000001**one.epoch, "class sums", 4),
    "one weight": (NAME, DEAD, lambda one: one.where(one.epoch < 2, one * 1.001), "dead inputs", len(RUNS)),
    "noise": (RESCALING, "noise", lambda one: one.where(one.layer != 2, 1.5 * one), "η² times", 2),
    "drift": (RESCALING, "drift", lambda one: one.where(one.layer != 2, 1.01 * one), "<W, g>", 1),
    "gap": (REST, "gradient_gap", lambda one: one.where(one.seed > 7, 1.2 * one), "other seeds", 1),
    "apart": (DESCENT, "weight_norm2", lambda one: one + 0.3 * (one.layer == 1), "same squared norm", 1),
}


@pytest.mark.numeric
@pytest.mark.parametrize("name", CHANGES)
def test_each_verdict_can_fail(made_up, name):
    measurement, variable, change, mark, count = CHANGES[name]
    before, after = words(made_up), words(changed(made_up, measurement, variable, change))
    broken = [one for one in before if (before[one], after[one]) == ("holds", "fails") and one[:5] != "rival"]
    assert all(mark in one for one in broken)
    assert len(broken) == count


@pytest.mark.numeric
def test_layers_that_still_move_decide_nothing(made_up):
    moving = changed(made_up, DESCENT, "weight_norm2", lambda one: one.where(one.step < 1500, 1.02 * one))
    verdict = EXPERIMENT.analyse(PRESET, None, moving).verdicts[-2]
    assert verdict.verdict == "undecided"
    assert "changed by up to 2.0% between the last two records" in verdict.why


@pytest.mark.numeric
def test_a_diverged_run_decides_nothing_and_is_said(made_up):
    runs = made_up[NAME]
    gone = (runs.run == "SGD") & (runs.seed == 1)
    lost = runs.assign(
        {SUMS: runs[SUMS].where(~gone | (runs.epoch == 0)), "diverged_at": runs.diverged_at.where(~gone, 1)}
    )
    verdict = EXPERIMENT.analyse(PRESET, None, made_up | {NAME: lost}).verdicts[0]
    assert (verdict.verdict, verdict.why[:20]) == ("undecided", "1 of 2 runs diverged")


@pytest.mark.numeric
def test_what_heavy_ball_leaves_against_a_loop(made_up):
    runs = made_up[NAME]
    w, v, path, epsilon = 1.0, 0.0, [1.0], 0.1 * PRESET.epsilon
    for _ in range(2 * STEPS):
        v = MOMENTUM * v + epsilon * w
        w -= v
        path.append(w)
    np.testing.assert_allclose(laws.left(runs, "heavy ball"), [path[k] for k in (0, STEPS, 2 * STEPS)], rtol=1e-12)


@pytest.mark.numeric
def test_a_matrix_without_class_sums_has_none_after_newton_schulz():
    """Muon's update is an odd polynomial of the matrix, X p(X'X): what X takes to 0, so does the update."""
    import jax
    import jax.numpy as jnp

    from wd_jax.optimisers import newton_schulz

    x = np.random.default_rng(4).normal(size=(8, 5))
    x -= x.mean(axis=1, keepdims=True)
    with jax.enable_x64(True):
        found = np.asarray(newton_schulz.orthogonal(jnp.asarray(x / np.linalg.norm(x))))
    assert abs(found).max() > 0.1
    assert abs(found.sum(axis=1)).max() < 1e-12
    assert abs(np.sign(x).sum(axis=1)).max() >= 1  # what is done weight by weight does not keep them


@pytest.mark.numeric
def test_a_tiny_network_obeys_the_laws_and_is_drawn_in_both_widths(made_up):
    tiny = dataclasses.replace(PRESET, hidden=4, second=3, batch_size=100, epochs=2, seeds=1)
    data = wd.data.digits()
    runs = simulation.rescaling(tiny, data)
    assert runs.weight_norm2.dims == ("dtype", "seed", "layer", "step")
    assert runs.sizes["step"] == 2 * 12 + 1
    stored = made_up | {RESCALING: runs}
    outcome = EXPERIMENT.analyse(tiny, data, stored)
    exact = [one for one in outcome.verdicts if one.kind == "identity"]
    assert [one.verdict for one in exact] == ["holds"] * 3
    for width in style.WIDTHS:
        with style.style(width):
            assert len(outcome.draw().axes) == 4


@pytest.mark.numeric
def test_it_does_not_train_on_nothing():
    with pytest.raises(ValueError, match="give a data set"):
        EXPERIMENT.measurements[NAME](PRESET, None)
