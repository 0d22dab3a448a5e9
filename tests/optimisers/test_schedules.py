"""Schedules as values: optax's shapes, words that are read back, and steps that optax and PyTorch take with them."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import wd_jax as wd
from tests.optimisers.stepping import ETA, LMBDA, STEPS, L, N, draw, gradient, hyper_of, trained_by_optax
from wd_jax.engine import rates
from wd_jax.optimisers import schedule_words, step
from wd_jax.optimisers.rules import LIBRARY

pytestmark = pytest.mark.numeric
TOTAL = 60
WSD = optax.join_schedules(
    [optax.linear_schedule(0.0, 1.0, 6), optax.constant_schedule(1.0), optax.linear_schedule(1.0, 0.1, 15)], [6, 45]
)
SHAPES = {
    "constant": optax.constant_schedule(1.0),
    "linear": optax.linear_schedule(1.0, 0.0, TOTAL),
    "linear(end=0.2, over=30)": optax.linear_schedule(1.0, 0.2, 30),
    "cosine": optax.cosine_decay_schedule(1.0, TOTAL),
    "cosine(end=0.1, over=0.75)": optax.cosine_decay_schedule(1.0, 45, alpha=0.1),
    "wsd(cool_down=0.25, end=0.1)": WSD,
    "warm_up(0.25, then=cosine(end=0.05), start=0.5)": optax.warmup_cosine_decay_schedule(0.5, 1.0, 15, TOTAL, 0.05),
    "inverse_time(halved_after=20)": lambda k: 1 / (1 + k / 20),
}


@pytest.mark.parametrize("words", SHAPES)
def test_a_shape_is_that_of_optax(words: str) -> None:
    found = schedule_words.read("eta_schedule", words)
    with jax.enable_x64(True):
        theirs = [float(SHAPES[words](jnp.asarray(k, jnp.float64))) for k in range(TOTAL)]
    np.testing.assert_allclose(found.factors(TOTAL), theirs, rtol=1e-13, atol=1e-13)
    assert found.words == words and wd.Setup((4, 2), eta_schedule=words) == wd.Setup((4, 2), eta_schedule=found)


def test_one_step_is_not_the_whole_run() -> None:
    in_steps, in_shares = wd.schedules.warm_up(2), wd.schedules.warm_up(0.5)
    assert in_steps != in_shares and in_steps.factors(4).tolist() == in_shares.factors(4).tolist() == [0, 0.5, 1, 1]
    with pytest.raises(ValueError, match=r"over=1: write 1\.0 for the whole run"):
        wd.schedules.cosine(over=1)


def test_a_function_gives_its_shape() -> None:
    plain = wd.schedules.of_optax(lambda k: 0.3 if k < 2 else 0.1, "two_levels")  # no array can be asked for the if
    np.testing.assert_allclose(plain.factors(4), [1, 1, 1 / 3, 1 / 3])
    assert plain.words == "of_optax(two_levels)" and plain != wd.schedules.of_optax(lambda k: 0.3, "two_levels")
    traced = []
    jax.jit(lambda x: traced.append(wd.schedules.of_optax(optax.linear_schedule(0.2, 0, 4)).factors(4)) or x)(1.0)
    np.testing.assert_allclose(traced[0], [1, 0.75, 0.5, 0.25], rtol=1e-15)


REFUSED = {
    "negative": (
        lambda: wd.schedules.of_optax(lambda k: 1.0 - k / 3).factors(9, "x"),
        "step 4 of 9 has the value -0.33",
    ),
    "no number": (lambda: wd.schedules.of_optax(lambda k: np.inf).factors(9, "x"), "step 0 of 9 has the value inf"),
    "none at all": (lambda: wd.schedules.of_optax(lambda k: 0.0).factors(9, "x"), "all 9 steps have the value 0"),
    "text": (lambda: wd.schedules.of_optax(lambda k: "a").factors(9, "x"), "its value at step 0 is no number"),
    "longer than the run": (lambda: wd.schedules.warm_up(9).factors(9, "x"), "warm-up takes 9 steps and the run has 9"),
    "parts too long": (lambda: wd.schedules.wsd(0.6, 0.6).factors(10, "x"), "take 12 of the run's 10 steps"),
    "steps with a point": (lambda: wd.schedules.warm_up(100.0), "length=100: give a share of the run"),
    "above the largest": (lambda: wd.schedules.cosine(end=1.5), "end=1.5: give a factor of 0 to 1"),
    "a function": (lambda: wd.Setup((4, 2), eta_schedule=optax.linear_schedule(1, 0, 9)), "wd.schedules.of_optax("),
    "not called": (
        lambda: wd.Setup((4, 2), lmbda_schedule=wd.schedules.wsd),
        "call it, lmbda_schedule=wd.schedules.wsd()",
    ),
    "no word": (
        lambda: wd.Setup((4, 2), eta_schedule="cos"),
        "eta_schedule='cos': choose constant, linear, cosine, wsd",
    ),
    "code": (lambda: wd.Setup((4, 2), eta_schedule="__import__('os')"), "choose constant, linear"),
    "half a call": (lambda: wd.Setup((4, 2), eta_schedule="wsd(0.1"), "choose constant, linear"),
    "a call that lacks one": (lambda: wd.Setup((4, 2), eta_schedule="warm_up"), "argument: 'length': such as 'cosine'"),
    "a number": (lambda: wd.Setup((4, 2), eta_schedule=0.1), "eta_schedule=0.1: give a schedule, such as 'cosine'"),
    "of a function, in words": (lambda: wd.Setup((4, 2), eta_schedule="of_optax(f)"), "a function is not written down"),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_no_schedule_is_refused(make, message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        make()
    assert message in str(caught.value) and "\n" not in str(caught.value)


def stepped(name: str, **schedules: str) -> list:
    """Fifty steps of a rule by the engine's numbers of each step."""
    rule = LIBRARY[name]
    setup = wd.Setup((3, 4), optimiser=rule, dtype="float64", **schedules)
    hyper, params = hyper_of(rule), draw(0)
    factors = rates.of_run(setup, 1, STEPS)

    @jax.jit
    def one(factor, grads, state, params):
        parts = step.build(rule, rates.in_step(hyper, factor), N).step(grads, state, params)
        return step.move(params, parts), parts.state

    state = step.build(rule, hyper, N).init(params)
    for k in range(STEPS):
        now = jax.tree.map(lambda a, k=k: a[0, k], factors)
        params, state = one(now, gradient(k + 1, params), state, params)
    return params


