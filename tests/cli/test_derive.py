"""``wd-jax derive``: a list, one derivation in each form, and a check that can fail."""

import json

import pytest

import derivations
from wd_jax.cli import main

pytestmark = pytest.mark.numeric


def printed(capsys: pytest.CaptureFixture[str], *tokens: str) -> str:
    assert main(["derive", *tokens]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_without_a_name_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys).splitlines()
    assert [line.split()[0] for line in lines] == list(derivations.names())
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize(
    ("module", "build", "wrong"),
    [
        ("shared.openings", None, "has no build()"),
        ("symmetry", lambda: None, "has a build that returns no Derivation"),
    ],
)
def test_a_module_that_makes_no_law_is_named_in_one_line(
    module: str, build: object, wrong: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(derivations, "MODULES", {"new": module})
    if build is not None:
        monkeypatch.setattr(f"derivations.laws.{module}.build", build)
    place = f"derivations.laws.{module}"
    assert main(["derive", "new"]) == 1
    line = f"error: derivation 'new': {place} {wrong}: write `def build() -> Derivation` there\n"
    assert capsys.readouterr().err == line


@pytest.mark.parametrize("form", ["text", "latex", "markdown"])
def test_each_form_is_the_derivations_own(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    derivation = derivations.derive("epoch_decay")
    expected = getattr(derivation, form)(derivation.check())
    assert printed(capsys, "epoch_decay", "--format", form) == f"{expected}\n"


def test_a_tick_is_earned_or_absent(capsys: pytest.CaptureFixture[str]) -> None:
    checked = printed(capsys, "epoch_decay")
    assert "✓ limit" in checked and "Checked just now" in checked
    assert printed(capsys, "epoch_decay", "--check") == checked
    skipped = printed(capsys, "epoch_decay", "--skip-check")
    assert "✓" not in skipped and "Checked" not in skipped and "limit (limit)" in skipped
    assert main(["derive", "epoch_decay", "--check", "--skip-check"]) == 2


def test_the_text_has_every_part_in_100_columns(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "epoch_decay")
    assert max(map(len, text.splitlines())) <= 100
    derivation = derivations.derive("epoch_decay")
    for heading in ("Assumptions", "Symbols", "Steps", "Formulas", "Validity", "References"):
        assert f"\n{heading}\n" in text
    words = " ".join(text.split())
    for step in derivation.steps:
        assert step.name in words
    assert "[epochs]" in words and "[dimensionless]" in words and "valid for η*λ/n < 1" in words


def test_format_json_is_the_json(capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads(printed(capsys, "epoch_decay", "--format", "json"))
    assert record == json.loads(printed(capsys, "epoch_decay", "--json"))
    assert record["formulas"]["per_epoch_factor"]["parameters"] == ["eta", "lmbda", "n", "m"]
    for step in ("leading_off", "limit_off"):
        assert record["verdicts"].pop(step).startswith("approximation (error <= ")
    assert set(record["verdicts"].values()) == {"proved", "definition"}
    assert record["formulas"]["relative_error_leading"]["approximation"] == {"step": "leading_off", "error": 0.051}
    assert record["formulas"]["per_epoch_factor"]["approximation"] is None
    assert "verdicts" not in json.loads(printed(capsys, "epoch_decay", "--json", "--skip-check"))
    formula = record["formulas"]["per_epoch_factor"]
    assert formula["mathml"].startswith("<math") and "Math.log1p" in formula["javascript"]
    assert formula["latex"].startswith("\\left(1 - ") and formula["validity"] == ["η*λ/n < 1"]


def test_a_check_gives_a_verdict_for_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads(printed(capsys, "epoch_decay", "--check", "--json"))
    assert list(record["verdicts"]) == [step["name"] for step in record["steps"]]
    assert record["verdicts"]["limit"] == "proved"


def test_a_false_step_fails_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    good = derivations.derive("epoch_decay")
    claim = good.step("log_upper").claim
    bad = good.with_claim("log_upper", claim.func(*reversed(claim.args)))
    monkeypatch.setattr(derivations, "derive", lambda name: bad)
    assert main(["derive", "epoch_decay", "--check"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert err.startswith("error: epoch_decay, step 'log_upper': ")
