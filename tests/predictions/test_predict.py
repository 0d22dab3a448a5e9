"""``wd.predict`` from Python: the shell's numbers, arguments named as Python has them, one line for a mistake."""

import dataclasses
import json
import math

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.cli import main
from wd_jax.predictions.language import SHELL

pytestmark = pytest.mark.numeric

LINES = {
    "--eta 0.1 --lmbda 5 --n 50000 --n-in 784": {"eta": 0.1, "lmbda": 5, "n": 50_000, "n_in": 784},
    "--eta 0.1 --weight-decay 5e-4 --n 50000 --m 128 --momentum 0.9 --nesterov": {
        "eta": 0.1, "weight_decay": 5e-4, "n": 50_000, "m": 128, "momentum": 0.9, "nesterov": True,
    },
    "--eta 0.1 --absolute-decay 5e-5 --n 50000": {"eta": 0.1, "absolute_decay": 5e-5, "n": 50_000},
    "--eta 0.1 --lmbda 0 --n 50000 --n-in 4": {"eta": 0.1, "lmbda": 0, "n": 50_000, "n_in": 4},
}  # fmt: skip


@pytest.mark.parametrize("line, given", LINES.items(), ids=list(LINES))
def test_the_shell_and_python_say_the_same(line: str, given: dict, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "--json", *line.split()]) == 0
    said, found = json.loads(capsys.readouterr().out), wd.predict(**given)
    assert json.loads(json.dumps(found.record(SHELL), allow_nan=False)) == said
    assert list(found.record()) == list(said)


def test_numbers_are_attributes_and_an_infinite_time_is_none_in_json() -> None:
    found = wd.predict(eta=np.float32(0.5), lmbda=0, n=np.int64(100), n_in=9)
    assert found.half_life_epochs == found.epochs_to_fan_in == math.inf and found.per_epoch_factor == 1
    record = found.record()
    assert record["half_life_epochs"] is record["epochs_to_fan_in"] is None and "momentum" not in record
    assert "never" in repr(found) and "<table>" in found._repr_html_()
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.m = 3


def test_arguments_are_named_as_python_has_them() -> None:
    doubted = wd.predict(eta=0.1, weight_decay=5, n=50_000)
    assert doubted.doubts[0].startswith("weight_decay=5: 5 is far above what is in use") and "lmbda=5" in repr(doubted)
    open_question = wd.predict(eta=0.1, lmbda=5, n=50_000)
    assert "give momentum=0.9;" in open_question.assumptions[-1] and "give m" in open_question.assumptions[1]
    assert "--" not in repr(doubted) + repr(open_question)


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"eta": 0}, "eta=0: give a finite number above 0"),
        ({"eta": "0.1"}, "eta='0.1': give a number, without quotes"),
        ({"n": 5.5}, "n=5.5: give a whole number of at least 1"),
        ({"m": 60_000}, "m=60000: a minibatch of 60000 is larger than the 50000 examples: give at most n"),
        ({"weight_decay": 1e-4}, "lmbda, weight_decay, absolute_decay: lmbda and weight_decay given: give exactly one"),
        ({"lmbda": None}, "lmbda, weight_decay, absolute_decay: none of them given: give exactly one"),
        ({"momentum": 1.0}, "momentum=1: 1 is not at least 0 and below 1: give one such as 0.9"),
        ({"nesterov": True}, "nesterov=True: it is a kind of momentum: give momentum too, such as 0.9"),
        ({"lmbda": 1e9}, "lmbda=1e+09: a step would remove 2000 of each weight: lower it until that is below 1"),
        ({"optimiser": "adam"}, "optimiser='adam': choose one of sgd, sgdw, adamw, lion"),
        ({"n_in": 0}, "n_in=0: give a whole number of at least 1"),
    ],
)
def test_a_mistake_is_one_line_with_its_remedy(changes: dict, words: str) -> None:
    with pytest.raises(ValueError) as error:
        wd.predict(**{"eta": 0.1, "lmbda": 5.0, "n": 50_000} | changes)
    assert str(error.value).startswith(words) and "\n" not in str(error.value)
    if "whole number" not in words and "finite" not in words and "quotes" not in words:
        assert "--" not in str(error.value)


FOREIGN = {"lr": "give eta=8", "batch_size": "give m=8", "wd": "give weight_decay=8", "rule": "give optimiser"}


@pytest.mark.parametrize(("name", "remedy"), FOREIGN.items())
def test_a_name_of_another_library_is_answered(name: str, remedy: str) -> None:
    with pytest.raises(TypeError) as error:
        wd.predict(eta=0.1, n=100, lmbda=1.0, **{name: 8})
    assert f"predict() has no argument {name!r}: {remedy}" in str(error.value) and "\n" not in str(error.value)