COSINE = optax.cosine_decay_schedule(ETA, STEPS)


def warm(count):
    """The linear schedule of optax, whose counter, an int32, would make float32 of it."""
    return optax.linear_schedule(0.0, ETA, 10)(count.astype(jnp.float64))


ONLY = {"mask": wd.rules.weights_only}
OPTAX = {
    "adamw": (optax.adamw(COSINE, b1=0.8, b2=0.95, weight_decay=L, **ONLY), "cosine"),
    "lion": (optax.lion(COSINE, b1=0.8, b2=0.95, weight_decay=L, **ONLY), "cosine"),
    "sgd": (optax.chain(optax.add_decayed_weights(L, **ONLY), optax.sgd(warm)), "warm_up(10)"),
    "momentum": (optax.chain(optax.add_decayed_weights(L, **ONLY), optax.sgd(warm, momentum=0.7)), "warm_up(10)"),
}


@pytest.mark.parametrize("name", OPTAX)
def test_steps_are_those_of_optax(name: str) -> None:
    chain, words = OPTAX[name]
    with jax.enable_x64(True):
        theirs, mine = trained_by_optax(chain), stepped(name, eta_schedule=words)
    for leaf in ("w", "b"):
        np.testing.assert_allclose(mine[0][leaf], theirs[0][leaf], rtol=1e-10, atol=1e-10)


def by_pytorch(torch) -> dict:
    """AdamW under PyTorch's own cosine; in float64 from the start."""
    leaves = {leaf: torch.tensor(np.array(value), dtype=torch.float64) for leaf, value in draw(0)[0].items()}
    groups = [{"params": [leaves["w"]], "weight_decay": L}, {"params": [leaves["b"]], "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=ETA, betas=(0.8, 0.95))
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=STEPS)
    for k in range(1, STEPS + 1):
        found = gradient(k, [{leaf: value.numpy() for leaf, value in leaves.items()}])[0]
        for leaf, value in leaves.items():
            value.grad = torch.tensor(np.array(found[leaf]), dtype=torch.float64)
        optimiser.step()
        falling.step()
    return {leaf: value.numpy() for leaf, value in leaves.items()}


def test_steps_are_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    with jax.enable_x64(True):
        theirs, mine = by_pytorch(torch), stepped("adamw", eta_schedule="cosine")
    for leaf in ("w", "b"):
        np.testing.assert_allclose(mine[0][leaf], theirs[leaf], rtol=1e-10, atol=1e-10)


def test_the_corrected_decay_of_adam_in_numpy() -> None:
    """Defazio's: the coefficient falls as the rate does, so that the share has its square."""
    with jax.enable_x64(True):
        mine = stepped("adamw_corrected", eta_schedule="cosine", lmbda_schedule="linear(end=0.5)")
        params, a, s = draw(0)[0], {"w": 0.0, "b": 0.0}, {"w": 0.0, "b": 0.0}
        for k in range(STEPS):
            fall, now = 0.5 * (1 + np.cos(np.pi * k / STEPS)), {}
            g = gradient(k + 1, [params])[0]
            for leaf in ("w", "b"):
                grad = np.asarray(g[leaf])
                a[leaf], s[leaf] = 0.8 * a[leaf] + 0.2 * grad, 0.95 * s[leaf] + 0.05 * grad**2
                root = np.sqrt(s[leaf] / (1 - 0.95 ** (k + 1))) + 1e-8
                taken = ETA * fall * a[leaf] / (1 - 0.8 ** (k + 1)) / root
                share = ETA * fall**2 * LMBDA * (1 - 0.5 * k / STEPS) / N if leaf == "w" else 0.0
                now[leaf] = np.asarray(params[leaf]) * (1 - share) - taken
            params = now
    for leaf in ("w", "b"):
        np.testing.assert_allclose(mine[0][leaf], params[leaf], rtol=1e-10, atol=1e-10)


def test_adamc_is_its_name() -> None:
    assert wd.rules.adamc() == wd.rules.adamw(decay="corrected") == wd.Setup((4, 2), optimiser="adamc").rule
    assert "eta*(eta/eta_peak)*lmbda/n" in wd.rules.adamc().update_rule
    assert wd.rules.sgd(decay="corrected").decay_per_step({"eta": 0.5, "lmbda": 2.0}, 10) == 0.1  # at a constant rate
