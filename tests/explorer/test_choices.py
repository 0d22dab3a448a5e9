"""Optimiser, schedule and precision on the page, against loops, `wd.predict`, `wd.schedules` and `wd_jax.precision`."""

import math

import numpy as np
import pytest

import wd_jax as wd
from tests.explorer.test_explorer import gathered, in_node
from wd_jax import precision
from wd_jax.report import explorer_data as glue
from wd_jax.report.explorer import CHOICES, explorer

pytestmark = pytest.mark.numeric
SETTING = {
    "eta": 0.1,
    "lmbda": 5.0,
    "n": 50_000,
    "m": 100,
    "n_in": 784,
    "momentum": 0.0,
    "n_w": 100,
    "Q": 1.0,
    "epochs": 7,
}
SCHEDULES = {
    "constant": wd.schedules.constant(),
    "linear": wd.schedules.linear(),
    "cosine": wd.schedules.cosine(),
    "warm_up_cosine": wd.schedules.warm_up(0.1, then="cosine"),
    "wsd": wd.schedules.wsd(),
}


def records(*settings):
    return in_node(gathered(), settings=[SETTING | setting for setting in settings])["records"]


def loop(optimiser, factors, epsilon, momentum):
    """What is left of a weight of 1 under decay alone, step by step, as PyTorch's SGD takes it."""
    weight, velocity, path = 1.0, 0.0, []
    for factor in factors:
        if optimiser == "absolute":
            weight *= 1 - epsilon
        elif optimiser == "decoupled":
            weight *= 1 - epsilon * factor
        else:
            velocity = momentum * velocity + weight
            weight -= epsilon * factor * (weight + momentum * velocity if optimiser == "nesterov" else velocity)
        path.append(weight)
    return path


def test_every_schedule_of_the_page_is_here():
    assert set(SCHEDULES) == set(CHOICES["schedule"][1])


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("epochs", [1, 7])
@pytest.mark.parametrize("m", [100, 7_000])
def test_a_schedule_leaves_what_the_loop_leaves(name, epochs, m):
    steps = epochs * math.ceil(50_000 / m)
    factors = SCHEDULES[name].factors(steps)
    (record,) = records({"schedule": name, "epochs": epochs, "m": m, "lmbda": 500.0, "optimiser": "decoupled"})
    assert record["total_steps"] == steps
    left = loop("decoupled", factors, 1e-3, 0)[-1]
    assert abs(math.log(record["run_factor"] / left)) <= steps * record["beyond_second_order"] + 1e-12
    assert record["run_factor_limit"] == pytest.approx(math.exp(-1e-3 * factors.sum()), rel=1e-11)
    assert record["run_timescale"] == pytest.approx(1 / (1e-3 * factors.sum()), rel=1e-11)


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_curve_of_a_run_ends_where_the_table_says_and_is_the_loop_s_on_the_way(name):
    setting = SETTING | {"schedule": name, "optimiser": "decoupled", "precision": "float32", "lmbda": 50.0}
    shares = [0, 0.25, 0.5, 1]
    ((points, record),) = in_node(gathered(), runs=[(setting, shares)])["runs"]
    path = [1.0, *loop("decoupled", SCHEDULES[name].factors(3500), 1e-4, 0)]
    assert [epoch for epoch, _ in points] == [7 * share for share in shares]
    assert [left for _, left in points] == pytest.approx([path[int(3500 * share)] for share in shares], rel=1e-8)
    assert points[-1][1] == record["run_factor"]


def test_the_worked_case_of_the_issue():
    """AdamW, 3e-4, 0.1, 100 000 steps: cosine leaves .223 where a constant rate leaves .0498."""
    (opened,) = [preset for preset in gathered().data["presets"] if "AdamW" in preset["label"]]
    values = opened["values"] | opened["choices"]
    cosine, constant = records(values, values | {"schedule": "constant"})
    assert (round(cosine["run_factor"], 3), round(constant["run_factor"], 4)) == (0.223, 0.0498)
    assert cosine["total_steps"] == 100_000
    assert (round(cosine["run_timescale"], 3), round(constant["run_timescale"], 3)) == (0.667, 0.333)
    assert (cosine["precision"], cosine["share_kept"]) == ("lost", 0)
    # A timescale of .2 of the run wants .1667 at a constant rate and .333 under cosine.
    wanted = [{"lmbda": decay * values["n"], "schedule": s} for decay, s in ((1 / 6, "constant"), (1 / 3, "cosine"))]
    assert [one["run_timescale"] for one in records(*(values | one for one in wanted))] == pytest.approx(
        [0.2] * 2, 1e-4
    )


def test_decay_that_no_schedule_scales_is_that_of_a_constant_rate():
    absolute, constant = records({"optimiser": "absolute", "schedule": "cosine"}, {"optimiser": "decoupled"})
    for name in ("run_factor", "run_timescale"):
        assert absolute[name] == constant[name]
    assert absolute["run_factor"] == pytest.approx(loop("absolute", range(3500), 1e-5, 0)[-1], rel=1e-12)


@pytest.mark.parametrize("optimiser", ["decoupled", "absolute"])
def test_decoupled_decay_does_not_go_through_the_momentum(optimiser):
    with_momentum, without = records({"optimiser": optimiser, "momentum": 0.9}, {"optimiser": optimiser})
    assert with_momentum == without | {"critical_lmbda": with_momentum["critical_lmbda"]}
    assert without["momentum_half_life_epochs"] is None and not without["through"]


