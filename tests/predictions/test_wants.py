"""The decay that does what is wanted: every want there and back, and those that no decay can do."""

import math

import pytest

import wd_jax as wd

pytestmark = pytest.mark.numeric
RUNS = {
    "adamw": {"eta": 3e-4, "optimiser": "adamw", "steps": 20_000},
    "adamw, cosine": {"eta": 3e-4, "optimiser": "adamw", "steps": 20_000, "eta_schedule": "cosine"},
    "lion, epochs": {"eta": 1e-4, "optimiser": "lion", "epochs": 30, "n": 5000, "m": 32, "eta_schedule": "wsd"},
    "lmbda falls": {"eta": 1e-3, "optimiser": "sign_momentum", "steps": 5000, "lmbda_schedule": "linear(end=0.1)"},
    "torch SGD": {"eta": 0.1, "momentum": 0.9, "epochs": 30, "n": 5000, "m": 32},
    "torch SGD, cosine": {"eta": 0.1, "momentum": 0.9, "steps": 3000, "eta_schedule": "cosine"},
    "torch Nesterov": {"eta": 0.1, "momentum": 0.95, "nesterov": True, "epochs": 30, "n": 5000, "m": 32},
    "torch Nesterov, warm-up": {
        "eta": 0.1, "momentum": 0.9, "nesterov": True, "steps": 3000, "eta_schedule": "warm_up(100, then=linear)",
    },
    "tokens": {"eta": 0.02, "optimiser": "adamw", "tokens": 10**9, "tokens_per_step": 2**19, "eta_schedule": "linear"},
}  # fmt: skip
ASKED = {
    "timescale": (0.05, 0.2, 1.5),
    "half_life": (0.1, 0.4),
    "retained": (0.9, 0.1, 1e-3),
    "rms_at_rest": (0.02, 0.3),
}


def does(found: wd.Prediction, name: str) -> float:
    """Read off what the decay that was found does."""
    epochs = found.half_life_epochs_from_rest or found.half_life_epochs
    return {
        "timescale": found.timescale_share,
        "half_life": found.half_life_steps if epochs is None else epochs,
        "retained": found.retained,
        "rms_at_rest": found.rms_at_rest,
    }[name]


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("run", RUNS.values(), ids=list(RUNS))
def test_what_is_wanted_is_what_comes_out(run: dict, name: str) -> None:
    if name == "rms_at_rest" and "momentum" in run:
        pytest.skip("of SGD the size at rest is the gradient's")
    for value in ASKED[name]:
        if name == "half_life":
            value *= run.get("epochs") or wd.predict(**run, weight_decay=0).total_steps
        found = wd.predict(**run, want={name: value})
        assert does(found, name) == pytest.approx(value, rel=1e-11)
        again = wd.predict(**run, weight_decay=found.weight_decay)
        assert does(again, name) == does(found, name)
        assert found.solved.want.name == name and found.solved.weight_decay == found.weight_decay


@pytest.mark.parametrize("name", ASKED)
def test_there_and_back_from_a_decay(name: str) -> None:
    for run in (RUNS["adamw"], RUNS["adamw, cosine"], RUNS["tokens"]):
        start = wd.predict(**run, weight_decay=0.25)
        if math.isfinite(does(start, name)):
            assert wd.predict(**run, want={name: does(start, name)}).weight_decay == pytest.approx(0.25, rel=1e-12)


def test_the_closed_forms_say_so_and_the_roots_too() -> None:
    how = {
        (name, label): wd.predict(**RUNS[label], want={name: value}).solved.how
        for label in ("adamw", "adamw, cosine")
        for name, value in {"timescale": 0.2, "half_life": 2000.0, "retained": 0.1, "rms_at_rest": 0.02}.items()
    }
    closed = {key for key, said in how.items() if said == "closed form"}
    assert closed == {
        ("timescale", "adamw"),
        ("timescale", "adamw, cosine"),
        ("half_life", "adamw"),
        ("retained", "adamw"),
    }
    assert set(how.values()) == {"closed form", "bracketed root"}


