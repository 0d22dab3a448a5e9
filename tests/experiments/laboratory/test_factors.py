"""Products of factors: the simulation against loops in NumPy, and what the analysis says of right and wrong numbers."""

from collections.abc import Callable

import jax
import numpy as np
import pytest
import xarray as xr

from experiments.laboratory.factors import EXPERIMENT, measuring, simulation
from experiments.laboratory.factors.analysis import analyse, found_jumps, late_factor
from experiments.laboratory.factors.laws import at_rest, branch, law
from wd_jax.figures import style

pytestmark = pytest.mark.numeric
TINY = measuring.Settings(
    "none", seeds=3, lmbda=(30.0, 75.0), steps=1500, sgd_steps=40, levels=80, jump_steps=500, trap_starts=500
)


@pytest.fixture(scope="module")
def stored() -> dict[str, xr.Dataset]:
    """What is measured, with SGD's values and the jumps under noise put where the law has them, with a little noise."""
    found = {name: measure(TINY, None) for name, measure in EXPERIMENT.measurements.items()}
    generator, sgd = np.random.default_rng(0), found["factors_sgd"]
    drawn = xr.DataArray(generator.normal(size=sgd.value.shape), sgd.value.coords, sgd.value.dims)
    found["factors_sgd"] = sgd.assign(value=at_rest(sgd, TINY.n) * (1 + 1e-3 * drawn))
    jump = found["factors_jump"]
    value = jump.value.copy()
    value[1] = value[0].where(jump.lmbda > 1.0)
    found["factors_jump"] = jump.assign(value=value)
    return found


@pytest.mark.parametrize("count", [2, 3])
def test_gradient_descent_is_that_of_the_cost(count: int) -> None:
    generator, eta, decay = np.random.default_rng(1), 0.03, 0.2
    W, M = 0.5 * generator.normal(size=(count, 3, 3)), generator.normal(size=(3, 3))
    with jax.enable_x64(True):
        found = np.asarray(simulation.descend(W, M, eta, np.float64(decay), 40))
    for _ in range(40):
        off = np.linalg.multi_dot(W) - M
        before = [np.linalg.multi_dot([np.eye(3), np.eye(3), *W[:k]]) for k in range(count)]
        after = [np.linalg.multi_dot([*W[k + 1 :], np.eye(3), np.eye(3)]) for k in range(count)]
        W = np.stack([(1 - eta * decay) * W[k] - eta * before[k].T @ off @ after[k].T for k in range(count)])
    assert np.allclose(found, W, rtol=1e-11, atol=1e-13)


def test_decay_is_raised_from_where_the_last_level_ended() -> None:
    generator, decays = np.random.default_rng(2), np.array([0.1, 0.3])
    W, M = generator.normal(size=(2, 3, 2, 2)), generator.normal(size=(2, 2, 2))
    with jax.enable_x64(True):
        found = np.asarray(simulation.sweep(W, M, 0.02, decays, 0.0, jax.random.key(0), 30))
        for i, decay in enumerate(decays):
            W = simulation.descend(W, M, 0.02, np.full(2, decay), 30)
            for seed in range(2):
                values = np.linalg.svd(np.linalg.multi_dot(np.asarray(W[seed])), compute_uv=False)
                assert np.allclose(found[i, seed], values, rtol=1e-10, atol=1e-14)
        noisy = np.asarray(simulation.sweep(W, M, 0.02, decays, 0.1, jax.random.key(0), 30))
    assert np.isfinite(noisy).all() and not np.allclose(noisy, found)


def test_sgd_is_a_loop_over_minibatches() -> None:
    U, s, V = simulation.target([1.0, 2.0, 3.0], 4, 5, seed=3)
    x, y = simulation.whitened(U, s, V, 12, 0.3, seed=3)
    assert np.allclose(x.T @ x / 12, np.eye(4), atol=1e-13)
    assert np.allclose(np.linalg.lstsq(x, y)[0], (U * s) @ V.T, atol=1e-12)
    generator, eta, decay, total = np.random.default_rng(4), 0.05, 0.3, np.zeros((4, 5))
    A, B = generator.normal(size=(4, 3)), generator.normal(size=(3, 5))
    with jax.enable_x64(True):
        key = jax.random.key(7)
        mean = np.asarray(simulation.stochastic(A, B, x, y, eta, decay, key, 6, 20, 5))
        for number in range(25):
            rows = np.asarray(jax.random.randint(jax.random.fold_in(key, number), (6,), 0, 12))
            delta = (x[rows] @ A @ B - y[rows]) / 6
            step = x[rows].T @ delta @ B.T, A.T @ x[rows].T @ delta
            A, B = (1 - eta * decay) * A - eta * step[0], (1 - eta * decay) * B - eta * step[1]
            total += A @ B * (number >= 5)
    assert np.allclose(mean, total / 20, rtol=1e-11, atol=1e-13)


