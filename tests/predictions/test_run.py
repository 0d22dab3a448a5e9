"""A run that is predicted, against loops over all its steps that know nothing of the package."""

import math

import ml_dtypes
import numpy as np
import pytest

import wd_jax as wd

pytestmark = pytest.mark.numeric
STEPS = 100_000
WORKED = {"optimiser": "adamw", "eta": 3e-4, "weight_decay": 0.1, "steps": STEPS}


def factor(name: str, k: int, total: int) -> float:
    """Write the schedule of step k out."""
    return {
        "constant": 1.0,
        "cosine": (1 + math.cos(math.pi * k / total)) / 2,
        "linear": 1 - k / total,
        "wsd": min(1.0, k / (total // 10), (total - k) / (total // 5)),
    }[name]


def looped(name: str, eta: float, weight_decay: float, total: int) -> dict[str, float]:
    """Make every step of a decoupled decay on a weight of 1, and remember when it passed what."""
    weight, found, rates = 1.0, {}, []
    for k in range(total):
        rates.append(eta * factor(name, k, total))
        before, weight = weight, weight * (1 - rates[-1] * weight_decay)
        for mark, level in (("half_life_steps", 0.5), ("steps_to_rest", 0.1)):
            if weight <= level < before:
                found[mark] = k + math.log(level / before) / math.log(weight / before)
    return found | {"retained": weight, "sum": math.fsum(rates) * weight_decay, "last": rates[-1] * weight_decay}


def looped_ages(name: str, eta: float, weight_decay: float, total: int, parts: int = 10) -> list[float]:
    """Follow averages of which each is moved towards 1 in one tenth of the run and towards 0 in all others."""
    shares = [0.0] * parts
    for k in range(total):
        epsilon = eta * factor(name, k, total) * weight_decay
        shares = [share * (1 - epsilon) for share in shares]
        shares[k * parts // total] += epsilon
    return shares[::-1]


@pytest.mark.parametrize("name", ["constant", "cosine", "linear", "wsd"])
def test_every_number_of_the_worked_case_is_a_loops(name: str) -> None:
    found, loop = wd.predict(**WORKED, eta_schedule=name), looped(name, 3e-4, 0.1, STEPS)
    assert found.retained == pytest.approx(loop["retained"], rel=1e-10)
    assert found.decay_over_run == pytest.approx(1 - loop["retained"], rel=1e-10)
    assert found.per_step_decay == pytest.approx(3e-5, rel=1e-14)
    assert found.per_step_decay_mean == pytest.approx(loop["sum"] / STEPS, rel=1e-12)
    assert found.per_step_decay_last == pytest.approx(loop["last"], rel=1e-6)
    assert found.timescale_share == pytest.approx(1 / loop["sum"], rel=1e-12)
    assert found.timescale_steps == pytest.approx(STEPS / loop["sum"], rel=1e-12)
    assert found.half_life_steps == pytest.approx(loop["half_life_steps"], rel=1e-9)
    assert found.half_life_share == pytest.approx(loop["half_life_steps"] / STEPS, rel=1e-9)
    assert found.steps_to_rest == pytest.approx(loop.get("steps_to_rest", math.inf), rel=1e-9)
    shares = looped_ages(name, 3e-4, 0.1, STEPS)
    assert found.weight_by_age == pytest.approx(shares, rel=1e-8)
    assert sum(found.weight_by_age) + found.retained == pytest.approx(1, abs=1e-12)
    assert found.retained_at_constant_rate == pytest.approx(looped("constant", 3e-4, 0.1, STEPS)["retained"], rel=1e-10)


def test_the_numbers_that_were_asked_for() -> None:
    assert round(wd.predict(**WORKED, eta_schedule="cosine").retained, 3) == 0.223
    assert round(wd.predict(**WORKED).retained, 4) == 0.0498
    run = {"optimiser": "adamw", "eta": 3e-4, "steps": STEPS, "want": "timescale=0.2"}
    assert round(wd.predict(**run).weight_decay, 4) == 0.1667
    assert round(wd.predict(**run, eta_schedule="cosine").weight_decay, 3) == 0.333
    torch = wd.predict(eta=0.1, weight_decay=5e-4, n=50_000, m=128, momentum=0.9, epochs=200)
    assert round(torch.half_life_epochs_from_rest, 2) == round(torch.half_life_steps / 391, 2) == 3.55


def test_the_worked_case_in_bfloat16_does_not_decay() -> None:
    """Each step of w - eta*wd*w, and of w*(1 - eta*wd), rounded to bfloat16 as a 16-bit run has it."""
    found = wd.predict(**WORKED, eta_schedule="cosine", dtype="bfloat16")
    start = np.array([0.02, 0.3, 1.0, 1.7], ml_dtypes.bfloat16)
    subtracted, multiplied = start, start
    for k in range(0, STEPS, 500):
        epsilon = 3e-5 * factor("cosine", k, STEPS)
        taken = (ml_dtypes.bfloat16(epsilon) * subtracted).astype(ml_dtypes.bfloat16)
        subtracted = (subtracted - taken).astype(ml_dtypes.bfloat16)
        multiplied = (multiplied * ml_dtypes.bfloat16(1 - epsilon)).astype(ml_dtypes.bfloat16)
    assert (subtracted == start).all() and (multiplied == start).all()
    assert found.decay_kept["bfloat16"]["subtract"]["word"] == "lost"
    assert found.warnings[0].startswith("bfloat16: no weight without gradient moves at all: a decay of 3e-05 per step")
    assert "any up to 0.00195 is: keep float32 master weights" in found.warnings[0]
    assert "bfloat16 keeps of the decay" in repr(found) and "float32 keeps" not in repr(found)


def test_size_and_rotation_of_the_worked_case_are_those_of_a_loop_over_moments() -> None:
    """AdamW on noise of variance 1 with v = 1: E[m w], E[w^2] and E[w w'] step by step until they stand still."""
    eta, epsilon, beta1 = 3e-4, 3e-5, 0.9
    noise = (1 - beta1) / (1 + beta1)
    square = cross = 0.0
    for _ in range(600_000):
        overlap = beta1 * cross  # of the new average with the old weight
        ahead = (1 - epsilon) ** 2 * square - 2 * (1 - epsilon) * eta * overlap + eta**2 * noise
        cross, square, before = (1 - epsilon) * overlap - eta * noise, ahead, square
    found = wd.predict(**WORKED)
    assert found.rms_at_rest == pytest.approx(math.sqrt(square), rel=1e-9)
    cosine = ((1 - epsilon) * before - eta * beta1 * cross) / square
    assert found.rotation_at_rest == pytest.approx(math.degrees(math.acos(cosine)), rel=1e-6)


def torch_sgd(
    etas: list[float], weight_decay: float, momentum: float, nesterov: bool, kicks: list[float]
) -> list[float]:
    """torch.optim.SGD with its velocity 0 at the start, the gradient of step k being kicks[k]."""
    weight, velocity, weights = (1.0 if not any(kicks) else 0.0), 0.0, []
    for eta, kick in zip(etas, kicks, strict=True):
        gradient = kick + weight_decay * weight
        velocity = momentum * velocity + gradient
        weight -= eta * (gradient + momentum * velocity if nesterov else velocity)
        weights.append(weight)
    return weights


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("name", ["constant", "cosine"])
def test_momentum_under_a_schedule_is_what_the_steps_make(name: str, nesterov: bool) -> None:
    total, decay = 4000, 5e-3
    found = wd.predict(
        eta=0.1, weight_decay=decay, momentum=0.9, nesterov=nesterov, steps=total, n=1000, m=10, eta_schedule=name
    )
    etas = [0.1 * factor(name, k, total) for k in range(total)]
    weights = torch_sgd(etas, decay, 0.9, nesterov, [0.0] * total)
    assert found.retained == pytest.approx(weights[-1], rel=1e-9)
    first = next(k for k, weight in enumerate(weights) if weight <= 0.5)
    assert first <= found.half_life_steps <= first + 1
    steady = 0.0 if name == "cosine" else found.half_life_epochs_from_rest * 100 - found.half_life_steps
    assert abs(steady) < 1e-3
    tenths = []
    for part in range(10):
        kicks = [-1.0 if k * 10 // total == part else 0.0 for k in range(total)]
        tenths.append(torch_sgd(etas, decay, 0.9, nesterov, kicks)[-1])
    shares = [tenth / sum(tenths) * (1 - weights[-1]) for tenth in reversed(tenths)]
    assert found.weight_by_age == pytest.approx(shares, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("steps", [3, 20, 20_000])
def test_the_modes_of_momentum_are_its_steps(nesterov: bool, steps: int) -> None:
    """The same run with its modes added and with its steps made, which a schedule that stays at 1 has."""
    run = {"eta": 0.1, "weight_decay": 1e-3, "momentum": 0.9, "nesterov": nesterov, "steps": steps}
    added = wd.predict(**run)
    made = wd.predict(**run, eta_schedule="linear(end=1.0)")
    assert made.formulas["retained"] != added.formulas["retained"]
    for name in ("retained", "timescale_steps"):
        assert getattr(added, name) == pytest.approx(getattr(made, name), rel=1e-9)
    assert added.weight_by_age == pytest.approx(made.weight_by_age, rel=1e-9, abs=1e-15)
    if steps > 10_000:
        for name in ("half_life_steps", "steps_to_rest", "median_age_steps"):
            assert getattr(added, name) == pytest.approx(getattr(made, name), rel=1e-6)


def test_a_half_life_beyond_the_run_and_without_one_is_that_of_a_longer_run() -> None:
    long = wd.predict(eta=0.1, weight_decay=5e-4, momentum=0.9, steps=50_000)
    short = wd.predict(eta=0.1, weight_decay=5e-4, momentum=0.9, steps=5)
    none = wd.predict(eta=0.1, weight_decay=5e-4, momentum=0.9, n=50_000, m=128)
    assert long.half_life_steps == short.half_life_steps == none.half_life_steps
    assert long.half_life_steps == pytest.approx(none.half_life_epochs_from_rest * 391, rel=1e-12)


@pytest.mark.parametrize("total", [50, 200_000])
def test_where_weights_oscillate_the_times_are_the_envelopes(total: int) -> None:
    found = wd.predict(eta=0.1, weight_decay=0.4, momentum=0.9, steps=total)
    assert found.half_life_steps == pytest.approx(math.log(2) / (-math.log(0.9) / 2), rel=1e-9)
    if total == 50:
        assert found.retained == pytest.approx(torch_sgd([0.1] * 50, 0.4, 0.9, False, [0.0] * 50)[-1], rel=1e-9)


def test_an_absolute_decay_does_not_follow_the_rate_and_updates_do() -> None:
    total, epsilon = 1000, 5e-3
    found = wd.predict(eta=0.1, absolute_decay=epsilon, steps=total, eta_schedule="linear")
    assert found.retained == pytest.approx((1 - epsilon) ** total, rel=1e-10)
    worth = [factor("linear", k, total) * (1 - epsilon) ** (total - 1 - k) for k in range(total)]
    tenth = math.fsum(worth[-100:]) / math.fsum(worth) * (1 - found.retained)
    assert found.weight_by_age[0] == pytest.approx(tenth, rel=1e-9)
    assert any("does not follow eta's schedule" in said for said in found.assumptions)
    both = wd.predict(eta=0.1, absolute_decay=epsilon, steps=total, eta_schedule="linear", lmbda_schedule="linear")
    assert both.retained == pytest.approx(looped("linear", 1.0, epsilon, total)["retained"], rel=1e-10)


def test_a_schedule_of_the_decay_counts_as_one_of_the_rate() -> None:
    one = wd.predict(eta=0.1, weight_decay=0.05, steps=1000, lmbda_schedule=wd.schedules.cosine())
    other = wd.predict(eta=0.1, weight_decay=0.05, steps=1000, eta_schedule="cosine")
    assert one.retained == other.retained and one.half_life_steps == other.half_life_steps
    assert one.weight_by_age[0] > other.weight_by_age[0]  # late updates are not made smaller


@pytest.mark.parametrize(
    "length", [{"steps": 1908}, {"tokens": 10**9, "tokens_per_step": 2**19}, {"epochs": 53, "n": 1130, "m": 32}]
)
def test_a_run_is_as_long_in_each_unit(length: dict) -> None:
    found = wd.predict(eta=0.01, weight_decay=0.1, optimiser="lion", eta_schedule="wsd", **length)
    assert found.total_steps == 1908
    assert found.retained == pytest.approx(
        wd.predict(eta=0.01, weight_decay=0.1, steps=1908, eta_schedule="wsd").retained
    )
    assert found.total_epochs == (53 if "epochs" in length else None)


@pytest.mark.parametrize("name", ["linear", "cosine", "wsd"])
def test_the_sum_of_the_rates_is_the_derivations(name: str) -> None:
    import derivations

    total = 1000
    lengths = {"warmup_steps": 100, "stable_steps": 700, "cooldown_steps": 200} if name == "wsd" else {}
    law = derivations.derive("schedules").formulas[f"rate_sum_{name}"]
    found = wd.predict(eta=0.1, weight_decay=0.1, steps=total, eta_schedule=name)
    rates = law(eta=0.1, **(lengths or {"total_steps": total}))
    assert found.timescale_share == pytest.approx(1 / (rates * 0.1), rel=1e-12)


def test_of_a_run_without_decay_nothing_is_forgotten() -> None:
    found = wd.predict(eta=0.1, weight_decay=0, steps=10, optimiser="adamw", momentum=0.9)
    assert (found.retained, found.weight_by_age, found.timescale_share) == (1, (), math.inf)
    assert found.rms_at_rest is None and "their size grows" in repr(found) and "nothing is forgotten" in repr(found)
    assert found.record()["timescale_steps"] is None and found.warnings == ()


@pytest.mark.parametrize("total", [1, 2, 9, 11])
def test_the_shortest_runs_have_an_answer(total: int) -> None:
    found = wd.predict(eta=0.5, weight_decay=0.5, steps=total, optimiser="adamw")
    assert found.retained == pytest.approx(0.75**total) and len(found.weight_by_age) == min(total, 10)
    assert sum(found.weight_by_age) == pytest.approx(1 - 0.75**total)


def test_where_the_half_life_is_not_reached_it_is_never() -> None:
    found = wd.predict(eta=1e-3, weight_decay=0.1, steps=1000, eta_schedule="linear", n=100, m=10)
    assert found.half_life_steps == found.half_life_epochs == math.inf and "never" in repr(found)
    assert found.record()["half_life_steps"] is None


@pytest.mark.parametrize("name", ["constant", "cosine", "wsd"])
def test_the_size_at_the_end_is_that_of_a_loop_over_moments(name: str) -> None:
    """From N(0, 1/64), the average warm: E[w^2] and E[w m] of AdamW on noise in each step."""
    total, beta1 = 20_000, 0.95
    noise, square, cross = (1 - beta1) / (1 + beta1), 1 / 64, 0.0
    for k in range(total):
        eta = 1e-3 * factor(name, k, total)
        left = 1 - eta * 0.1
        square, cross = (
            left**2 * square - 2 * left * eta * beta1 * cross + eta**2 * noise,
            left * beta1 * cross - eta * noise,
        )
    found = wd.predict(
        eta=1e-3, weight_decay=0.1, optimiser="adamw", beta1=beta1, steps=total, eta_schedule=name, n_in=64
    )
    assert found.rms_at_end == pytest.approx(math.sqrt(square), rel=1e-3)
    assert "rms_at_end" in found.record() and found.formulas["rms_at_end"].startswith("adamw")


def test_adam_with_l2_against_noise_forgets_as_told() -> None:
    """torch.optim.Adam with weight_decay on 4000 weights of 0.05 whose gradients are noise of deviation 0.5."""
    total, eta, decay, beta1, beta2, s = 2000, 1e-4, 2.0, 0.9, 0.999, 0.5
    rng = np.random.default_rng(0)
    weights = np.full(4000, 0.05)
    mean = np.zeros(4000)
    square = np.full(4000, s**2)
    for _ in range(total):
        gradient = rng.normal(0, s, 4000) + decay * weights
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient**2
        weights = weights - eta * mean / np.sqrt(square)
    found = wd.predict(eta=eta, weight_decay=decay, optimiser="adam_l2", batch_gradient_rms=s, steps=total)
    assert found.per_step_decay == pytest.approx(4e-4) and found.retained == pytest.approx(math.exp(-0.8), rel=1e-3)
    assert weights.mean() / 0.05 == pytest.approx(found.retained, abs=0.05)
    assert found.warnings == () or all("rounding" not in line for line in found.warnings)
    assert "keeps of the decay" not in repr(found) and "does not depend on lmbda" in repr(found)
    wanted = wd.predict(eta=eta, optimiser="adam_l2", batch_gradient_rms=s, steps=total, want="timescale=1.25")
    assert wanted.weight_decay == pytest.approx(decay, rel=1e-12)


def test_what_sgdw_takes_for_its_momentum_is_said() -> None:
    run = {"eta": 0.1, "weight_decay": 5e-4, "optimiser": "sgdw", "steps": 10**5, "batch_gradient_rms": 0.03}
    assert any("momentum = 0.9, the default of sgdw here" in said for said in wd.predict(**run).assumptions)
    assert wd.predict(**run).rms_at_rest == wd.predict(**run, momentum=0.9).rms_at_rest
    wanted = wd.predict(**{**run, "weight_decay": None}, want={"rms_at_rest": wd.predict(**run).rms_at_rest})
    assert wanted.weight_decay == pytest.approx(5e-4, rel=1e-11)


def test_adam_with_l2_has_no_velocity_for_the_decay_to_go_through() -> None:
    run = {"eta": 1e-3, "weight_decay": 1e-3, "optimiser": "adam_l2", "batch_gradient_rms": 0.02, "steps": 10_000}
    assert wd.predict(**run, momentum=0.9).retained == wd.predict(**run).retained
