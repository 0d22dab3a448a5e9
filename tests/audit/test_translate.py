"""Translations against both optimisers' updates run side by side, under constant rates and schedules."""

import itertools
import math

import numpy as np
import pytest

import wd_jax as wd
from tests.audit import updates
from wd_jax.audit.translation.translation import Translation

pytestmark = pytest.mark.numeric
SHARP = {
    "torch:AdamW": updates.adamw,
    "keras:SGD(momentum=.9)": updates.adamw,
    "optax:adafactor": updates.adafactor,
    "chainer:AdamW": updates.adafactor,
    "composer:DecoupledAdamW": updates.composer,
    "timm:adan": updates.adan,
    "torch:SGD": updates.sgd(0.0),
    "sklearn:MLPClassifier(solver=sgd,momentum=0)": updates.mlp(128, 0.0),
}
SETTLING = {
    "torch:SGD(momentum=.9)": updates.sgd(0.9),
    "torch:SGD(momentum=.9,nesterov)": updates.sgd(0.9, nesterov=True),
    "torch:SGD(momentum=.9,dampening=.9)": updates.sgd(0.9, dampening=0.9),
    "sklearn:MLPClassifier(solver=sgd)": updates.mlp(128),
    "chainer:NesterovAG(.9) + hook": updates.chainer_nesterov,
    "optimi:Ranger": updates.lookahead,
}
LOOPS = {**SHARP, **SETTLING}
STEPS = 600
SCHEDULES = ("constant", "cosine(end=0.1)", "linear", "wsd(warm_up=0.1, cool_down=0.2)")


def rates(lr: float, schedule: str, steps: int = STEPS) -> list[float]:
    """By hand, from the schedules' definitions; composer divides by the first, so a warm-up begins at what is given."""
    k = np.arange(steps)
    if schedule == "linear":
        return list(lr * (1 - k / steps))
    if schedule.startswith("cosine"):
        return list(lr * (0.1 + 0.9 * (1 + np.cos(np.pi * k / steps)) / 2))
    if schedule.startswith("wsd"):
        rise, fall = steps // 10, steps // 5
        down = (k - (steps - fall)) / fall
        return list(lr * np.where(k < rise, k / rise, np.where(down > 0, 1 - down, 1.0)))
    return [lr] * steps


def one(source: str, target: str, lr: float, decay: float, **more: object) -> "Translation":
    (found,) = wd.translate(source, lr=lr, weight_decay=decay, to=target, batch=128, **more)
    return found


def value_for(spec: str, lr: float, share: float) -> float:
    """A value of this optimiser at which a step takes about this share."""
    return one("torch:AdamW", spec, lr, share / lr).value


@pytest.mark.parametrize("source, target", list(itertools.product(SHARP, SHARP)))
def test_the_same_factor_in_each_step(source: str, target: str) -> None:
    for lr, share in itertools.product((3e-4, 0.1), (1e-7, 1e-3, 0.2)):
        value = value_for(source, lr, share)
        found = one(source, target, lr, value)
        assert found.kept == "per step" and found.how.startswith("exact")
        before, after = (np.array(LOOPS[spec](v, [lr] * 50)) for spec, v in ((source, value), (target, found.value)))
        assert after == pytest.approx(before, rel=1e-13)
        assert 1 - before[1] == pytest.approx(found.per_step, rel=1e-8)


@pytest.mark.parametrize("source, target", list(itertools.product(LOOPS, SETTLING)))
def test_the_same_factor_in_the_long_run(source: str, target: str) -> None:
    """After 600 steps the fast mode, .9**600 of the start, is below rounding."""
    for lr, share in itertools.product((3e-4, 0.1), (1e-5, 3e-3)):
        value = value_for(source, lr, share)
        found = one(source, target, lr, value)
        assert found.kept == "per step" and found.how.startswith("exact")
        assert "long run" in found.how or source in SETTLING  # through the same velocity it is exact from the start
        paths = [LOOPS[spec](v, [lr] * STEPS) for spec, v in ((source, value), (target, found.value))]
        per_block = [path[-1] / path[-7] for path in paths]  # six steps, a block of the lookahead
        assert per_block[1] == pytest.approx(per_block[0], rel=1e-11)


def pairs_and_schedules() -> list[tuple[str, str, str]]:
    """Each pair with one schedule in turn; composer divides by the first rate: none that begins at 0."""
    turn = itertools.cycle(SCHEDULES[1:])
    pairs = [(source, target, next(turn)) for source, target in itertools.product(LOOPS, LOOPS)]
    return [(a, b, "linear" if "composer" in a + b else schedule) for a, b, schedule in pairs]


