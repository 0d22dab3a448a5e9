"""Command lines that nobody should mean: each is one line on standard error and code 2, whatever kind of odd it is.

Next to each stands what its line must name. `test_errors.py` holds the wording of the usual mistakes.
"""

import sys

import pytest

from wd_jax.cli import main
from wd_jax.cli.registry import COMMANDS
from wd_jax.cli.tokens import number_problem

pytestmark = pytest.mark.numeric

PREDICT = ["predict", "--eta", "0.1", "--n", "50000", "--lmbda", "5"]
SWEEP = ["sweep", "--dry-run"]
HUGE = "9" * 400
TOO_LONG = "9" * 5000


def predict(*more: str, without: str = "") -> list[str]:
    """The good line, with other options, or with one left out."""
    kept = list(PREDICT)
    if without:
        del kept[kept.index(without) : kept.index(without) + 2]
    return [*kept, *more]


EMPTY = {
    "a variable that is not set, at the end": ([*SWEEP, "--eta"], "--eta: missing"),
    "a variable that is not set, before an option": (["sweep", "--eta", "--dry-run"], "--eta: missing"),
    "a number": (predict("--eta", "", without="--eta"), "--eta: an empty value"),
    "a number with =": (predict("--eta=", without="--eta"), "--eta: an empty value"),
    "a list": ([*SWEEP, "--eta", ""], "--eta: an empty value"),
    "a list with =": ([*SWEEP, "--eta="], "--eta: an empty value"),
    "one of a list": ([*SWEEP, "--lmbda", "1", "", "2"], "--lmbda: an empty value"),
    "blanks": ([*SWEEP, "--lmbda", "  "], "--lmbda: an empty value"),
    "a tab": ([*SWEEP, "--lmbda", "\t"], "--lmbda: an empty value"),
    "a blank that only looks like one": ([*SWEEP, "--lmbda", "\u00a0"], "--lmbda: an empty value"),
    "a count": ([*SWEEP, "--seeds", ""], "--seeds: an empty value"),
    "a word": ([*SWEEP, "--init", ""], "--init: an empty value"),
    "a choice": (["derive", "--format", ""], "--format: an empty value"),
    "a choice with =": (["reproduce", "--preset="], "--preset: an empty value"),
    "a file": (["sweep", "--out", ""], "--out: an empty value"),
    "a file of blanks": (["sweep", "--out", "   "], "--out: an empty value"),
    "a folder": ([*SWEEP, "--data-dir", ""], "--data-dir: an empty value"),
    "the short name": (["figure", "budget", "x.nc", "-o", ""], "--out: an empty value"),
    "a run": (["info", ""], "RUN: an empty value"),
    "a run of blanks": (["report", "  "], "RUN: an empty value"),
    "a name": (["derive", ""], "NAME: an empty value"),
    "an experiment": (["experiment", " "], "NAME: an empty value"),
    "a kind": (["figure", "", "x.nc", "-o", "a.svg"], "KIND: an empty value"),
    "a source": (["figure", "budget", "", "-o", "a.svg"], "RUN: an empty value"),
    "an axis": (["figure", "budget", "x.nc", "-o", "a.svg", "--at", ""], "--at: an empty value"),
    "no command": ([""], "COMMAND: missing"),
    "a command of blanks": (["  "], "COMMAND: missing"),
    "a word too many": (predict(""), "an argument: an empty value"),
    "a zero byte": (["info", "a\0b"], "RUN: 'a\\x00b' holds a zero byte"),
}

