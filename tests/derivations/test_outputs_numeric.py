"""Numeric: every output of every formula agrees with its 50-digit number, at random points where the formula holds."""

import functools
import json
import re
import shutil
import subprocess
import time
import warnings

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import sympy as sp

from derivations import PrintingError, ValidityError, ValidityWarning, derive, javascript, names
from derivations.definitions import Definitions
from derivations.numeric import Environment, evaluate
from derivations.sampling import draw
from derivations.symbols import symbols

pytestmark = pytest.mark.numeric

POINTS = 4
# What issue 3 wants in JavaScript without exception.
MUST_PRINT = ("epoch_decay", "dominance", "tail_off", "initialisation", "momentum")
NOT_ELEMENTARY = {"arcsine_sum", "arcsine_slope"}
derivation_of = functools.cache(derive)


@functools.cache
def exact(name, formula):
    """Points inside the validity, with the 50-digit number, the gradient and the condition there, as floats.

    The condition, sum |x df/dx| / |f|, says by how much the rounding of the arguments alone is amplified.
    """
    derivation = derivation_of(name)
    law = derivation.formulas[formula]
    slopes = [sp.diff(law.expr, symbol) for symbol in law.symbols]
    found = []
    for env in draw(law.symbols, [], law.validity, Definitions(), derivation.ranges, 4 * POINTS):
        values = {s.name: float(env.values[s]) for s in law.symbols}
        if not law.valid(**values):
            continue  # on the other side of a condition after rounding
        value = law.number(50, **values)
        if not 1e-100 < abs(value) < 1e100:
            continue
        with mpmath.workdps(50):
            here = Environment({s: mpmath.mpf(values[s.name]) for s in law.symbols})
            gradient = {s.name: number(slope, here) for s, slope in zip(law.symbols, slopes, strict=True)}
            condition = float(sum(abs(values[p] * g) for p, g in gradient.items()) / abs(value))
        found.append((values, float(value), {p: float(g) for p, g in gradient.items()}, condition))
        if len(found) == POINTS:
            break
    assert len(found) >= 2, f"{name}.{formula}: hardly any of the numbers drawn gives a number"
    return found


def number(slope, here):
    if NOT_ELEMENTARY & {type(node).__name__ for node in sp.preorder_traversal(slope)}:
        return mpmath.mpf(sp.N(slope.subs({s: sp.Float(v, 40) for s, v in here.values.items()}), 25))
    return evaluate(slope, here)


def columns(points, formula):
    return {p: np.array([values[p] for values, *_ in points]) for p in formula.parameters}


def assert_close(found, points, label):
    """1e-12 relative, more only where the rounding of the arguments alone does as much harm."""
    for value, (values, wanted, _, condition) in zip(np.ravel(found), points, strict=True):
        assert value == pytest.approx(wanted, rel=max(1e-12, 1e-14 * condition)), (label, values)


@pytest.mark.parametrize("name", names())
def test_numpy_and_jax_give_the_number(name):
    for key, formula in derivation_of(name).formulas.items():
        points = exact(name, key)
        arguments = columns(points, formula)
        shape = (len(points),)
        assert_close(np.broadcast_to(formula.to_numpy()(**arguments), shape), points, f"{key} in NumPy")
        with jax.enable_x64(True):
            function = formula.to_jax()
            found = jax.vmap(lambda values, f=function: f(**values))(arguments)
        assert_close(found, points, f"{key} in JAX")


@pytest.mark.parametrize("name", names())
def test_jax_gradients_are_sympys_derivatives(name):
    for key, formula in derivation_of(name).formulas.items():
        points = exact(name, key)
        with jax.enable_x64(True):
            arguments = {p: jnp.asarray(column) for p, column in columns(points, formula).items()}
            function = formula.to_jax()
            gradient = jax.vmap(jax.grad(lambda values, f=function: f(**values)))(arguments)
            gradient = {p: np.asarray(column) for p, column in gradient.items()}
        for k, (values, value, slopes, condition) in enumerate(points):
            for p, wanted in slopes.items():
                # The natural scale of df/dx is f/x: a slope far below it is a difference.
                scale = max(abs(wanted), abs(value / (values[p] or 1)))
                assert abs(gradient[p][k] - wanted) <= 1e-9 * scale * max(1, condition), (key, p, values)


RUNNER = """
const program = require(process.argv[1]);
const cases = JSON.parse(require("fs").readFileSync(0));
const write = x => Number.isFinite(x) ? x : String(x);
process.stdout.write(JSON.stringify(cases.map(([name, values]) => write(program[name](values)))));
"""