@pytest.mark.parametrize("source, target, schedule", pairs_and_schedules())
def test_under_a_schedule_it_is_each_step_or_the_run(source: str, target: str, schedule: str) -> None:
    lr = 0.1
    value = value_for(source, lr, 2e-3)
    found = one(source, target, lr, value, schedule=schedule, steps=STEPS)
    lrs = rates(lr, schedule)
    paths = [np.array(LOOPS[spec](v, lrs)) for spec, v in ((source, value), (target, found.value))]
    assert paths[1][-1] == pytest.approx(paths[0][-1], rel=1e-11)
    if found.kept == "per step":
        assert paths[1] == pytest.approx(paths[0], rel=1e-12)
    else:
        assert found.kept == "over the run" and "not step by step" in found.how
        assert not np.allclose(paths[1], paths[0], rtol=1e-9, atol=0)


def ulps(found: float, exact: float) -> float:
    return abs(found - exact) / math.ulp(exact)


def test_round_trips_are_exact() -> None:
    """To 4 units in the last place, and 8 where a root for a velocity lies between; 3 and 5 were seen."""
    worst = {"sharp": 0.0, "root": 0.0}
    draw = np.random.default_rng(0)
    for source, target in itertools.product(LOOPS, LOOPS):
        for _ in range(30):
            lr, to_lr = 10 ** draw.uniform(-5, 0, 2)
            share = 10 ** draw.uniform(-9, -2)
            value = value_for(source, lr, share)
            there = one(source, target, lr, value, to_lr=to_lr)
            back = one(target, source, to_lr, there.value, to_lr=lr)
            kind = "sharp" if source in SHARP and target in SHARP else "root"
            worst[kind] = max(worst[kind], ulps(back.value, value))
    assert worst["sharp"] <= 4
    assert worst["root"] <= 8


@pytest.mark.parametrize("schedule", SCHEDULES[:3])
def test_round_trips_over_a_run_are_exact(schedule: str) -> None:
    for source, target in itertools.product(
        ("torch:AdamW", "torch:SGD(momentum=.9)"), ("optax:adafactor", "timm:adan")
    ):
        value = value_for(source, 0.1, 1e-3)
        there = one(source, target, 0.1, value, schedule=schedule, steps=STEPS)
        back = one(target, source, 0.1, there.value, schedule=schedule, steps=STEPS)
        assert ulps(back.value, value) <= 64


def test_the_same_rule_gives_the_very_value_back() -> None:
    found = one("torch:AdamW", "keras:AdamW", 3e-4, 0.1)
    assert found.value == 0.1 and found.per_step == 3e-4 * 0.1


def test_the_worked_case_of_the_issue() -> None:
    targets = ["keras:AdamW", "optax:adafactor", "composer:DecoupledAdamW", "sklearn:MLPClassifier"]
    found = wd.translate("torch:AdamW", lr=3e-4, weight_decay=0.1, to=targets, schedule="cosine", steps=100_000)
    keras, adafactor, composer, mlp = found
    assert keras.value == 0.1 and composer.value == pytest.approx(3e-5, rel=1e-15)
    exact = np.log1p(-3e-5 * (1 + np.cos(np.pi * np.arange(100_000) / 100_000)) / 2).sum()
    assert math.exp(exact) == pytest.approx(0.223, abs=5e-4)
    assert adafactor.value == pytest.approx(-math.expm1(exact / 100_000), rel=1e-13)
    assert mlp.value is None and "alpha" in mlp.headline
    constant = wd.translate("torch:AdamW", lr=3e-4, weight_decay=0.1, to=targets)
    assert constant[1].value == pytest.approx(3e-5, rel=1e-15) and "does not follow a schedule" in constant[1].how


@pytest.mark.parametrize("beta", [0.9, 0.5])
def test_averaged_weights_are_compared_over_the_run(beta: float) -> None:
    spec = f"schedulefree:AdamWScheduleFree(betas=({beta},.999))"
    found = one("torch:AdamW", spec, 0.1, 0.01, steps=STEPS)
    end = updates.schedule_free(found.value, [0.1] * STEPS, beta)[-1]
    assert end == pytest.approx(0.999**STEPS, rel=1e-12) and found.kept == "over the run"
    back = one(spec, "torch:AdamW", 0.1, found.value, steps=STEPS)
    assert back.value == pytest.approx(0.01, rel=1e-12)
    assert one("torch:AdamW", spec, 0.1, 0.01).value is None


