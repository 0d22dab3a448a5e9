"""Decay with momentum: the runs against plain loops, what is read off them against made-up modes, and the verdicts."""

import numpy as np
import pytest
import scipy.linalg
import xarray as xr

from experiments.laboratory.momentum import EXPERIMENT, laws, measured
from experiments.laboratory.momentum.settings import NAME, RULES, STEPWISE, Settings
from wd_jax.figures import style

TINY = Settings("none", momentum=(0.6,), share=(0.05, 0.3, 0.8, 1.2, 2.0, 3.0), memories=1.5, epochs=60, steps=12)


@pytest.fixture(scope="module")
def stored():
    return {name: measure(TINY, None) for name, measure in EXPERIMENT.measurements.items()}


def loop(rule: str, epsilon: float, momentum: float, steps: int) -> np.ndarray:
    """Give the weight after each step over its start, with a learning rate of 1."""
    w, v, path = 1.0, 0.0, [1.0]
    for _ in range(steps):
        v = momentum * v + (0.0 if rule == "sgdw" else epsilon * w)
        taken = {"momentum": v, "nesterov": epsilon * w + momentum * v, "sgdw": epsilon * w + v}[rule]
        w = w - taken
        path.append(w)
    return np.array(path)


@pytest.mark.numeric
@pytest.mark.parametrize("rule", RULES)
def test_runs_and_laws_against_a_plain_loop(stored, rule):
    for name, most in ((STEPWISE, 1e-13), (NAME, 1e-10)):
        runs = stored[name]
        law = laws.path(runs, rule)
        for mu in TINY.momentum:
            steps = runs.steps.sel(momentum=mu).values
            for share in TINY.share:
                at = {"momentum": mu, "share": share}
                path = loop(rule, float(runs.epsilon.sel(rule=rule, **at)), mu, steps[-1])[steps]
                size = np.maximum(abs(path), laws.envelope(runs, rule).sel(at).item() ** steps if share > 1 else 0)
                weight = runs.weight.sel(rule=rule, **at).transpose("seed", "record").values
                assert (abs(weight / weight[:, :1] - path) / size).max() < most
                assert (abs(law.sel(at).values - path) / size).max() < most


@pytest.mark.numeric
def test_seeds_start_from_weights_of_their_own(stored):
    start = stored[NAME].weight.isel(record=0, rule=0, momentum=0, share=0)
    assert start[0] != start[1]


def modes(fours: list[tuple[complex, complex]]) -> xr.Dataset:
    """Make up weights that are two modes, an epoch being one step, for a rule with one momentum and one seed."""
    k = np.arange(9)
    weight = np.array([np.real(0.3 * r**k + 0.7 * s**k) if np.isreal(r) else np.real(r**k) for r, s in fours])
    share = [0.5, 2.0, 3.0, 4.0][: len(fours)]
    return xr.Dataset(
        {"weight": (("rule", "momentum", "share", "seed", "record"), weight[None, None, :, None])},
        {"rule": ["momentum"], "momentum": [0.5], "share": share, "seed": [0], "record": k, "n": ("momentum", [1])},
    )


@pytest.mark.numeric
def test_roots_are_read_off_made_up_modes():
    pair = 0.7 * np.exp(0.4j)
    runs = modes([(0.9, 1e-6), (pair, pair.conjugate())])
    assert measured.last_factor(runs, "momentum").item() == pytest.approx(0.9, rel=1e-12)
    total, product = measured.recurrence(runs, "momentum")
    assert (total.item(), product.item()) == pytest.approx((1.4 * np.cos(0.4), 0.49), rel=1e-12)
    assert measured.modulus(runs, "momentum").item() == pytest.approx(0.7, rel=1e-12)
    assert measured.squared_gap(runs, "momentum").item() == pytest.approx(-4 * 0.49 * np.sin(0.4) ** 2, rel=1e-11)