TWICE = {
    "a list": ([*SWEEP, "--lmbda", "1", "--lmbda", "2"], "--lmbda: given twice: give all values after one --lmbda"),
    "a list, the same": ([*SWEEP, "--lmbda", "1", "--lmbda", "1"], "--lmbda: given twice"),
    "with =": ([*SWEEP, "--lmbda=1", "--lmbda=2"], "--lmbda: given twice"),
    "apart": ([*SWEEP, "--lmbda", "1", "--eta", "1", "--lmbda", "2"], "--lmbda: given twice"),
    "a number": (predict("--eta", "0.2"), "--eta: given twice: give it once"),
    "an optional number": (predict("--lmbda", "6"), "--lmbda: given twice: give it once"),
    "a count": ([*SWEEP, "--epochs", "2", "--epochs", "3"], "--epochs: given twice: give it once"),
    "seeds": ([*SWEEP, "--seeds", "2", "--seeds", "3"], "--seeds: given twice: give all values after one --seeds"),
    "a seed": ([*SWEEP, "--seeds", "8", "9", "8"], "--seeds: the seed 8 is given twice"),
    "a seed in two ranges": ([*SWEEP, "--seeds", "0:4", "3:6"], "--seeds: the seed 3 is given twice"),
    "a switch": ([*SWEEP, "--dry-run"], "--dry-run: given twice"),
    "json": (predict("--json", "--json"), "--json: given twice"),
    "a word": ([*SWEEP, "--init", "gaussian", "--init", "fan_in"], "--init: given twice"),
    "a choice": (["derive", "--format", "text", "--format", "latex"], "--format: given twice"),
    "a dataset": ([*SWEEP, "--dataset", "null", "--dataset", "digits"], "--dataset: given twice"),
    "a file": (["sweep", "--out", "a", "--out", "b"], "--out: given twice"),
    "under two names": (["figure", "budget", "x", "-o", "a.svg", "--out", "b.svg"], "--out: given twice"),
    "with _ and with -": ([*SWEEP, "--batch_size", "10", "--batch-size", "20"], "--batch-size: given twice"),
    "at": (["figure", "budget", "x", "-o", "a.svg", "--at", "eta=1", "--at", "m=2"], "after one --at"),
    "an axis at two places": (["figure", "budget", "x", "-o", "a.svg", "--at", "eta=1", "eta=2"], "eta is 1 already"),
    "values": ([*SWEEP, "--lmbda", "1", "1.0"], "lmbda=[1.0, 1.0]: give at least one value, each only once"),
    "values that are one float": ([*SWEEP, "--lmbda", "0.1", "0.1000000000000000000001"], "lmbda=[0.1, 0.1]"),
    "values that are one float32": ([*SWEEP, "--eta", "0.1", "0.1000000001"], "one number in float32"),
    "widths of hidden": ([*SWEEP, "--hidden", "8", "8"], "hidden=[8, 8]"),
    "batches": ([*SWEEP, "--batch-size", "10", "10"], "batch_size=[10, 10]"),
}

