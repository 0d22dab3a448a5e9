"""Numeric: every approximation knows the box in which its error was measured, keeps to it, and says so."""

import functools
import json
import random

import mpmath
import numpy as np
import pytest
import sympy as sp

from derivations import ValidityError, ValidityWarning, derive, names
from derivations.output import printing
from derivations.prover import falsify
from derivations.prover.definitions import read
from derivations.prover.measured import MeasuredError

pytestmark = pytest.mark.numeric

derivation_of = functools.cache(derive)
APPROXIMATE = [(n, k) for n in names() for k, f in derivation_of(n).formulas.items() if f.approximation is not None]
POINTS = 4


def measured(name, key):
    """Return a formula with the step in which its error was measured."""
    law = derivation_of(name).formulas[key]
    return law, derivation_of(name).step(law.approximation.step)


def places(law, count):
    """Draw numbers inside the validity: from the example outwards, and back towards it until they are inside."""
    generator, start = random.Random(3), law.example()
    assert start is not None, law.name
    for _ in range(count):
        ways = {s.name: generator.uniform(-3, 3) for s in law.symbols if not s.is_integer}
        for share in (1, 0.5, 0.25, 0.1, 0):
            row = {p: v * 10.0 ** (share * ways.get(p, 0)) for p, v in start.items()}
            if law.valid(**row):
                yield row
                break


def test_the_formulas_of_the_issue_are_among_them():
    wanted = {
        ("momentum", "per_epoch_factor_leading"), ("epoch_decay", "relative_error_leading"),
        ("stationary_variance", "noise_floor_leading"), ("tail_off", "noise_floor_rms"),
        ("adamw", "weight_rms_leading"), ("adam_l2", "weight_rms"), ("ridge", "variance_flow"),
        ("shuffling", "end_ratio"), ("shuffling", "inside_ratio"), ("shuffling", "average_ratio"),
        ("blocked_sgd", "block_decay_leading"), ("dominance", "critical_lmbda"),
    }  # fmt: skip
    assert wanted <= set(APPROXIMATE)
    for name in names():
        steps = {step.name: step for step in derivation_of(name).steps}
        for key, law in derivation_of(name).formulas.items():
            if isinstance(steps[law.step].proof, MeasuredError):
                assert (name, key) in APPROXIMATE


@pytest.mark.parametrize(("name", "key"), APPROXIMATE)
def test_inside_its_box_it_is_within_its_error(name, key):
    law, step = measured(name, key)
    definitions = read(s.claim for s in derivation_of(name).steps if s.kind == "definition")
    seen = 0
    for row in places(law, POINTS):
        with mpmath.workdps(50):
            env = definitions.environment({s: mpmath.mpf(row[s.name]) for s in law.symbols}, {})
            if (step.claim.free_symbols - set(definitions.explicit)) - set(law.symbols):
                rest = {s for s in step.claim.free_symbols if s not in definitions.explicit} - set(law.symbols)
                for symbol in rest:  # what cancels in the ratio
                    env = env.at(symbol, mpmath.mpf("0.7"))
            exact, approximate = (falsify.number(side, env) for side in step.claim.args)
        assert abs(approximate / exact - 1) <= law.approximation.error, row
        if step.name != "second_order_off":  # of one step, which stands for their sum
            assert law(**row) == pytest.approx(float(approximate), rel=1e-9), row
        seen += 1
    assert seen >= POINTS // 2


@pytest.mark.parametrize(("name", "key"), APPROXIMATE)
def test_outside_its_box_it_refuses_and_a_checked_function_warns(name, key):
    law, _ = measured(name, key)
    assert law.approximation.box
    for condition in law.approximation.box:
        row = outside(law, condition)
        for use in (law, law.number):
            with pytest.raises(ValidityError, match="does not hold here"):
                use(**row)
        with pytest.warns(ValidityWarning, match="does not hold here"), np.errstate(all="ignore"):
            law.to_numpy(checked=True)(**{p: np.float64(v) for p, v in row.items()})