def test_scalar_factors() -> None:
    start, eta, decay, s = np.array([[1.1, 0.8, 1.3]]), 0.04, 0.3, 1.5
    with jax.enable_x64(True):
        path = np.asarray(simulation.chains(start, np.array([s]), eta, np.array([decay]), 3, 30))
        last = np.asarray(simulation.chain_end(start, np.array([s]), eta, np.array([decay]), 3, 30))
    w = start[0].copy()
    for k in range(31):
        assert np.allclose(path[k, 0], w, rtol=1e-12)
        r = w.prod() - s
        w = w - eta * (r * w.prod() / w + decay * w)
    assert np.array_equal(last, path[-1])


@pytest.mark.parametrize("factors", [3, 4])
@pytest.mark.parametrize("lower", [False, True])
def test_products_at_rest_are_roots_of_a_polynomial(factors: int, lower: bool) -> None:
    s, decay, one = 1.3, 0.25, xr.DataArray(1.0)
    # s w^(N-2) - w^(2N-2) - lmbda/n
    polynomial = np.zeros(2 * factors - 1)
    polynomial[0], polynomial[factors], polynomial[-1] = -1.0, s, -decay
    roots = np.roots(polynomial)
    real = sorted(root.real for root in roots if abs(root.imag) < 1e-9 and root.real > 0)
    found = float(branch(s * one, factors * one, 100 * decay * one, 100, lower=lower))
    assert len(real) == 2 and found == pytest.approx(real[0 if lower else 1] ** factors, rel=1e-10)


def test_the_fold_is_the_largest_decay_on_a_grid() -> None:
    for factors in (3.0, 4.0, 5.5):
        p = np.linspace(1e-4, 1.7, 200_001)
        decay = (1.7 - p) * p ** ((factors - 2) / factors)
        assert float(law("fold_lmbda", target_singular=1.7, n=50.0, factors=factors)) == pytest.approx(50 * decay.max())
        fold = float(law("fold_product", target_singular=1.7, factors=factors))
        assert fold == pytest.approx(p[decay.argmax()], abs=2e-5)


def test_where_a_value_jumps_is_between_two_levels() -> None:
    lmbda = xr.DataArray([10.0, 20.0, 40.0], dims="lmbda", coords={"lmbda": [10.0, 20.0, 40.0]})
    made = xr.Dataset({"value": lmbda * 0 + [1.0, 0.9, 0.0]}, {"target_singular": 1.2, "factors": 3.0})
    assert float(found_jumps(made)) == pytest.approx(800**0.5)
    assert np.isnan(float(found_jumps(made.assign(value=lmbda * 0 + 1.0))))


def test_a_late_factor_is_not_taken_from_rounding() -> None:
    gap = xr.DataArray([0.9**k if k < 50 else 1e-17 * (-1.0) ** k for k in range(90)], dims="step")
    assert float(late_factor(gap, 1e-3)) == pytest.approx(0.9, rel=1e-12)


def test_its_shape(stored: dict[str, xr.Dataset]) -> None:
    outcome = analyse(TINY, None, stored)
    assert [one.kind for one in outcome.verdicts].count("rival") == 3
    words = [one.verdict for one in outcome.verdicts if one.kind == "prediction"]
    assert words == ["holds"] * len(words) == ["holds"] * 8
    rivals = [one.verdict for one in outcome.verdicts if one.kind == "rival"]
    assert rivals == ["holds", "fails", "fails"]  # SGD at a large rate is put where the law is
    with style.style("one"):
        assert len(outcome.draw().axes) == 4


def _scaled(name: str, factor: float, variable: str = "value") -> Callable[[dict], dict]:
    return lambda stored: stored | {name: stored[name].assign({variable: stored[name][variable] * factor})}


def _later(stored: dict) -> dict:
    made = stored["factors_jump"]
    return stored | {"factors_jump": made.assign_coords(lmbda=made.lmbda * 1.05)}


def _uneven(stored: dict) -> dict:
    made = stored["factors_chain"]
    return stored | {"factors_chain": made.assign(gap=made.gap * 1.001**made.step)}


def _freer(stored: dict) -> dict:
    made = stored["factors_chain"]
    return stored | {"factors_chain": made.assign_coords(start=made.start * 0.95)}


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (_scaled("factors", 1.001), "gradient descent, error over s"),
        (_scaled("factors_sgd", 1.05), "SGD, mean over steps"),
        (_scaled("factors_jump", 1.001), "the value p obeys"),
        (_later, "3 factors: a value jumps"),
        (_later, "4 factors: a value jumps"),
        (_later, "the jump under noise"),
        (_uneven, "a step leaves"),
        (_uneven, "it keeps 1 − 2ηL"),
        (_freer, "the origin is a trap"),
    ],
)
def test_each_verdict_can_fail(change: Callable[[dict], dict], part: str, stored: dict[str, xr.Dataset]) -> None:
    outcome = analyse(TINY, None, change(stored))
    words = [one.verdict for one in outcome.verdicts if part in one.statement]
    assert words and set(words) == {"fails"}


def test_a_missing_number_is_not_passed_over(stored: dict[str, xr.Dataset]) -> None:
    two = stored["factors"]
    gone = stored | {"factors": two.assign(value=two.value.where(two.seed > 0))}
    assert analyse(TINY, None, gone).verdicts[0].verdict == "undecided"