NUMBERS = {
    "not a number": (predict("--eta", "nan", without="--eta"), "--eta: nan"),
    "infinite": ([*SWEEP, "--lmbda", "inf"], "--lmbda: inf"),
    "minus infinity": ([*SWEEP, "--lmbda", "-inf"], "--lmbda: -inf"),
    "infinity in words": ([*SWEEP, "--lmbda", "Infinity"], "--lmbda: inf"),
    "too large": ([*SWEEP, "--lmbda", "1e400"], "--lmbda: '1e400' is above 1.8e308"),
    "too small": ([*SWEEP, "--lmbda", "1e-400"], "--lmbda: '1e-400' is below 2.2e-308"),
    "small and cut": (predict("--eta", "1e-320", without="--eta"), "--eta: '1e-320' is below 2.2e-308"),
    "too large for float32": ([*SWEEP, "--lmbda", "1e39"], "lmbda=1e+39: float32 holds numbers"),
    "too small for float32": ([*SWEEP, "--eta", "1e-50"], "eta=1e-50: float32 holds numbers"),
    "underscore": ([*SWEEP, "--lmbda", "1_000"], "'1_000' is not a number: write 1000"),
    "underscore in a count": (predict("--n", "50_000", without="--n"), "'50_000' is not a whole number: write 50000"),
    "comma": (predict("--eta", "0,1", without="--eta"), "write a point for the decimals: 0.1"),
    "commas in a list": ([*SWEEP, "--lmbda", "1,5,10"], "give several values with blanks between: 1 5 10"),
    "commas in widths": ([*SWEEP, "--widths", "64,30,10"], "give several values with blanks between: 64 30 10"),
    "thousands": (predict("--n", "50,000", without="--n"), "write 50000, without a comma"),
    "hexadecimal": ([*SWEEP, "--eta", "0x10"], "--eta: '0x10' is not a number"),
    "hexadecimal count": ([*SWEEP, "--seeds", "0x10"], "--seeds: '0x10' is not a whole number"),
    "binary": ([*SWEEP, "--seeds", "0b11"], "--seeds: '0b11'"),
    "a range of no seeds": ([*SWEEP, "--seeds", "4:4"], "--seeds: 4:4 holds no seed"),
    "a range backwards": ([*SWEEP, "--seeds", "4:0"], "--seeds: 4:0 holds no seed"),
    "half a range": ([*SWEEP, "--seeds", "4:"], "'4:' is no range of seeds: write 0:64 for the seeds 0 to 63"),
    "a range with a step": ([*SWEEP, "--seeds", "0:8:2"], "'0:8:2' is no range of seeds"),
    "a range from below 0": ([*SWEEP, "--seeds", "-1:3"], "--seeds: -1:3: seeds are whole numbers of 0 to 2**31 - 1"),
    "a negative seed": ([*SWEEP, "--seeds", "1", "-1"], "--seeds: -1: seeds are whole numbers of 0"),
    "a seed too large": ([*SWEEP, "--seeds", "1", "2147483648"], "--seeds: 2147483648: seeds are whole"),
    "a range of words": ([*SWEEP, "--seeds", "a:b"], "--seeds: 'a' is not a whole number"),
    "a range of too many": ([*SWEEP, "--seeds", "0:2000000000"], "--seeds: 2000000000 seeds: at most 1000000"),
    "a fraction": ([*SWEEP, "--eta", "1/10"], "--eta: '1/10' is not a number"),
    "a power": ([*SWEEP, "--eta", "10^-3"], "--eta: '10^-3' is not a number"),
    "per cent": ([*SWEEP, "--eta", "10%"], "--eta: '10%' is not a number"),
    "a sum": ([*SWEEP, "--eta", "1+1"], "--eta: '1+1' is not a number"),
    "a list in brackets": ([*SWEEP, "--eta", "[0.1]"], "--eta: '[0.1]' is not a number"),
    "a range": ([*SWEEP, "--lmbda", "1:10"], "--lmbda: '1:10' is not a number"),
    "a truth": ([*SWEEP, "--eta", "True"], "--eta: 'True' is not a number"),
    "none": ([*SWEEP, "--eta", "None"], "--eta: 'None' is not a number"),
    "a complex number": ([*SWEEP, "--eta", "1j"], "--eta: '1j' is not a number"),
    "two points": ([*SWEEP, "--eta", "0.1.2"], "--eta: '0.1.2' is not a number"),
    "an exponent without digits": ([*SWEEP, "--eta", "1e"], "--eta: '1e' is not a number"),
    "only a point": ([*SWEEP, "--eta", "."], "--eta: '.' is not a number"),
    "only a minus": ([*SWEEP, "--eta", "-"], "--eta: '-' is not a number"),
    "another minus": ([*SWEEP, "--eta", "\u22120.1"], "type -0.1 anew"),
    "a minus in an exponent": ([*SWEEP, "--eta", "1e\u22123"], "type 1e-3 anew"),
    "a blank that does not break": ([*SWEEP, "--eta", "0.1\u00a0"], "type 0.1 anew"),
    "a blank of no width": ([*SWEEP, "--eta", "0.1\u200b"], "type 0.1 anew"),
    "a blank": ([*SWEEP, "--eta", " 0.1"], "type 0.1 anew"),
    "Arabic digits": (predict("--n", "\u0665\u0660", without="--n"), "type 50 anew"),
    "full-width digits": ([*SWEEP, "--lmbda", "\uff11"], "type 1 anew"),
    "a raised digit": ([*SWEEP, "--lmbda", "5\u00b2"], "'5²' is not a number: see"),
    "negative": (predict("--eta", "-0.1", without="--eta"), "--eta: -0.1"),
    "negative with =": (predict("--eta=-0.1", without="--eta"), "--eta: -0.1"),
    "negative with an exponent": (predict("--eta", "-1e-3", without="--eta"), "--eta: -0.001"),
    "negative in a list": ([*SWEEP, "--lmbda", "1", "-.5"], "--lmbda: -0.5"),
    "no eta": ([*SWEEP, "--eta", "0"], "--eta: 0 is not a positive"),
    "negative count": ([*SWEEP, "--seeds", "-3"], "--seeds: -3 is too small"),
    "no epochs": ([*SWEEP, "--epochs", "0"], "--epochs: 0 is too small"),
    "no width": ([*SWEEP, "--widths", "64", "0", "10"], "--widths: 0 is too small"),
    "whole as a float": ([*SWEEP, "--seeds", "2.0"], "'2.0' is not a whole number: write 2"),
    "whole with an exponent": ([*SWEEP, "--seeds", "1e3"], "'1e3' is not a whole number: write 1000"),
    "half a seed": ([*SWEEP, "--seeds", "2.5"], "'2.5' is not a whole number"),
    "a count that is none": ([*SWEEP, "--seeds", "nan"], "'nan' is not a whole number"),
    "an evil name": ([*SWEEP, "--eta", "x\ny\x1b[31m"], "--eta: 'x\\ny\\x1b[31m' is not a number"),
    "a long word": ([*SWEEP, "--eta", "x" * 10_000], "is not a number"),
    "beta 1": ([*SWEEP, "--optimiser", "adamw", "--beta1", "1"], "beta1=1.0"),
    "a decay that vanishes": (["predict", "--eta", "1e-300", "--n", "50", "--weight-decay", "1e-300"], "give 0, or"),
    "a decay that explodes": (["predict", "--eta", "1e308", "--n", "50", "--lmbda", "1e308"], "would remove inf"),
}  # fmt: skip

