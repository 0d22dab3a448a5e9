"""``wd-jax translate``: the issue's line, what is printed and assumed, and mistakes in one line."""

import json

import pytest

from wd_jax.cli import main

pytestmark = pytest.mark.numeric
FROM = "--from torch:AdamW --lr 3e-4 --weight-decay 0.1"


def translated(capsys: pytest.CaptureFixture[str], line: str) -> tuple[dict, str]:
    assert main(["translate", "--json", *line.split()]) == 0
    out, err = capsys.readouterr()
    return json.loads(out), err


def test_the_line_of_the_issue(capsys: pytest.CaptureFixture[str]) -> None:
    targets = "keras:AdamW optax:adafactor composer:DecoupledAdamW sklearn:MLPClassifier torch:SGD"
    found, err = translated(capsys, f"{FROM} --to {targets}")
    values = {one["target"]: one["value"] for one in found["to"]}
    assert values["keras:AdamW"] == values["torch:SGD"] == 0.1
    assert values["optax:adafactor"] == values["composer:DecoupledAdamW"] == pytest.approx(3e-5, rel=1e-15)
    assert values["sklearn:MLPClassifier"] is None
    assert found["from"] == "torch:AdamW" and found["per_step_decay"] == pytest.approx(3e-5, rel=1e-15) and err == ""


def test_the_text_says_the_value_its_law_and_what_is_assumed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(f"translate {FROM} --to optax:adafactor optax:lamb".split()) == 0
    out = capsys.readouterr().out
    assert "weight_decay_rate = 3e-05: the same decay per step" in out
    assert "its law: 1 - weight_decay_rate (3e-05 of a weight a step; derive('ways_to_decay'))" in out
    assert "no weight_decay decays alike: optax:lamb: its decay is inside of the trust ratio" in out
    assert "assumed: a weight on which decay alone acts" in out and "assumed: a constant learning rate" in out


def test_every_option_reaches_the_translation(capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = translated(capsys, f"{FROM} --to torch:SGD --momentum 0.9 --to-lr 0.1 --n 50000 --batch 128 --keep step")
    assert found["to"][0]["value"] == pytest.approx(2.99919e-5, rel=1e-6) and found["to"][0]["lr"] == 0.1
    found, _ = translated(capsys, f"{FROM} --to optax:adafactor --schedule cosine --steps 1000")
    assert found["to"][0]["kept"] == "over the run"
    found, _ = translated(capsys, f"{FROM} --to torch:AdamW --n 50000 --batch 128 --to-batch 256 --epochs 2")
    assert found["to"][0]["kept"] == "per epoch" and found["to"][0]["value"] == pytest.approx(0.2, rel=2e-2)
    found, _ = translated(capsys, f"{FROM} --to composer:DecoupledAdamW --first-lr 1.2e-5")
    assert found["to"][0]["value"] == pytest.approx(1.2e-6, rel=1e-14)
    found, _ = translated(capsys, f"{FROM} --to torch:Adam --gradient-rms 0.01")
    assert any(near["value"] == pytest.approx(1e-3) for near in found["to"][0]["closest"])
    found, _ = translated(capsys, f"{FROM} --to transformers:Adafactor --weight-rms 0.02")
    assert found["to"][0]["value"] == pytest.approx(5.0)
    found, _ = translated(capsys, f"{FROM} --to optax:adafactor --to-schedule linear --steps 100")
    assert found["to"][0]["kept"] == "per step"
    found, _ = translated(capsys, f"{FROM} --to keras:AdamW --to-schedule linear --steps 100 --keep run")
    assert found["to"][0]["value"] == pytest.approx(0.1 * 100 / 50.5, rel=1e-3)


def test_a_setting_that_is_not_looked_at_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    _, err = translated(capsys, f"{FROM} --to keras:AdamW(clipnorm=1)")
    assert "clipnorm is not looked at" in err


@pytest.mark.parametrize(
    "line, words",
    [
        (f"{FROM} --to torch:Adammax", "did you mean torch:Adamax"),
        (f"{FROM} --to trch:AdamW", "did you mean torch"),
        (FROM, "--to: missing"),
        ("--lr 1 --weight-decay 0 --to torch:SGD", "--from: missing"),
        (f"{FROM} --to torch:SGD --momentum 1", "--momentum: 1 is not at least 0 and below 1"),
        (f"{FROM} --to torch:SGD --batch 0", "--batch: 0 is too small"),
        (f"{FROM} --to torch:SGD --schedule cosin", "choose constant, linear, cosine"),
        (f"{FROM} --to torch:SGD --n 10 --batch 20", "larger than the n=10 examples"),
        (f"{FROM} --to torch:SGD --epochs 3", "give n and batch too"),
        (f"{FROM} --to torch:SGD --keep year", "--keep: 'year' is not one of"),
        (f"{FROM} --too torch:SGD", "did you mean --to?"),
        ("--from torch:AdamW --eta 3e-4 --weight-decay 0.1 --to torch:SGD", "--eta: unknown option: give --lr 3e-4"),
        (f"{FROM} --to torch:SGD --batch-size 32", "give --batch 32"),
        ("--from torch:AdamW --lr 30 --weight-decay 0.1 --to torch:SGD", "a step would take 3 of each weight"),
        ("--from torch:SGD(momentum=.9) --lr 1 --weight-decay 0.1 --to torch:SGD", "oscillate"),
        ("--from sklearn:MLPClassifier(solver=sgd) --lr 1 --weight-decay 0.1 --to torch:SGD", "give the batch"),
    ],
)
def test_a_mistake_is_one_line(line: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["translate", *line.split()]) == 2
    err = capsys.readouterr().err
    assert words in err and err.startswith("error: ") and err.count("\n") == 1
