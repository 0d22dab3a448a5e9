"""What float32 does to a small decay: refused where it would vanish, warned of where distorted, shown in numbers."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.engine import minibatches
from wd_jax.engine.examples import on_device
from wd_jax.engine.hyper_tree import as_arrays
from wd_jax.hyper import restored
from wd_jax.optimisers import step
from wd_jax.optimisers.sgd import sgd

pytestmark = pytest.mark.numeric
LOST, DOUBTFUL = 2.0**-25, 5e-7


def check(tiny, epsilon: float, dtype: str = "float32") -> None:
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5, dtype=dtype)
    axes = {"eta": 0.5, "lmbda": [1.0, epsilon * tiny.n / 0.5]}
    wd.dry_run(setup, tiny, epochs=1, **axes)


@pytest.mark.parametrize("epsilon", [1e-12, LOST * 0.999])
def test_a_decay_that_float32_loses_is_refused(tiny, epsilon: float) -> None:
    with pytest.raises(ValueError, match=r"eta=0.5, lmbda=.* float32 rounds to nothing: .*use dtype='float64'"):
        check(tiny, epsilon)


@pytest.mark.parametrize("epsilon", [LOST * 1.001, DOUBTFUL * 0.999])
def test_a_decay_that_float32_distorts_is_warned_of(tiny, epsilon: float) -> None:
    with pytest.warns(UserWarning, match=r"eta=0.5, lmbda=.* float32 distorts .*use dtype='float64'"):
        check(tiny, epsilon)


@pytest.mark.parametrize("epsilon, dtype", [(0.0, "float32"), (1.001 * DOUBTFUL, "float32"), (1e-12, "float64")])
def test_other_decays_pass_in_silence(tiny, epsilon: float, dtype: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(tiny, epsilon, dtype)


def test_two_hundred_cells_print_one_warning_with_their_number_and_range(tiny) -> None:
    epsilons = np.geomspace(3.2e-8, 4.9e-7, 200)
    axes = {"eta": 0.5, "lmbda": [1.0, *(epsilons * tiny.n / 0.5)], "hidden": [4, 5], "batch_size": [5, 6]}
    with pytest.warns(UserWarning) as seen:
        wd.dry_run(wd.Setup(widths=(6, 5, 3), batch_size=5), tiny, epochs=1, **axes)
    assert len(seen) == 1
    text = str(seen[0].message)
    assert "eta=0.5, lmbda=1.472e-06 to 2.254e-05, n=23 (200 of 201 cells)" in text
    assert "decay by 3.2e-08 to 4.9e-07 per step" in text and "keep 0.198 to 1.44 of it" in text


def test_two_hundred_lost_cells_are_one_error(tiny) -> None:
    axes = {"eta": 0.5, "lmbda": [1e-9 * k for k in range(1, 201)] + [1.0]}
    with pytest.raises(ValueError, match=r"lmbda=1e-09 to 2e-07, n=23 \(200 of 201 cells\) .* rounds to nothing: use"):
        wd.dry_run(wd.Setup(widths=(6, 5, 3)), tiny, epochs=1, **axes)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_decay_that_no_dtype_keeps_has_another_remedy(tiny, dtype: str) -> None:
    with pytest.raises(ValueError, match=rf"which {dtype} rounds to nothing: raise lmbda or eta, or give lmbda=0"):
        check(tiny, 1e-17, dtype)


def test_sweep_and_dry_run_blame_the_line_that_called_them(tiny) -> None:
    lmbda = 1e-7 * tiny.n / 0.5
    with pytest.warns(UserWarning) as seen:
        wd.dry_run(wd.Setup(widths=(6, 5, 3)), tiny, eta=0.5, lmbda=lmbda, epochs=1)
        wd.sweep(wd.Setup(widths=(6, 5, 3)), tiny, eta=0.5, lmbda=lmbda, epochs=1, progress=False)
    assert [warning.filename for warning in seen] == [__file__] * 2


def test_one_member_is_checked_as_a_sweep_is(tiny) -> None:
    setup, data, key = wd.Setup(widths=(6, 5, 3)), on_device(tiny, "float32"), minibatches.member_key(0)
    with pytest.raises(ValueError, match=r"lmbda=1e-08, n=23 decay by .* float32 rounds to nothing"):
        wd.train(setup, wd.Hyper(eta=0.5, lmbda=1e-8), data, key, 1)
    with pytest.warns(UserWarning, match="float32 distorts") as seen:
        wd.train(setup, wd.Hyper(eta=0.5, lmbda=5e-6), data, key, 1)
    assert [warning.filename for warning in seen] == [__file__]


def rate(step, epsilon: float, steps: int, noise: float = 0.0) -> float:
    """Measured over true decay rate of 4000 float32 weights, spread over one binade and more."""
    start = jnp.asarray(np.random.default_rng(0).uniform(0.5, 2, 4000), jnp.float32)
    key = jax.random.key(1)
    epsilon = jnp.asarray(epsilon, jnp.float32)

    def one(k, w):
        # Each kick is taken back by the next step, so that it dithers the rounding and adds no walk of its own.
        kick = noise * jax.random.normal(jax.random.fold_in(key, k // 2), w.shape)
        return step(w, epsilon, jnp.where(k % 2, kick, -kick))

    run = jax.jit(lambda w: jax.lax.fori_loop(0, steps, one, w))

    end = np.asarray(run(start), np.float64)
    return float(np.log(end.mean() / np.asarray(start, np.float64).mean()) / (steps * np.log1p(-np.float64(epsilon))))


def product(w, epsilon, u):
    return (1 - epsilon) * w - u


def engine(w, epsilon, u):
    """sgd's step on a gradient that moves the weights by u."""
    hyper = as_arrays(wd.Hyper(eta=0.5), "float32")
    rule = step.build(sgd(), restored({**hyper, "lmbda": epsilon / hyper.eta}), 1)
    params = [{"w": w[:, None]}]
    return step.move(params, rule.step([{"w": u[:, None] / hyper.eta}], rule.init(params), params))[0]["w"][:, 0]


def test_the_trap() -> None:
    """At 2e-8 a step the product form does not decay at all, with noise or without; at 1e-5 it is 0.14 % off."""
    assert rate(product, 2e-8, 2048) == 0
    assert abs(rate(product, 2e-8, 2048, noise=1e-5)) < 0.05
    assert 1e-3 < rate(product, 1e-5, 2048) - 1 < 2e-3


def test_the_engine_form_keeps_the_rate() -> None:
    """At 1e-5 a step to 1e-4 without noise; with noise even at 2e-8, to 1 %, where it dithers the rounding.

    The rounding of 4000 weights in 2048 steps averages to 0.05 % of that decay.
    """
    assert rate(engine, 1e-5, 2048) == pytest.approx(1, abs=1e-4)
    assert rate(engine, 2e-8, 2048, noise=1e-5) == pytest.approx(1, abs=0.01)
