"""Laws held against the laboratory at 1 %: nothing is fitted, and every number that a law asks for is in the result.

Eight seeds. A record of T steps has about N T eps independent squares of N weights at a decay of eps per step; its rms
is then known to 1/sqrt(2 N T eps), and the mean over seeds to about a third of that: 0.1 to 0.3 % below. The tolerance
is some five times as wide, so that the seeds, which are fixed, could be any.
"""

import warnings

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd

pytestmark = pytest.mark.statistical
SIZE = wd.Probes(budget=False, moved=False, splits=())
TURNS = wd.Probes(budget=False, moved=False, splits=(), rotation=True)
NOISE = {"gradients": "independent", "shape": 1000, "seeds": 8, "lmbda": 1.0, "probes": SIZE}


def last(runs: xr.Dataset, name: str = "weight_rms_mean") -> xr.DataArray:
    return runs[name].isel(epoch=-1)


def word(runs: xr.Dataset, law: str, formula: str, measured: xr.DataArray, within: float = 0.01, **given) -> str:
    """Hold a measurement against a law, whose conditions must be met."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        theory = wd.theory.evaluate(law, formula, runs, **given)
    return wd.compare(measured, theory, within=within).verdict


def test_the_floor_of_sgd() -> None:
    settings = NOISE | {"lmbda": 20.0, "n": 20, "batch_size": 5}
    runs = wd.lab("sgd", steps=1800, burn_in=300, eta=[0.02, 0.05], gradient_std=2.0, init_scale=0.0, **settings)
    assert word(runs, "stationary_variance", "noise_floor", last(runs)) == "holds"
    assert word(runs, "tail_off", "noise_floor_rms", last(runs), within=0.03) == "holds"  # for a small decay
    wrong = wd.theory.evaluate("stationary_variance", "noise_floor", runs) * 1.03
    assert wd.compare(last(runs), wrong, within=0.01).verdict == "fails"  # it could have


def test_the_floor_and_the_turns_of_lion() -> None:
    settings = NOISE | {"probes": TURNS}
    runs = wd.lab("lion", steps=2000, burn_in=400, eta=0.01, beta2=[0.99, 0.98], init_scale=0.2, **settings)
    assert word(runs, "lion", "weight_rms", last(runs)) == "holds"
    assert word(runs, "lion", "rotation", last(runs, "rotation")) == "holds"
    assert word(runs, "lion", "weight_rms_mean_field", last(runs)) == "fails"  # the law says by how much


def test_reshuffled_examples_at_the_ends_of_epochs() -> None:
    # Weights share an order, so that a variance scatters by about 1/sqrt(n) whatever their number; 60 epochs, 8 seeds.
    settings = {"n": 200, "batch_size": 5, "shape": 500, "seeds": 8, "init_scale": 0.0, "probes": SIZE}
    runs = wd.lab("sgd", "shuffled", steps=40 * 68, burn_in=40 * 8, records=60, eta=0.1, lmbda=[15.0, 50.0], **settings)
    ends = (runs.weight_rms**2).isel(epoch=slice(2, None)).mean("epoch")  # after the burn-in
    assert word(runs, "shuffling", "variance_at_epoch_end", ends, within=0.03) == "holds"
    independent = runs.batch_noise * runs.eta**2 / (1 - runs.per_step_factor**2)
    assert wd.compare(ends, independent, within=0.03).verdict == "fails"


def test_scale_invariant_weights_are_where_the_law_says_whatever_is_drawn() -> None:
    settings = {"seeds": 3, "shape": 12, "dtype": "float64", "gradient_scale": 0.7, "probes": TURNS}
    runs = wd.lab("sgd", "scale_invariant", steps=1500, burn_in=1490, eta=0.2, lmbda=[0.05, 0.1], **settings)
    assert word(runs, "scale_invariant", "weight_norm2", last(runs, "weight_norm2"), within=1e-10) == "holds"
    assert word(runs, "scale_invariant", "angle", last(runs, "rotation"), within=1e-10) == "holds"


def test_decay_alone() -> None:
    runs = wd.lab("sign_momentum", "none", steps=40, records=4, shape=50, seeds=2, eta=0.01, lmbda=[1.0, 2.0], n=2)
    assert word(runs, "epoch_decay", "weight_rms", runs.weight_rms, within=1e-5) == "holds"


@pytest.mark.slow
def test_adamw_from_fresh_averages_is_ahead_of_its_law_at_first() -> None:
    # The law takes the second moment as known. Adam makes it of few gradients at first: its steps are then larger.
    settings = NOISE | {"shape": 8000}
    runs = wd.lab("adamw", steps=120, records=4, eta=0.01, beta1=0.5, beta2=0.9999, init_scale=1e-3, **settings)
    law = wd.theory.evaluate("adamw", "weight_ms_after", runs)
    ratio = (runs.weight_norm2 / runs.n_w / law).mean("seed").squeeze("layer").isel(epoch=slice(1, None))
    assert ratio.epoch.values.tolist() == [30, 60, 90, 120]
    # 64 000 weights: the mean square is known to 0.6 %.
    assert 1.03 < float(ratio[0]) < 1.08
    assert abs(float(ratio[-1]) - 1) < 0.025


@pytest.mark.slow
@pytest.mark.parametrize("beta1", [0.9, 0.5])
def test_the_floor_and_the_turns_of_adamw(beta1: float) -> None:
    settings = NOISE | {"probes": TURNS}
    runs = wd.lab("adamw", steps=3000, burn_in=800, eta=0.01, beta1=beta1, beta2=0.9995, init_scale=0.07, **settings)
    assert word(runs, "adamw", "weight_rms", last(runs)) == "holds"
    assert word(runs, "adamw", "rotation", last(runs, "rotation")) == "holds"


@pytest.mark.slow
def test_the_floor_of_sign_momentum() -> None:
    runs = wd.lab("sign_momentum", steps=2500, burn_in=500, eta=0.01, beta1=[0.9, 0.5], init_scale=0.2, **NOISE)
    assert word(runs, "sign_momentum", "weight_rms", last(runs)) == "holds"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "formula"),
    [
        ("momentum", "weight_variance"),
        ("nesterov", "nesterov_weight_variance"),
        ("sgdw", "sgdw_weight_variance"),
    ],
)
def test_the_floors_of_momentum(rule: str, formula: str) -> None:
    runs = wd.lab(rule, steps=2500, burn_in=500, eta=0.02, momentum=[0.5, 0.9], init_scale=0.0, **NOISE)
    assert word(runs, "momentum", formula, last(runs) ** 2, within=0.02) == "holds"


@pytest.mark.slow
def test_the_floor_of_adam_with_l2() -> None:
    runs = wd.lab("adam_l2", steps=4000, burn_in=1500, eta=0.01, beta2=0.9995, init_scale=0.1, **NOISE)
    assert word(runs, "adam_l2", "weight_rms", last(runs)) == "holds"


@pytest.mark.slow
def test_scale_invariant_weights_with_momentum() -> None:
    settings = {"shape": 1000, "seeds": 8, "init_scale": 0.05, "probes": SIZE}
    runs = wd.lab(
        "momentum", "scale_invariant", steps=3000, burn_in=1500, eta=0.2, lmbda=0.075, momentum=[0.5, 0.9], **settings
    )
    assert word(runs, "scale_invariant", "weight_norm2_momentum", last(runs, "weight_norm2_mean")) == "holds"


@pytest.mark.slow
def test_where_a_mean_gradient_pulls() -> None:
    # All weights have one mean, -n mean_gradient / lmbda, and scatter little about it.
    settings = {"shape": 1000, "seeds": 8, "gradient_std": 0.01, "mean_gradient": [0.1, 0.3], "probes": SIZE}
    runs = wd.lab("sgd", "signal_plus_noise", steps=1500, burn_in=1000, eta=0.05, lmbda=[0.5, 1.0], **settings)
    with pytest.raises(ValueError, match=r"gradients='signal_plus_noise': tail_off.noise_floor_rms is for independent"):
        wd.theory.evaluate("tail_off", "noise_floor_rms", runs, batch_gradient_rms=0.01)
    mean = abs(wd.theory.evaluate("stationary_variance", "stationary_mean", runs))
    assert wd.compare(last(runs), mean, within=0.01).verdict == "holds"


@pytest.mark.slow
def test_muon_lies_between_its_bounds() -> None:
    # The size of an update is measured: five steps of Newton and Schulz leave singular values of 0.7 to 1.2.
    probes = wd.Probes(moved=False, splits=())
    runs = wd.lab(
        "muon", "independent", shape=(24, 24), seeds=2, steps=2000, burn_in=300, eta=0.02, lmbda=1.0, probes=probes
    )
    update = np.sqrt(last(runs, "budget_noise") / (1700 * runs.eta**2)).mean("seed").item()
    draws = np.random.default_rng(2).normal(size=(400, 24, 24))
    share = float(np.linalg.svd(draws, compute_uv=False).sum(1).mean() ** 2 / 24**3)
    low, high = (
        wd.theory.evaluate("muon", f"weight_norm_nesterov_{end}", runs, update_norm=update, linear_share=share).item()
        for end in ("lower", "upper")
    )
    found = np.sqrt(last(runs, "weight_norm2_mean")).mean("seed").item()
    assert 0.99 * low < found < 1.01 * high
