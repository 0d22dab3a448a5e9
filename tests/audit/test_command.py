"""``wd-jax audit`` and ``python -m wd_jax.audit.measure``: lists, texts, JSON, one line for a mistake."""

import json

import pytest

from wd_jax.audit import measure
from wd_jax.cli import main


def test_without_an_optimiser_it_lists_libraries(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit"]) == 0
    text = capsys.readouterr().out
    assert "optax" in text and "wd-jax[audit]" in text
    assert main(["audit", "--json"]) == 0
    libraries = {each["library"]: each for each in json.loads(capsys.readouterr().out)["libraries"]}
    assert libraries["optax"]["installed"] and "adamw" in libraries["optax"]["settings"]
    assert all(each["installed"] or each["install"].startswith("pip install ") for each in libraries.values())


def test_one_and_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "optax:chain(sgd, add_decayed_weights)"]) == 0
    text = capsys.readouterr().out
    assert "growing: weights grow: decay has the wrong sign" in text
    assert "1.104622" in text
    chain = "optax:chain(add_decayed_weights, sgd(momentum=.9))"
    assert main(["audit", "--json", chain, "optax:chain(sgd, add_decayed_weights)"]) == 0
    audits = json.loads(capsys.readouterr().out)["audits"]
    assert [each["fingerprint"]["kind"] for each in audits] == ["coupled", "growing"]
    assert audits[0]["fingerprint"]["constants"]["mu"] == 0.9
    assert audits[0]["verdict"]["verdict"] == "holds"


@pytest.mark.parametrize(
    "line",
    ["optax:adanw", "nothing:x", "optax:adamw(lr=.1)", "optax:adamw --lr 0", "optax:adamw --weight-decay -1", "adamw"],
)
def test_a_mistake_is_one_line(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", *line.split()]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("error: ") and err.count("\n") == 1


def test_the_runner_of_a_bare_environment(capsys: pytest.CaptureFixture[str]) -> None:
    chain = "optax:chain(add_decayed_weights, sgd(momentum=.9))"
    assert measure.main([chain, "optax:nothing"]) == 1
    found, failed = json.loads(capsys.readouterr().out)
    assert (found["spec"], found["library"], found["numbers"]["matrix_after_1"]) == (chain, "optax", 0.999000013)
    assert failed["spec"] == "optax:nothing" and "unknown optimiser" in failed["error"]