def test_averaged_weights_swing_through_zero() -> None:
    """The loop says so (and findings/schedulefree_decay_overshoots.sh of the library): then nothing is comparable."""
    assert min(updates.schedule_free(0.01, [0.1] * 7000)) < -0.09
    found = one("schedulefree:AdamWScheduleFree", "torch:AdamW", 0.1, 0.01, steps=7000)
    assert found.value is None and "changes sign" in found.why


@pytest.mark.parametrize("n, batch, to_batch, keep", [(50_000, 128, 512, "epoch"), (1000, 64, 7, "epoch")])
def test_another_minibatch_keeps_the_decay_of_an_epoch(n: int, batch: int, to_batch: int, keep: str) -> None:
    more = {"lr": 0.1, "weight_decay": 0.01, "n": n, "batch": batch, "to_batch": to_batch}
    (found,) = wd.translate("torch:AdamW", to="torch:AdamW", **more)
    assert found.kept == f"per {keep}"
    epochs = [np.prod([1 - 0.1 * v] * -(-n // m)) for v, m in ((0.01, batch), (found.value, to_batch))]
    assert epochs[1] == pytest.approx(epochs[0], rel=1e-12)
    assert found.closest[0].value == pytest.approx(0.01) and "per step" in found.closest[0].keeps
    (step,) = wd.translate("torch:AdamW", to="torch:AdamW", keep="step", **more)
    assert step.value == 0.01 and step.kept == "per step"


def test_another_minibatch_under_a_schedule_keeps_the_run() -> None:
    more = {"n": 1000, "batch": 10, "to_batch": 30, "epochs": 5, "schedule": "linear"}
    (found,) = wd.translate("torch:AdamW", to="torch:SGD(momentum=.9)", lr=0.1, weight_decay=0.01, **more)
    ends = (
        updates.adamw(0.01, rates(0.1, "linear", 500))[-1],
        updates.sgd(0.9)(found.value, rates(0.1, "linear", 170))[-1],
    )
    assert found.kept == "over the run" and ends[1] == pytest.approx(ends[0], rel=1e-11)


def test_alpha_follows_the_minibatch() -> None:
    for spec, factor in (("sklearn:MLPClassifier(solver=sgd,momentum=0)", 64), ("sklearn:SGDClassifier", 1)):
        (found,) = wd.translate("torch:SGD", lr=0.1, weight_decay=0.01, to=spec, batch=64, keep="step")
        assert found.value == pytest.approx(0.01 * factor, rel=1e-15) and found.word == "alpha"


def test_the_first_rate_of_a_relative_decay() -> None:
    """Under OneCycleLR the first rate is a 25th of the largest, and composer's decay 25 times what was meant."""
    (found,) = wd.translate("torch:AdamW", lr=1e-3, weight_decay=0.01, to="composer:DecoupledAdamW", first_lr=4e-5)
    assert found.value == pytest.approx(1e-5 / 25, rel=1e-14)
    assert found.value * 1e-3 / 4e-5 == pytest.approx(1e-3 * 0.01, rel=1e-14)


def test_a_momentum_that_the_brackets_do_not_say() -> None:
    (said,) = wd.translate("torch:AdamW", lr=0.1, weight_decay=0.01, to="torch:SGD", momentum=0.9)
    assert said.value == one("torch:AdamW", "torch:SGD(momentum=.9)", 0.1, 0.01).value
    lmbda = wd.conventions.lmbda_from_coupled(said.value, eta=0.1, n=1000, momentum=0.9)
    assert lmbda == pytest.approx(0.01 * 1000, rel=1e-12)


@pytest.mark.parametrize("rms, scale", [(0.02, 0.02), (1e-5, 1e-3)])
def test_a_decay_that_is_multiplied_by_the_weights_rms(rms: float, scale: float) -> None:
    spec = "transformers:Adafactor(relative_step=False)"
    assert one("torch:AdamW", spec, 0.1, 0.01).value is None
    assert one("torch:AdamW", spec, 0.1, 0.01, weight_rms=rms).value == pytest.approx(0.01 / scale, rel=1e-14)


def test_a_new_minibatch_without_the_old_one_is_refused() -> None:
    with pytest.raises(ValueError, match="to_batch=256: from which minibatch is not known: give batch"):
        wd.translate("torch:AdamW", lr=3e-4, weight_decay=0.1, to="keras:AdamW", to_batch=256)
    (found,) = wd.translate(
        "torch:AdamW", lr=3e-4, weight_decay=0.1, to="sklearn:MLPClassifier(solver=sgd)", to_batch=256
    )
    assert found.law
