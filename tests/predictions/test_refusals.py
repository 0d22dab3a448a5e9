"""What of a run cannot be meant, named as Python has it and as the shell has it."""

import pytest

import wd_jax as wd
from wd_jax.cli import main

pytestmark = pytest.mark.numeric
BASE = {"eta": 1e-3, "weight_decay": 0.1, "steps": 1000}
REFUSED = {
    "two lengths": ({"epochs": 3, "n": 100}, "steps and epochs given: each says how long the run is: give one"),
    "three lengths": (
        {"epochs": 3, "n": 100, "tokens": 9, "tokens_per_step": 3},
        "steps and epochs and tokens given: each says how long the run is: give one",
    ),
    "epochs of nothing": ({"steps": None, "epochs": 3}, "an epoch is a pass over the training set: give n and m too"),
    "tokens alone": ({"steps": None, "tokens": 10**6}, "tokens=1000000: give tokens_per_step too"),
    "tokens per step alone": ({"tokens_per_step": 512}, "tokens_per_step=512: give tokens too"),
    "fewer tokens than a step": (
        {"steps": None, "tokens": 5, "tokens_per_step": 10},
        "tokens=5: fewer than the 10 of one step: tokens are those of the whole run",
    ),
    "m of nothing": ({"m": 32}, "m=32: it is compared with the training set: give n too"),
    "no length at all": ({"steps": None}, "n: missing, give it a value, or steps, or tokens and tokens_per_step"),
    "lmbda of nothing": ({"weight_decay": None, "lmbda": 5.0}, "lmbda=5: it is divided by the number of training"),
    "no steps": ({"steps": 0}, "steps=0: give a whole number of at least 1"),
    "half a step": ({"steps": 0.5}, "steps=0.5: give a whole number of at least 1"),
    "more steps than there are": ({"steps": 10**19}, "steps=10000000000000000000: at most 1000000000000000000"),
    "a schedule that there is not": (
        {"eta_schedule": "cosin"},
        "eta_schedule='cosin': choose constant, linear, cosine",
    ),
    "a number": ({"eta_schedule": 0.5}, "eta_schedule=0.5: give a schedule, such as 'cosine'"),
    "a schedule of no run": (
        {"steps": None, "n": 100, "eta_schedule": "cosine"},
        "eta_schedule=cosine: it goes over a run, which has no length: give steps or epochs or tokens",
    ),
    "a schedule that does not fit": (
        {"eta_schedule": "warm_up(2000)"},
        "eta_schedule=warm_up(2000): the warm-up takes 2000 steps and the run has 1000: shorten it, or train longer",
    ),
    "too many steps of a schedule": (
        {"steps": 10**9, "lmbda_schedule": "linear"},
        "lmbda_schedule=linear: at most 10000000 steps under a schedule",
    ),
    "too many steps of momentum": (
        {"steps": 10**7, "eta_schedule": "linear", "momentum": 0.9},
        "eta_schedule=linear: at most 2000000 steps under a schedule",
    ),
    "another dtype": ({"dtype": "bf16"}, "dtype='bf16': give 'bfloat16'"),
    "no dtype": ({"dtype": "int8"}, "dtype='int8': choose float64, float32, float16, bfloat16"),
    "a beta without a rule": ({"beta1": 0.9}, "beta1=0.9: it belongs to a rule: give optimiser='adamw'"),
    "a beta of SGD": ({"beta1": 0.9, "optimiser": "sgdw"}, "beta1=0.9: sgdw reads no beta1: leave it out"),
    "a beta of Muon's": ({"beta2": 1.5, "optimiser": "muon"}, "beta2=1.5: 1.5 is not at least 0 and below 1"),
    "Adam with L2": (
        {"optimiser": "adam_l2"},
        "its decay is divided by the gradient's size and has no rate of its own",
    ),
    "all of a weight": (
        {"weight_decay": 1000.0},
        "a step would remove 1 of each weight: lower it until that is below 1",
    ),
}
PYTHON_ONLY = ("no steps", "half a step", "more steps than there are", "a number")


@pytest.mark.parametrize("given, words", REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_meant_is_one_line_with_its_remedy(given: dict, words: str) -> None:
    with pytest.raises((ValueError, TypeError)) as error:
        wd.predict(**{**BASE, **given})
    assert words in str(error.value) and "\n" not in str(error.value) and "--" not in str(error.value)


@pytest.mark.parametrize("name", [name for name in REFUSED if name not in PYTHON_ONLY])
def test_the_shell_refuses_the_same(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    given, words = REFUSED[name]
    line = ["predict"]
    for argument, value in {**BASE, **given}.items():
        if value is not None:
            line += [f"--{argument.replace('_', '-')}", str(value)]
    assert main(line) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("error: --") and err.count("\n") == 1
    # The same sentence behind the argument's name, with its remedies as options.
    assert words.split(": ", 1)[-1].split("give")[0].split("tokens")[0] in err


def test_a_dtype_of_numpy_is_taken() -> None:
    import numpy as np

    assert wd.predict(**BASE, dtype=np.float32).setting.dtype == "float32"