def in_node(program, cases, folder):
    """Run one JavaScript program in one process of Node; return a number for each case."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the JavaScript cannot be run here")
    path = folder / "formulas.js"
    exported = ", ".join(sorted({name for name, _ in cases}))
    path.write_text(f"'use strict';\n{program}\nmodule.exports = {{ {exported} }};\n", encoding="utf-8")
    done = subprocess.run([node, "-e", RUNNER, str(path)], input=json.dumps(cases), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_javascript_gives_the_number(tmp_path, capsys):
    began = time.perf_counter()
    printable, refused, cases, wanted = {}, [], [], []
    for name in names():
        for key, formula in derivation_of(name).formulas.items():
            try:
                formula.javascript()
            except PrintingError as error:
                assert name not in MUST_PRINT, error
                kinds = {type(node).__name__ for node in sp.preorder_traversal(formula.stable)}
                assert kinds & NOT_ELEMENTARY, f"{name}.{key}: {error}"
                refused.append(f"{name}.{key}")
                continue
            printable[f"{name}__{key}"] = formula
            points = exact(name, key)
            cases += [(f"{name}__{key}", values) for values, *_ in points]
            wanted += [(f"{name}.{key}", [point]) for point in points]
    program = javascript.program(printable)
    assert len(re.findall(r"^function erf\(", program, re.MULTILINE)) <= 1
    for value, (label, point) in zip(in_node(program, cases, tmp_path), wanted, strict=True):
        assert_close([value], point, f"{label} in JavaScript")
    with capsys.disabled():
        print(
            f"\nJavaScript: {len(printable)} formulas at {len(cases)} points, {time.perf_counter() - began:.1f} s; "
            f"not elementary: {', '.join(refused) or 'none'}"
        )


def test_javascript_of_every_function_it_knows(tmp_path):
    """What no formula uses yet, above all erf: the helpers at points on both sides of their branches."""
    x, y = symbols("x y")
    template = derive("initialisation").formulas["epochs_to_fan_in"]
    exprs = {
        "erf_": sp.erf(y), "erfc_": sp.erfc(y), "root": sp.sqrt(x) * x ** sp.Rational(1, 3) / (1 + x) ** 2,
        "logs": sp.log(1 + x) - x, "grown": sp.exp(x) - 1, "signs": -(x - y) * -2 / -(1 - y / x) ** 3,
        "trig": sp.atan(y) + sp.cos(x) - sp.tanh(y) * sp.Max(x, y, 1) - sp.sign(y) * sp.Abs(y) ** sp.pi,
        "cases": sp.Piecewise((x - 1, sp.And(x > 1, y < 1)), (2 / x, True)), "power": 2**y * (x / 3) ** (y / 5),
        "nested": -(-(x + 1) / -y - sp.Rational(2, 3)) / 7 - (-2) ** 3 * sp.EulerGamma,
    }  # fmt: skip
    made = {}
    for name, expr in exprs.items():
        made[name] = type(template)(name, expr, (x, y), "anything", "1", "")
    grid = [(a, b) for a in (2e-9, 0.3, 1.0, 4.0) for b in (-26.0, -2.1, -1.9, -1e-3, 1e-9, 0.7, 1.99, 2.0, 3.0, 5.5)]
    cases = [(name, {"x": a, "y": b}) for name in made for a, b in grid]
    found = in_node(javascript.program(made), cases, tmp_path)
    for value, (name, at) in zip(found, cases, strict=True):
        with mpmath.workdps(50):
            wanted = float(made[name].number(40, **at))
        assert value == pytest.approx(wanted, rel=1e-12, abs=1e-300), (name, at)


def test_javascript_refuses_what_it_cannot_print():
    x, lmbda = symbols("x lmbda")
    limit = derive("epoch_decay").formulas["per_epoch_factor_limit"]
    k = sp.Symbol("k", integer=True)
    for expr in (
        sp.gamma(x),
        sp.LambertW(x),
        sp.Sum(x**k, (k, 0, 9)),
        sp.Integral(sp.exp(-x), (x, 0, lmbda)),
        sp.I * x,
    ):
        formula = type(limit)("odd", expr, (x, lmbda), "anything", "1", "")
        with pytest.raises(PrintingError, match=r"^odd: \w+ has no elementary JavaScript: "):
            formula.javascript()
    with pytest.raises(PrintingError, match="'delete' cannot be a name in JavaScript"):
        javascript.program({"delete": limit})
    with pytest.raises(PrintingError, match="cannot be a name"):
        javascript.program({"f(){}; evil": limit})


BAD = {"eta": 3.0, "lmbda": 5.0, "n": 10.0, "m": 1.0}
GOOD = {"eta": 0.1, "lmbda": 5.0, "n": 50.0, "m": 10.0}


def test_outside_its_validity_a_formula_says_so():
    factor = derive("epoch_decay").formulas["per_epoch_factor"]
    for use in (factor, factor.number):
        with pytest.raises(ValidityError, match=r"per_epoch_factor does not hold here: η\*λ/n < 1 \(met η = 3"):
            use(**BAD)
    for make in (factor.to_numpy, factor.to_jax):
        with pytest.warns(ValidityWarning, match=r"η\*λ/n < 1 \(met η = 3, λ = 5, n = 10\)"), np.errstate(all="ignore"):
            make(checked=True)(**BAD)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error")
            make(checked=True)(**GOOD)
            make()(**BAD)


def test_one_bad_element_of_an_array_is_enough():
    factor = derive("epoch_decay").formulas["per_epoch_factor"].to_numpy(checked=True)
    with pytest.warns(ValidityWarning, match=r"met η = 3, λ = 5, n = 10"), np.errstate(all="ignore"):
        found = factor(**BAD | {"eta": np.array([0.1, 3.0])})
    assert np.isfinite(found).tolist() == [True, False]


def test_a_checked_function_is_silent_under_tracing():
    function = derive("epoch_decay").formulas["per_epoch_factor"].to_jax(checked=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        jax.jit(function)(**BAD)
        jax.grad(lambda eta: function(**BAD | {"eta": eta}))(3.0)
        jax.vmap(lambda eta: function(**BAD | {"eta": eta}))(jnp.asarray([3.0, 4.0]))
