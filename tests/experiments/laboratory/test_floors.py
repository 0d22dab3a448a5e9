"""Floors: the plain Muon against NumPy, forms against independent solutions, and words that can change."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
import xarray as xr

import wd_jax as wd
from experiments.laboratory.floors import EXPERIMENT
from experiments.laboratory.floors import analysis as floors
from experiments.laboratory.floors.settings import NAME
from experiments.laboratory.floors.subjects import SUBJECTS, continuous, continuous_sgdw, with_penalty
from experiments.laboratory.plain_muon import _update, polar_share
from wd_jax.figures import style

pytestmark = pytest.mark.numeric
TINY = dataclasses.replace(
    EXPERIMENT.preset("none", "quick"),
    **{"seeds": 3, "weights": 6, "steps": 6, "burn_in": 2, "rms_steps": 6, "rms_burn_in": 2, "side": 4, "draws": 200},
    **{"muon_steps": 6, "muon_burn_in": 2},
)


@pytest.fixture(scope="module")
def stored() -> dict[str, xr.Dataset]:
    return {name: measure(TINY, None) for name, measure in EXPERIMENT.measurements.items()}


@pytest.fixture(scope="module")
def at_rest(stored) -> dict[str, xr.Dataset]:
    """The same, its sizes replaced by those of the laws, with a spread of 1e-4."""
    made = {}
    for subject in SUBJECTS:
        runs = stored[f"{NAME}_{subject.name}"]
        made[f"{NAME}_{subject.name}"] = _with(runs, subject.law(runs))
    matrices = stored[f"{NAME}_muon"]
    low, high, _ = floors.muon_forms(matrices)
    return made | {f"{NAME}_muon": _with(matrices, (low + high) / 2)}


def _with(runs: xr.Dataset, law: xr.DataArray) -> xr.Dataset:
    spread = xr.DataArray(1 + 1e-4 * np.linspace(-1, 1, runs.sizes["seed"]), dims="seed")
    sizes = (law.reset_coords(drop=True) * spread).transpose(*runs.weight_rms.dims)
    return runs.assign(weight_rms=runs.weight_rms.copy(data=sizes.values))


def test_plain_muon_against_a_loop_with_another_decomposition() -> None:
    import jax

    eta, lmbda, n, beta1 = 0.03, 2.0, 4, 0.8
    random = np.random.default_rng(0)
    w = random.normal(size=(5, 3))
    gradients = random.normal(size=(20, 5, 3))
    with jax.enable_x64(True):
        rule = _update(SimpleNamespace(eta=eta, weight_decay=lmbda / n, beta1=beta1))
        params = jax.numpy.asarray(w)
        state = rule.init(params)
        for g in gradients:
            step, state = rule.update(jax.numpy.asarray(g), state, params)
            params = params + step
    mean = np.zeros_like(w)
    for g in gradients:
        mean = beta1 * mean + (1 - beta1) * g
        w = (1 - eta * lmbda / n) * w - eta * scipy.linalg.polar(mean)[0]
    np.testing.assert_allclose(params, w, rtol=1e-10)


def test_the_linear_share_of_two_by_two_matrices() -> None:
    found = polar_share(np.random.default_rng(0).normal(size=(400_000, 2, 2)))
    assert found == pytest.approx(np.pi * (9 - 4 * np.sqrt(2)) / 16, rel=4e-3)


def _adam_l2(eta: float, rate: float, noise: float, beta1: float) -> float:
    """Second moment of (w, m) at rest where the step is divided by the gradient's own rms: a Lyapunov equation."""

    def floor(size: float) -> float:
        gain = eta / size
        carry = np.array([[1 - gain * (1 - beta1) * rate, -gain * beta1], [(1 - beta1) * rate, beta1]])
        fresh = (1 - beta1) * noise * np.array([[-gain], [1.0]])
        return scipy.linalg.solve_discrete_lyapunov(carry, fresh @ fresh.T)[0, 0]

    size = scipy.optimize.brentq(lambda s: s**2 - noise**2 - rate**2 * floor(s), noise, 2 * noise, xtol=1e-15)
    return floor(size) ** 0.5


