"""What ``wd-jax predict`` doubts, and what it must not: settings that people train with."""

import json

import pytest

from wd_jax.cli import main
from wd_jax.predictions.doubts import TABLE

pytestmark = pytest.mark.numeric

DOUBTED = {
    "tokens over sequences": (
        "--eta 3e-4 --weight-decay 0.1 --n 1300000000 --m 512",
        ["--n: 1300000000 over --m 512 is 2539063 steps an epoch: count both in the same unit", "half-life: 0.0091 "],
    ),
    "sequences over tokens": (
        "--eta 3e-4 --weight-decay 0.1 --n 5000000 --m 524288",
        ["--m: a minibatch of 524288 examples: count n and m in the same unit"],
    ),
    "lmbda as weight_decay": (
        "--eta 0.1 --weight-decay 5 --n 50000",
        ["5 is far above what is in use: if it is Nielsen's lmbda, give --lmbda 5 (weight_decay 0.0001)"],
    ),
    "weight_decay as lmbda": (
        "--eta 0.1 --lmbda 5e-4 --n 50000 --m 128",
        ["if 0.0005 is a weight_decay, give --weight-decay 0.0005 (lmbda 25)"],
    ),
    "weight_decay as lmbda, AdamW": (
        "--eta 1e-3 --lmbda 0.01 --n 1200 --optimiser adamw",
        ["if 0.01 is a weight_decay, give --weight-decay 0.01 (lmbda 12)"],
    ),
    "weight_decay as absolute decay": (
        "--eta 1e-3 --absolute-decay 0.01 --n 50000",
        ["at eta 0.001 it is a weight_decay of 10; if it is one itself, give --weight-decay"],
    ),
    "lmbda with the n of a subset": ("--eta 0.1 --lmbda 5000 --n 1200", ["is n, 1200, the whole training set?"]),
    "AdamW's decay with SGD's eta": (
        "--eta 0.1 --weight-decay 0.1 --n 50000 --m 128",
        ["--weight-decay: 0.1 at eta 0.1 takes 0.01 of a weight in a step"],
    ),
    "a decay that does nothing": (
        "--eta 2e-5 --weight-decay 0.01 --n 3668 --m 32 --optimiser adamw",
        ["--weight-decay: 0.01 takes less than 1 % of a weight in 100 epochs"],
    ),
    "eta of AdamW": (
        "--eta 0.1 --weight-decay 1e-4 --n 50000 --m 128 --optimiser adamw",
        ["--eta: 0.1 is a learning rate far above what is in use with adamw"],
    ),
    "eta": ("--eta 100 --lmbda 0.1 --n 50000", ["--eta: 100 is a learning rate far above what is in use: 1e-5 to 3"]),
}

IN_USE = {
    "Nielsen, chapter 3": "--eta 0.5 --lmbda 5 --n 50000 --m 10",
    "Nielsen, chapter 1": "--eta 3 --lmbda 0 --n 50000 --m 10",
    "Nielsen, 1000 examples": "--eta 0.5 --lmbda 0.1 --n 1000 --m 10",
    "CIFAR": "--eta 0.1 --weight-decay 5e-4 --n 50000 --m 128 --momentum 0.9 --nesterov",
    "ImageNet": "--eta 0.1 --weight-decay 1e-4 --n 1281167 --m 256 --momentum 0.9",
    "ViT": "--eta 1e-3 --weight-decay 0.3 --n 1281167 --m 4096 --optimiser adamw",
    "a language model, sequences": "--eta 3e-4 --weight-decay 0.1 --n 1300000 --m 512 --optimiser adamw",
    "Lion": "--eta 1e-4 --weight-decay 3 --n 1281167 --m 4096 --optimiser lion",
    "grokking": "--eta 1e-3 --weight-decay 1 --n 3830 --m 512 --optimiser adamw",
}  # fmt: skip


def predicted(capsys: pytest.CaptureFixture[str], line: str) -> tuple[dict, list[str]]:
    assert main(["predict", "--json", *line.split()]) == 0
    out, err = capsys.readouterr()
    return json.loads(out), err.splitlines()


@pytest.mark.parametrize("line, words", DOUBTED.values(), ids=list(DOUBTED))
def test_what_cannot_well_be_is_doubted(line: str, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found, warned = predicted(capsys, line)
    assert [any(part in warning for warning in warned) for part in words] == [True] * len(words)
    assert all(warning.startswith("warning: ") for warning in warned)
    assert warned[: len(found["doubts"])] == [f"warning: {doubt}" for doubt in found["doubts"]]


@pytest.mark.parametrize("line", IN_USE.values(), ids=list(IN_USE))
def test_what_people_train_with_is_not_doubted(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = predicted(capsys, line)
    assert found["doubts"] == []


def test_every_doubt_has_its_reason_and_a_case() -> None:
    assert all(len(doubt.reason) > 20 for doubt in TABLE)
    assert {doubt.about for doubt in TABLE} == {"units", "decay", "eta"}


def test_one_thing_is_doubted_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A decay that is too large is so by three rows of the table."""
    found, _ = predicted(capsys, "--eta 0.1 --weight-decay 5 --n 50000")
    assert len(found["doubts"]) == 1
