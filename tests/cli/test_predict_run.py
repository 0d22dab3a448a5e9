"""``wd-jax predict`` over a run: the names of the shell, what is printed beside the numbers, what is loaded."""

import json
import re
import subprocess
import sys

import pytest

import wd_jax as wd
from wd_jax.cli import main
from wd_jax.predictions.labels import LABELS
from wd_jax.predictions.language import SHELL

pytestmark = pytest.mark.numeric
WORKED = "--optimiser adamw --lr 3e-4 --weight-decay 0.1 --steps 100000 --schedule cosine --dtype bfloat16"
LINES = {
    WORKED: {
        "optimiser": "adamw", "eta": 3e-4, "weight_decay": 0.1, "steps": 100_000, "eta_schedule": "cosine",
        "dtype": "bfloat16",
    },
    "--eta 0.1 --momentum 0.9 --nesterov --weight-decay 5e-4 --n 5000 --m 128 --epochs 20 --eta-schedule wsd": {
        "eta": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4, "n": 5000, "m": 128, "epochs": 20,
        "eta_schedule": wd.schedules.wsd(),
    },
    "--lr 0.02 --optimiser muon --beta1 0.95 --tokens 1000000000 --tokens-per-step 524288 --n-in 1024 --lmbda-schedule "
    "linear(end=0.1) --weight-decay 0.1": {
        "eta": 0.02, "optimiser": "muon", "beta1": 0.95, "tokens": 10**9, "tokens_per_step": 2**19, "n_in": 1024,
        "lmbda_schedule": "linear(end=0.1)", "weight_decay": 0.1,
    },
    "--lr 1e-4 --optimiser lion --steps 1000 --want rms-at-rest=0.02": {
        "eta": 1e-4, "optimiser": "lion", "steps": 1000, "want": {"rms_at_rest": 0.02},
    },
    "--lr 1e-4 --n 5000 --m 50 --want half-life=5": {"eta": 1e-4, "n": 5000, "m": 50, "want": "half_life=5"},
}  # fmt: skip


def words(line: str) -> list[str]:
    return ["predict", *line.split()]


@pytest.mark.parametrize("line, given", LINES.items(), ids=list(LINES))
def test_the_shell_and_python_say_the_same(line: str, given: dict, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words(line), "--json"]) == 0
    out, err = capsys.readouterr()
    said, found = json.loads(out), wd.predict(**given)
    assert json.loads(json.dumps(found.record(SHELL), allow_nan=False)) == said
    asides = (*found.doubts_in(SHELL), *found.warnings_in(SHELL))
    assert err.splitlines() == [f"warning: {line}" for line in asides]


@pytest.mark.parametrize("line", LINES)
def test_each_number_stands_beside_its_formula_and_what_is_assumed_below(line: str, capsys) -> None:
    assert main(words(line)) == 0
    out = capsys.readouterr().out
    assert main([*words(line), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    plain = {"eta", "lmbda", "weight_decay", "momentum", "n", "m", "n_in", "steps_per_epoch", "total_steps"}
    plain |= {"total_epochs"}
    numbers = [name for name in LABELS if said.get(name) is not None and name not in plain]
    assert len(numbers) >= 5 and set(numbers) <= set(said["formulas"])
    for name in numbers:
        assert f"[{said['formulas'][name]}]" in out
    for sentence in said["assumptions"]:
        assert f"assumed: {sentence}" in out.splitlines()


def test_every_derivation_that_is_named_is_there() -> None:
    import derivations

    laws = {name: derivations.derive(name) for name in derivations.names()}
    named = 0
    for given in LINES.values():
        for text in wd.predict(**given).formulas.values():
            for law, formula in re.findall(r"\b([a-z_0-9]+)\.([a-z_0-9]+)\b", text):
                if law in laws:
                    assert formula in laws[law].formulas
                    named += 1
            for law, step in re.findall(r"\b(\w+): (memory|log_sum|gathered|weight_of_step)\b", text):
                assert step in {one.name for one in laws[law].steps}
                named += 1
    assert named > 20


def test_what_is_wanted_is_printed_first_with_its_unit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words("--lr 3e-4 --optimiser adamw --steps 100000 --want timescale=0.2")) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    *said, law = first.split()
    assert law == "[decay_under_schedule.weight_decay_for_tau]"
    assert said == "wanted timescale = 0.2 (share of the run): weight_decay by closed form".split()
    assert any(line.split() == ["weight_decay", "L", "0.1666666667"] for line in rest)


def test_what_nobody_said_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words("--lr 1e-4 --optimiser lion --weight-decay 1 --steps 1000")) == 0
    out = capsys.readouterr().out
    for sentence in (
        "no epochs: nobody said what an epoch is: give --n and --m",
        "no schedule of eta: the rate is constant: give --eta-schedule cosine",
        "beta1 = 0.9 and beta2 = 0.999, the default of lion here: give --beta1 and --beta2 for others",
        "rounding is that of float32 weights: give --dtype bfloat16",
        "decoupled decay (lion): 1 - epsilon per step",
        "at rest gradients are Gaussian noise, whatever the weights, and the average is warm",
    ):
        assert f"assumed: {sentence}" in out


@pytest.mark.parametrize(
    "line, said",
    [
        ("--lr 1 --eta 1 --n 9 --lmbda 1", "--lr: the same as --eta: give one of them"),
        ("--lr 1 --schedule cosine --eta-schedule cosine --steps 9 --weight-decay 0.1", "--schedule: the same as"),
        ("--lr -1 --n 9 --lmbda 1", "--lr: -1 is not a positive finite number"),
        ("--n 9 --lmbda 1", "--eta: missing, give it a value: see `wd-jax predict --help`"),
        ("--lr 1e-3 --steps 9 --want lifetime=3", "--want='lifetime=3': 'lifetime' is none of those there are"),
        ("--lr 1e-3 --steps 9 --want retained=0", "--want=retained=0: give what is to be left"),
        ("--lr 1e-3 --steps 4 --want timescale=0.2", "--want=timescale=0.2: a step would have to remove 1.25"),
        ("--lr 1e-3 --steps 9 --weight-decay 1 --want timescale=2", "--weight-decay: the decay is what --want solves"),
        ("--lr 1e-3 --steps 0 --weight-decay 1", "--steps: 0 is too small: give a whole number of at least 1"),
    ],
)
def test_a_mistake_is_one_line(line: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words(line)) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith(f"error: {said}") and err.count("\n") == 1


def test_an_answer_loads_neither_jax_nor_sympy() -> None:
    code = (
        "import sys; from wd_jax.cli import main; main(sys.argv[1:]); "
        "print(*sorted({'jax', 'sympy', 'mpmath', 'derivations', 'scipy', 'xarray'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, *words(WORKED)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""