def outside(law, condition):
    """Move one number of the example until the condition breaks."""
    start = law.example()
    for symbol in sorted(condition.free_symbols, key=str):
        for factor in (2, 0.5):
            row = dict(start)
            for _ in range(80):
                row[symbol.name] *= factor
                if symbol.is_integer:
                    row[symbol.name] = max(int(bool(symbol.is_positive)), round(row[symbol.name]))
                if not holds(condition, row):
                    return row
    raise AssertionError(f"{law.name}: nothing breaks {condition}")


def holds(condition, row):
    """Decide with 50 digits: whole powers of fractions, written out, take as long as everything else here."""
    letters = sorted(condition.free_symbols, key=str)
    with mpmath.workdps(50):
        left, right = sp.lambdify(letters, condition.args, "mpmath")(*(mpmath.mpf(row[s.name]) for s in letters))
        return bool(condition.func(sp.sympify(left), sp.sympify(right)))


@pytest.mark.parametrize(("name", "key"), APPROXIMATE)
def test_it_says_how_far_it_is_off(name, key):
    law, step = measured(name, key)
    percent = f"{100 * step.proof.error:g} %"
    assert law.approximation.error == step.proof.error
    assert percent in " ".join(repr(law).split())
    assert percent in " ".join(derivation_of(name).text().split())
    assert percent in law._repr_html_()
    for condition in law.approximation.box:
        # Or one that says more: Lion's limit on epsilon, the sign of a symbol.
        assert printing.line(condition) in law.conditions() or len(law.validity) >= 2


BEFORE = [
    ("momentum", "per_epoch_factor_leading", {"eta": 0.5, "lmbda": 1, "n": 1, "m": 1, "momentum": 0.9}),
    ("epoch_decay", "relative_error_leading", {"eta": 0.5, "lmbda": 50, "n": 50, "m": 1}),
    ("stationary_variance", "noise_floor_leading", {"gradient_std": 1, "eta": 0.99, "lmbda": 1, "n": 1, "m": 1}),
    ("tail_off", "noise_floor_rms", {"eta": 0.99, "lmbda": 1, "n": 1, "batch_gradient_rms": 1}),
    ("adamw", "weight_rms_leading", {"eta": 0.1, "lmbda": 5, "n": 50, "beta1": 0.99}),
    ("adam_l2", "weight_rms", {"eta": 0.1, "lmbda": 5, "n": 5, "batch_gradient_rms": 1, "beta1": 0.9}),
    ("shuffling", "end_ratio", {"eta": 0.1, "lmbda": 1, "m": 10, "steps_per_epoch": 2}),
    ("blocked_sgd", "block_decay_leading", {"epsilon": 0.5, "block_steps": 8}),
    ("dominance", "critical_lmbda", {"eta": 0.99, "n": 100, "gradient_ms": 1, "weight_ms": 1}),
    ("schedules", "log_factor_linear", {"eta": 0.9, "lmbda": 1, "n": 1, "total_steps": 5}),
]


@pytest.mark.parametrize(("name", "key", "values"), BEFORE)
def test_what_was_far_off_without_a_word_is_refused(name, key, values):
    with pytest.raises(ValidityError):
        derivation_of(name).formulas[key](**values)


def test_the_command_line_has_the_error_too():
    from wd_jax.cli.derive import describe

    record = json.loads(json.dumps(describe(derivation_of("muon"))))
    assert record["formulas"]["weight_norm_leading"]["approximation"] == {"step": "norm_leading", "error": 0.049}
    assert record["formulas"]["weight_norm"]["approximation"] is None
    assert "4.9 %" in record["markdown"]


def test_a_weaker_condition_gives_way_and_an_oblique_box_is_translated():
    law = derive("momentum").formulas["per_epoch_factor_leading"]
    assert law.conditions() == ("μ <= 99/100", "η*λ/n <= (1 - μ)**2/50", "η*λ/m <= 5 - 5*μ")
    assert "n" in law.parameters and sp.Symbol("n") not in law.expr.free_symbols