@pytest.mark.numeric
def test_roots_meet_where_the_parabola_through_the_gaps_comes_to_0():
    def gap(x):
        return (x - 0.2) * (x - 3)

    x = np.array([0.25, 0.4, 0.8])
    assert measured._root_near(x, gap(x)) == pytest.approx(0.2, rel=1e-12)
    assert np.isnan(measured._root_near(x, np.array([np.nan, 1, 2])))
    assert np.isnan(measured._root_near(x, 1 + (x - 0.5) ** 2))


@pytest.mark.numeric
@pytest.mark.parametrize("epsilon", [0.01, 0.3])
def test_oscillator_against_a_matrix_exponential(epsilon):
    mu, eta, steps = 0.6, 0.1, np.array([0.0, 3.0, 20.0])
    damping, stiffness = (1 - mu) / (eta * (1 + mu)), 2 * epsilon / eta / (eta * (1 + mu))
    flow = np.array([[0, 1], [-stiffness, -2 * damping]])
    exact = [scipy.linalg.expm(flow * eta * k)[0, 0] for k in steps]
    numbers = [xr.DataArray(one) for one in (epsilon, mu)]
    found = laws.oscillator_path(*numbers, xr.DataArray(steps, dims="record"))
    np.testing.assert_allclose(found.values, exact, atol=1e-13)
    slow = max(np.linalg.eigvals(flow * eta).real)
    assert laws.oscillator_rate(*numbers).item() == pytest.approx(-slow, rel=1e-12)


@pytest.mark.numeric
def test_kunins_numbers_of_the_design_notes():
    numbers = xr.DataArray(0.1 * 5e-4), xr.DataArray(0.9)
    assert -laws.oscillator_rate(*numbers).item() == pytest.approx(-5.0239783e-4, rel=1e-8)


@pytest.mark.numeric
def test_a_tiny_run_gives_its_verdicts_and_a_figure_in_both_widths(stored):
    outcome = EXPERIMENT.analyse(TINY, None, stored)
    assert [one.kind for one in outcome.verdicts] == ["prediction"] * 11 + ["rival"] * 6
    assert [one.verdict for one in outcome.verdicts[:11]] == ["holds"] * 11
    assert [one.verdict for one in outcome.verdicts[11:15]] == ["fails"] * 4
    for width in style.WIDTHS:
        with style.style(width):
            assert len(outcome.draw().axes) == 4


@pytest.mark.numeric
@pytest.mark.parametrize(
    ("rule", "above", "failing"),
    [
        ("momentum", False, {"heavy ball, below: path", "heavy ball: factor"}),
        ("momentum", True, {"heavy ball, beyond: path", "heavy ball: modulus", "heavy ball: meeting"}),
        ("nesterov", False, {"Nesterov, below: path", "Nesterov: factor"}),
        ("nesterov", True, {"Nesterov, beyond: path", "Nesterov: modulus", "Nesterov: meeting"}),
        ("sgdw", False, {"SGDW: path"}),
    ],
)
def test_each_verdict_can_fail(stored, rule, above, failing):
    names = [f"{who}, {where}: path" for who in ("heavy ball", "Nesterov") for where in ("below", "beyond")]
    names += ["SGDW: path", "heavy ball: factor", "Nesterov: factor", "heavy ball: modulus", "Nesterov: modulus"]
    names += ["heavy ball: meeting", "Nesterov: meeting"]
    runs = stored[NAME]
    there = (runs.rule == rule) & ((runs.share > 1) == above)
    slower = runs.weight * 1.0001 ** (runs.record * runs.share)
    changed = stored | {NAME: runs.assign(weight=runs.weight.where(~there, slower))}
    found = EXPERIMENT.analyse(TINY, None, changed).verdicts[: len(names)]
    assert {name for name, one in zip(names, found, strict=True) if one.verdict == "fails"} == failing


@pytest.mark.numeric
def test_a_missing_weight_decides_nothing(stored):
    runs = stored[NAME]
    gone = runs.weight.where((runs.rule != "sgdw") | (runs.record != 3))
    verdict = EXPERIMENT.analyse(TINY, None, stored | {NAME: runs.assign(weight=gone)}).verdicts[4]
    assert (verdict.statement[:4], verdict.verdict) == ("SGDW", "undecided")