@pytest.mark.parametrize(
    ("optimiser", "predicts"), [("sgd", "momentum"), ("nesterov", "nesterov"), ("decoupled", "sgdw")]
)
@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_the_numbers_with_momentum_are_those_of_predict(optimiser, predicts, momentum):
    (record,) = records({"optimiser": optimiser, "momentum": momentum})
    own = {name: SETTING[name] for name in ("eta", "lmbda", "n", "m")}
    wanted = wd.predict(**own, momentum=momentum, optimiser=predicts).record()
    through = "" if optimiser == "decoupled" else "momentum_"
    for name in ("per_epoch_factor", "half_life_epochs"):
        assert record[f"{through}{name}"] == pytest.approx(wanted[name], rel=1e-9), name
    assert record["run_factor"] == pytest.approx(wanted["per_epoch_factor"] ** 7, rel=1e-9)


@pytest.mark.parametrize("optimiser", ["sgd", "nesterov"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_momentum_under_a_schedule_is_told_as_a_limit(optimiser, name):
    """Only in the limit, here of epsilon/(1 - mu)^2 = 0.002; there it is the loop's, up to a start from rest."""
    (record,) = records({"optimiser": optimiser, "schedule": name, "momentum": 0.9, "lmbda": 10.0})
    assert (record["run_factor"] is None) == (name != "constant")
    left = loop(optimiser, SCHEDULES[name].factors(3500), 2e-5, 0.9)[-1]
    assert record["run_factor_limit"] == pytest.approx(left, rel=0.004)


def test_beyond_critical_momentum_there_is_no_factor():
    for optimiser, found in zip(("sgd", "nesterov"), records(
        {"momentum": 0.99, "lmbda": 5e4}, {"momentum": 0.99, "lmbda": 5e4, "optimiser": "nesterov"}
    ), strict=True):  # fmt: skip
        names = ("run_factor", "run_factor_limit", "run_timescale_limit", "momentum_per_epoch_factor", "precision")
        assert [found[name] for name in names] == [None] * 5, optimiser


def test_adam_with_l2_has_no_numbers_and_says_why():
    found = in_node(gathered(), settings=[SETTING | {"optimiser": "adam_l2", "schedule": "cosine"}])
    ((record,), (said,)) = found["records"], found["said"]
    kept = {name for name, number in record.items() if number not in (None, False)}
    assert kept <= {"steps_per_epoch", "weight_decay", "total_steps", "critical_lmbda", "beyond_second_order"}
    assert "no rate of its own" in said["setting"] and "no rate" in said["precision"]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16", "float64"])
def test_the_precision_is_judged_as_predict_judges_it(dtype):
    """The word at any decay; the share over a half-life to 0.02, but where it jumps."""
    words = {"lost": "lost", "stuck": "stops", "doubtful": "wrong rate", "kept": "kept"}
    epsilons = np.geomspace(0.3, 20, 80) * precision.LOST / 2.0 ** precision.BITS[dtype]
    found = records(*({"lmbda": epsilon * 5e5, "precision": dtype} for epsilon in epsilons))
    compared = 0
    for epsilon, record in zip(epsilons, found, strict=True):
        asked = record["per_step_decay"]
        assert words[record["precision"]] == precision.word(asked, dtype), epsilon
        if dtype != "float64" and record["precision"] != "kept":
            near = [
                precision.decay_kept(asked * other, dtype, precision.steps_to_halve(asked)) for other in (0.99, 1, 1.01)
            ]
            if max(near) - min(near) < 0.05:
                compared += 1
                assert min(near) - 0.02 <= record["share_kept"] <= max(near) + 0.02, (epsilon, near)
    assert dtype == "float64" or compared > 25
    predicted = wd.predict(eta=0.1, lmbda=found[40]["per_step_decay"] * 5e5, n=50_000).record()["decay_kept"]
    if dtype in predicted:
        assert words[found[40]["precision"]] == predicted[dtype]["subtract"]["word"]


def test_sixteen_bits_are_told_what_keeps_the_decay():
    (said,) = in_node(gathered(), settings=[SETTING | {"precision": "bfloat16", "schedule": "cosine"}])["said"]
    assert said["precision"].startswith("bfloat16 warning: ε = 1e−5 at the largest learning rate is not above 0.002:")
    assert said["precision"].endswith("Keep float32 master weights.")


def test_a_run_is_said_in_words():
    settings = [SETTING | {"schedule": "cosine"}, SETTING | {"schedule": "linear", "momentum": 0.9}]
    plain, through = (said["setting"] for said in in_node(gathered(), settings=settings)["said"])
    assert "A run of 3500 steps with the learning rate cosine to 0 leaves 0.9826 of a weight" in plain
    assert "its timescale is 57.13 of the run." in plain
    assert "in the limit ηλ ≪ n(1 − μ)²" in through and "in the limit" not in plain
    large = SETTING | {"schedule": "cosine", "eta": 1.0, "lmbda": 10_000.0}
    (said,) = in_node(gathered(), settings=[large])["said"]
    assert "may be off by" in said["setting"] and "may be off by" not in plain


def test_a_preset_s_choices_are_checked():
    preset = glue.nielsens()[0] | {"choices": {"schedule": "cosin"}}
    program = "".join(f"function {name}() {{ return 1; }}\n" for name in glue.formulas())
    with pytest.raises(ValueError, match=r"chooses schedule='cosin'; see CHOICES"):
        explorer(program, {"presets": [preset], "precision": {}, "schedules": []})


def test_another_optimiser_or_schedule_is_said_where_q_comes_from():
    opened = gathered().data["presets"][0]["values"]
    settings = [opened | {"schedule": "cosine"}, opened | {"schedule": "cosine", "optimiser": "decoupled"},
                opened | {"epochs": 3, "precision": "float16"}]  # fmt: skip
    one, both, neither = (said["note"] for said in in_node(gathered(), settings=settings)["said"])
    assert one.endswith(", with another schedule; it changes with the setting.")
    assert "with another optimiser and another schedule;" in both
    assert neither == glue.EXAMPLE