SIZES = {
    "seeds": ([*SWEEP, "--seeds", "1000000000"], "1000000000 members (1000000000 seeds): at most 1000000"),
    "seeds of 400 digits": ([*SWEEP, "--seeds", HUGE], "about 10^400 members"),
    "seeds of 5000 digits": ([*SWEEP, "--seeds", TOO_LONG], "--seeds: a whole number of 5000 digits is too large"),
    "cells and seeds": (
        [*SWEEP, "--lmbda", *map(str, range(1, 101)), "--eta", *map(str, range(1, 101)), "--seeds", "101"],
        "1010000 members (10000 cells x 101 seeds): at most 1000000",
    ),
    "programs": (
        [*SWEEP, "--hidden", *map(str, range(1, 102)), "--batch-size", *map(str, range(1, 101))],
        "10100 groups (10100 groups): at most 10000",
    ),
    "epochs": ([*SWEEP, "--epochs", "1000000000000"], "epochs=1000000000000: at most 10000000"),
    "epochs of 400 digits": ([*SWEEP, "--epochs", HUGE], "epochs=a whole number of 400 digits: at most 10000000"),
    "records": ([*SWEEP, "--records-per-epoch", "100000000"], "must divide the 120 steps of an epoch, for example 120"),
    "more records": ([*SWEEP, "--records-per-epoch", HUGE], "records_per_epoch=a whole number of 400 digits"),
    "evaluations": ([*SWEEP, "--evaluate-every", HUGE], "evaluate_every=a whole number of 400 digits"),
    "batch": ([*SWEEP, "--batch-size", "1000000"], "batch_size=1000000: the dataset 'digits' has 1200 examples"),
    "batch of 30 digits": ([*SWEEP, "--batch-size", "9" * 30], "batch_size=" + "9" * 30 + ": at most 2147483647"),
    "hidden": ([*SWEEP, "--hidden", "1000000000"], "hidden=1000000000: at most 10000000"),
    "depth": ([*SWEEP, "--depth", "1000000000"], "depth=1000000000: at most 1000"),
    "width": ([*SWEEP, "--widths", "64", "1" + "0" * 30, "10"], "widths=a whole number of 31 digits: at most"),
    "layers": ([*SWEEP, "--widths", "64", *["5"] * 1001, "10"], "layers of weights in widths=1002: at most 1000"),
    "n of a formula": (predict("--n", HUGE, without="--n"), "--n=a whole number of 400 digits: at most"),
    "m of a formula": (predict("--m", HUGE), "--m=a whole number of 400 digits: at most"),
    "n_in of a formula": (predict("--n-in", HUGE), "--n-in=a whole number of 400 digits: at most"),
    "n of 5000 digits": (predict("--n", TOO_LONG, without="--n"), "--n: a whole number of 5000 digits is too large"),
    "eta of 400 digits": (predict("--eta", HUGE, without="--eta"), "--eta: '9999"),
    "memory for weights": (
        [*SWEEP, "--keep-weights", "--hidden", "1000000", "--seeds", "100000"],
        "a sweep of 100000 members: needs about 53.9 TiB of memory (weights kept 53.8 TiB",
    ),
    "memory for records": ([*SWEEP, "--epochs", "10000000", "--seeds", "100000"], "of memory (records "),
}