@pytest.mark.parametrize(("rule", "formula"), [("adam_l2", "weight_rms_exact"), ("rmsprop_l2", "rmsprop_weight_rms")])
def test_floors_with_the_penalty_in_the_gradient(rule: str, formula: str) -> None:
    beta1 = 0.9 if rule == "adam_l2" else 0.0
    runs = xr.Dataset(
        coords={"optimiser": rule, "gradients": "independent", "eta": 0.2, "lmbda": ("lmbda", [2.0, 9.0]), "n": 4}
        | {"beta1": beta1, "batch_gradient_rms": 0.7}
    )
    found = with_penalty(formula)(runs)
    expected = [_adam_l2(0.2, lmbda / 4, 0.7, beta1) for lmbda in (2.0, 9.0)]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_continuous_forms_are_the_laws_of_small_steps() -> None:
    coords = {"gradients": "independent", "eta": 1e-7, "lmbda": 0.5, "n": 1, "momentum": 0.9, "batch_noise": 4.0}
    for rule, law, form in (
        ("momentum", "weight_variance", continuous),
        ("nesterov", "nesterov_weight_variance", continuous),
        ("sgdw", "sgdw_weight_variance", continuous_sgdw),
    ):
        runs = xr.Dataset(coords=coords | {"optimiser": rule})
        exact = wd.theory.evaluate("momentum", law, runs) ** 0.5
        assert float(form(runs) / exact) == pytest.approx(1, abs=1e-5)


def test_every_law_can_hold_and_can_fail(at_rest) -> None:
    held = floors.analyse(TINY, None, at_rest)
    laws = [one for one in held.verdicts if one.kind == "prediction"]
    assert len(laws) == 10 and {one.verdict for one in laws} == {"holds"}
    assert "10 of 10 laws hold" in held.answer
    wrong = {name: runs.assign(weight_rms=1.5 * runs.weight_rms) for name, runs in at_rest.items()}
    failed = floors.analyse(TINY, None, wrong)
    assert {one.verdict for one in failed.verdicts if one.kind == "prediction"} == {"fails"}
    assert "0 of 10 laws hold" in failed.answer


def test_rivals_are_told_apart_from_the_laws(at_rest) -> None:
    words = {
        (one.scope.split(",")[0], one.statement): one.verdict for one in floors.analyse(TINY, None, at_rest).verdicts
    }
    mean_field = {where: word for (where, what), word in words.items() if "mean field" in what}
    assert mean_field == {"sign momentum": "fails", "Lion": "fails"}
    assert [word for (where, what), word in words.items() if "beta1^k" in what] == ["fails"]


def test_a_short_run_is_stored_and_judged_the_same(stored, tmp_path) -> None:
    from wd_jax.results import measurement

    for name, runs in stored.items():
        measurement.write(runs, tmp_path / f"{name}.nc", "{}")
    again = {name: measurement.read(tmp_path / f"{name}.nc")[0] for name in stored}
    first, second = floors.analyse(TINY, None, stored), floors.analyse(TINY, None, again)
    assert [one.to_dict() for one in first.verdicts] == [one.to_dict() for one in second.verdicts]
    assert len(first.verdicts) == 21 and {one.claim for one in first.verdicts} == {NAME}
    with style.style("one"):
        assert len(second.draw().axes) == 2


def test_a_member_that_diverged_is_said(at_rest) -> None:
    runs = at_rest[f"{NAME}_lion"]
    gone = xr.full_like(runs.diverged_at, -1)
    gone[{dim: 0 for dim in gone.dims}] = 3
    broken = at_rest | {f"{NAME}_lion": runs.assign_coords(diverged_at=gone)}
    found = floors.analyse(TINY, None, broken)
    (lion,) = [one for one in found.verdicts if one.scope.startswith("Lion") and one.kind == "prediction"]
    assert lion.verdict == "diverged" and "not those of Lion (diverged)" in found.answer


def test_every_tolerance_that_is_used_is_registered(at_rest) -> None:
    used = {one.tolerance for one in floors.analyse(TINY, None, at_rest).verdicts}
    assert used == {value for one in EXPERIMENT.tolerances(TINY) for value in one.values}