def test_the_unit_of_a_half_life_is_said() -> None:
    epochs = wd.predict(eta=0.1, n=5000, m=50, want="half-life=5")
    assert epochs.half_life_epochs == pytest.approx(5, rel=1e-12) and "half_life = 5 (epochs)" in repr(epochs)
    steps = wd.predict(eta=0.1, steps=100, want="half_life=5")
    assert steps.half_life_steps == pytest.approx(5, rel=1e-12) and "half_life = 5 (steps)" in repr(steps)
    assert epochs.record()["asked"]["wanted"].endswith("weight_decay_for_left_constant, 1/2 left after so many steps]")


ADAMW = {"eta": 1e-3, "optimiser": "adamw", "steps": 1000}
HOSTILE = {
    "unknown": ({"want": "timescal=0.2"}, "'timescal' is none of those there are: give one of timescale=VALUE"),
    "no value": ({"want": "timescale"}, "give one of timescale=VALUE, half_life=VALUE"),
    "two values": ({"want": "timescale=1=2"}, "give one of timescale=VALUE"),
    "word": ({"want": "timescale=short"}, "'short' is not a number: give one"),
    "zero": ({"want": "timescale=0"}, "want=timescale=0: give a share of the run, such as 0.2, above 0"),
    "negative": ({"want": "half-life=-5"}, "want=half_life=-5: give a number of epochs"),
    "nan": ({"want": "retained=nan"}, "want=retained=nan: give what is to be left"),
    "infinite": ({"want": "rms_at_rest=inf"}, "give a size of weights"),
    "all is left": ({"want": "retained=1"}, "leaves less than all of the start: give a number below 1"),
    "more is left": ({"want": {"retained": 1.5}}, "leaves less than all of the start"),
    "two": ({"want": {"retained": 0.1, "timescale": 0.2}}, "one decay cannot do two things"),
    "a number": ({"want": 0.2}, "want=0.2: give one of timescale=VALUE"),
    "and a decay": ({"want": "timescale=0.2", "weight_decay": 0.1}, "weight_decay: the decay is what want solves for"),
    "no run": ({"want": "timescale=0.2", "steps": None, "n": 100}, "it is of a run, which has no length: give steps"),
    "too short": (
        {"want": "timescale=0.2", "steps": 4},
        "would have to remove 1.25 of each weight, more than there is",
    ),
    "beyond the run": (
        {"want": "half_life=1500", "eta_schedule": "cosine"},
        "that is 1500 steps, and the run under a schedule has 1000: give a shorter one",
    ),
    "below a step": ({"want": "rms_at_rest=1e-6"}, "a single update holds weights of 0.0002294 even if"),
    "no size": (
        {"want": "rms_at_rest=0.1", "optimiser": "sgdw"},
        "no derivation here says where weights of sgdw settle",
    ),
    "no rule": ({"want": "rms_at_rest=0.1", "optimiser": ""}, "are the optimiser's, which was not given"),
    "two sizes": (
        {"want": "rms_at_rest=0.1", "optimiser": "muon", "n_in": 100},
        "Muon's size is known between two bounds only",
    ),
    "faster than momentum": (
        {"want": "retained=1e-40", "optimiser": "momentum", "momentum": 0.9},
        "with a momentum of 0.9 weights decay by at most 0.05132 per step, and oscillate beyond",
    ),
    "shorter than momentum": (
        {"want": "timescale=0.001", "optimiser": "momentum", "momentum": 0.9},
        "with a momentum of 0.9 weights decay by at most",
    ),
    "all in one step": ({"want": "half_life=0.001", "eta_schedule": "linear"}, "no decay does that"),
}


@pytest.mark.parametrize("given, words", HOSTILE.values(), ids=list(HOSTILE))
def test_what_cannot_be_wanted_says_why_in_one_line(given: dict, words: str) -> None:
    with pytest.raises(ValueError) as error:
        wd.predict(**{**ADAMW, **given})
    assert words in str(error.value) and "\n" not in str(error.value) and "--" not in str(error.value)