PLACES = {
    "an option before the command": (["--json", *PREDICT], "--json: an option before the command: write"),
    "two commands": (["predict", *PREDICT], "predict: not an option or a value"),
    "a command in capitals": (["Predict", *PREDICT[1:]], "Predict: unknown command: did you mean predict?"),
    "half a command": (["pred", *PREDICT[1:]], "pred: unknown command"),
    "a command of another kind": (["\u03bb"], "unknown command"),
    "half an option": (predict("--abs", "1"), "--abs: unknown option"),
    "one dash": (["predict", "-eta", "0.1"], "-eta: unknown option: did you mean --eta?"),
    "a long dash": (["predict", "\u2014eta", "0.1"], "\u2014eta: begins with a dash that is no '-': type --eta"),
    "a dash of text": (["predict", "\u2013\u2013eta=0.1"], "begins with a dash that is no '-': type --eta=0.1"),
    "two dashes alone": (["info", "--", "x"], "--: not used here: leave it out"),
    "two dashes at the end": ([*PREDICT, "--"], "--: not used here: leave it out"),
    "a switch with a value": ([*SWEEP, "--json=true"], "--json: takes no value: leave out '=true'"),
    "a switch with nothing": ([*SWEEP, "--json="], "--json: takes no value"),
    "a switch with a word": ([*SWEEP, "--json", "true"], "true: not an option or a value"),
    "a switch that is denied": ([*SWEEP, "--no-json"], "--no-json: unknown option"),
    "a value for a number that has one": (predict("0.2"), "0.2: not an option or a value"),
    "two values for one": (predict("--n-in", "3", "4"), "4: not an option or a value"),
    "help of nothing": (["--version", "predict"], "predict: not expected after --version"),
    "an option for a value": (predict("--n-in", "--json"), "--n-in: missing"),
    "an option in capitals": (predict("--N-IN", "3"), "--N-IN: unknown option"),
    "an option with a blank": (predict("--n-in 3"), "--n-in 3: unknown option"),
    "an option that is a path": (["info", "-x.nc"], "-x.nc: not an option or a value that is expected here: write ./"),
}  # fmt: skip

KINDS = {"empty": EMPTY, "twice": TWICE, "numbers": NUMBERS, "sizes": SIZES, "places": PLACES}
CASES = [pytest.param(*case, id=f"{kind}: {name}") for kind, cases in KINDS.items() for name, case in cases.items()]


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 100


@pytest.mark.parametrize("tokens, named", CASES)
def test_a_hostile_line_is_one_line_and_code_2(
    tokens: list[str], named: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wd_jax.sweeps.threads.run", lambda *_, **__: pytest.fail("trained"))
    code = main(tokens)
    out, err = capsys.readouterr()
    assert (code, out) == (2, ""), err
    assert err.startswith("error: ") and err.endswith("\n") and err.count("\n") == 1
    assert named in err and "Traceback" not in err and "unexpected" not in err
    assert len(err) < 500, "a line, not a page"


@pytest.mark.parametrize(
    "tokens",
    [
        PREDICT,
        predict("--eta=1e-1", without="--eta"),
        predict("--eta", "+.1", without="--eta"),
        predict("--n-in", "10", "--json"),
        [*SWEEP, "--lmbda", "0.5", "5", "5e1", "--eta", "0.1"],
        [*SWEEP, "--lmbda=1", "2"],
        [*SWEEP, "--batch_size", "10"],
        [*SWEEP, "--lmbda", "0", "007"],
        [*SWEEP, "--dtype", "float64", "--eta", "0.1", "0.1000000001", "--lmbda", "1e-9"],
    ],
    ids=lambda tokens: " ".join(tokens[1:]),
)
def test_what_is_meant_passes(tokens: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(tokens) == 0, capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_given_whatever_else_is_typed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"usage: wd-jax {name}" in capsys.readouterr().out


def test_what_is_typed_is_looked_at_without_tyro(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its versions differ in what an option without a value, or a repeated one, means."""
    from wd_jax.cli import parsing
    from wd_jax.cli.command import UsageError
    from wd_jax.cli.sweep import Options

    monkeypatch.setitem(sys.modules, "tyro.cli", None)
    monkeypatch.setattr("tyro.cli", lambda *_, **__: pytest.fail("tyro was asked"))
    for tokens in (["--eta"], ["--eta", ""], ["--eta", "1", "--eta", "2"], ["--eta", "1_0"], ["--epochs", "1e3"]):
        with pytest.raises(UsageError):
            parsing.parse(Options, "wd-jax sweep", tokens)


@pytest.mark.parametrize("text", ["1", "1.", ".5", "+1e5", "1E-3", "007", "-2.5e+07"])
def test_a_number_as_people_write_it_passes(text: str) -> None:
    assert number_problem(text, whole=False) == ""
