"""Numeric: every output of every formula agrees with its 50-digit number, at random points where the formula holds."""

import functools
import json
import re
import shutil
import subprocess
import warnings

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import sympy as sp

from derivations import PrintingError, ValidityError, ValidityWarning, derive, names
from derivations.errors import ProofError
from derivations.functions.arcsine import arcsine_sum
from derivations.functions.gaps import ramp_gap, tanh_gap
from derivations.output import javascript
from derivations.prover.definitions import Definitions
from derivations.prover.sampling import draw
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
    found = []
    for env in points_of(law, derivation.ranges, 4 * POINTS):
        values = {s.name: float(env.values[s]) for s in law.symbols}
        if not law.valid(**values):
            continue  # on the other side of a condition after rounding
        value = law.number(50, **values)
        if not 1e-100 < abs(value) < 1e100:
            continue
        with mpmath.workdps(60):
            again, gradient = value_and_gradient(law.expr, {s: mpmath.mpf(values[s.name]) for s in law.symbols})
            assert abs(again - value) <= abs(value) * mpmath.mpf("1e-25"), (name, formula, values)
            gradient = {s.name: slope for s, slope in gradient.items()}
            condition = float(sum(abs(values[p] * g) for p, g in gradient.items()) / abs(value))
        found.append((values, float(value), {p: float(g) for p, g in gradient.items()}, condition))
        if len(found) == POINTS:
            break
    assert len(found) >= 2, f"{name}.{formula}: hardly any of the numbers drawn gives a number"
    return found


def points_of(law, ranges, count):
    """Draw points inside a formula's validity, which may lie outside the ranges that suit the steps' draws."""
    try:
        return draw(law.symbols, [], law.validity, Definitions(), ranges, count)
    except ProofError:
        alone = [condition for condition in law.validity if len(condition.free_symbols) == 1]
        bounded = set().union(*(condition.free_symbols for condition in alone))
        wide = {symbol: span for symbol, span in ranges.items() if symbol not in bounded}
        return draw(law.symbols, [], law.validity, Definitions(), wide, count)


def value_and_gradient(expr, at):
    """Value and gradient by the chain rule, backwards through the expression: no code of the project, no SymPy rule.

    To have SymPy differentiate every formula takes longer than the rest of this file: that JAX agrees with
    SymPy's derivative of each formula is tested in test_formula_numeric.py.
    """
    values, slopes, order = dict(at), {}, []

    def visit(node):
        if node in values:
            return
        if isinstance(node, (tanh_gap, ramp_gap)):
            children = (node.textbook(),)
        else:
            children = node.args
        for child in children:
            visit(child)
        values[node], slopes[node] = _forward(node, [values[child] for child in children])
        order.append((node, children))

    visit(expr)
    owed = dict.fromkeys(values, mpmath.mpf(0)) | {expr: mpmath.mpf(1)}
    for node, children in reversed(order):
        for child, slope in zip(children, slopes[node], strict=True):
            owed[child] += owed[node] * slope
    return values[expr], {symbol: owed[symbol] for symbol in at}


def _forward(node, x):
    """Return the value of a node and its derivative by each argument."""
    if isinstance(node, sp.Rational):
        return mpmath.mpf(node.p) / node.q, []
    if isinstance(node, sp.NumberSymbol):
        return mpmath.mpf(getattr(mpmath, {"Pi": "pi", "Exp1": "e"}[type(node).__name__])), []
    if isinstance(node, sp.Add):
        return mpmath.fsum(x), [1] * len(x)
    if isinstance(node, sp.Mul):
        return mpmath.fprod(x), [mpmath.fprod(x[:k] + x[k + 1 :]) for k in range(len(x))]
    if isinstance(node, sp.Pow):
        value = x[0] ** x[1]
        return value, [x[1] * x[0] ** (x[1] - 1), value * mpmath.log(x[0]) if node.exp.free_symbols else 0]
    if isinstance(node, arcsine_sum):
        return _arcsine_sum(*x)
    if isinstance(node, (tanh_gap, ramp_gap)):
        return x[0], [1]
    if isinstance(node, sp.Max):
        value = max(x)
        return value, [int(one == value) for one in x]
    (u,) = x
    known = {
        sp.exp: (mpmath.exp, mpmath.exp),
        sp.log: (mpmath.log, lambda u: 1 / u),
        sp.tanh: (mpmath.tanh, lambda u: 1 - mpmath.tanh(u) ** 2),
        sp.sin: (mpmath.sin, mpmath.cos),
        sp.atan: (mpmath.atan, lambda u: 1 / (1 + u**2)),
        sp.asin: (mpmath.asin, lambda u: 1 / mpmath.sqrt(1 - u**2)),
        sp.erf: (mpmath.erf, lambda u: 2 * mpmath.exp(-(u**2)) / mpmath.sqrt(mpmath.pi)),
        sp.erfc: (mpmath.erfc, lambda u: -2 * mpmath.exp(-(u**2)) / mpmath.sqrt(mpmath.pi)),
        sp.Abs: (abs, mpmath.sign),
    }
    value, slope = known[node.func]
    return value(u), [slope(u)]


def _arcsine_sum(epsilon, c, b):
    """Add up (1 - epsilon)^k asin(c b^k) and its derivatives, each as its own series, to 30 digits."""
    with mpmath.workdps(30):
        q, total, slopes, power, weight, k = 1 - epsilon, mpmath.mpf(0), [mpmath.mpf(0)] * 3, c, mpmath.mpf(1), 0
        while k < 2 or weight * power * k**2 > mpmath.mpf("1e-32") * (1 - q * b) ** 2:
            k, power, weight = k + 1, power * b, weight * q
            angle, steep = mpmath.asin(power), weight * power / mpmath.sqrt(1 - power**2)
            total += weight * angle
            for position, term in enumerate((-k * weight * angle / q, steep / c, k * steep / b)):
                slopes[position] += term
        return total, slopes


def columns(points, formula):
    """Arguments as columns of POINTS rows, the last point repeated: JAX compiles an operation once a shape."""
    rows = [values for values, *_ in points]
    return {p: np.array([values[p] for values in rows + rows[-1:] * (POINTS - len(rows))]) for p in formula.parameters}


def assert_close(found, points, label):
    """1e-12 relative, more only where the rounding of the arguments alone does as much harm."""
    for value, (values, wanted, _, condition) in zip(np.ravel(found), points, strict=True):
        assert value == pytest.approx(wanted, rel=max(1e-12, 1e-14 * condition)), (label, values)


@functools.cache
def in_jax(name, key):
    """Values of a formula at its points, and the gradients: each row's own, since a row's value needs no other row.

    One trace gives both; that jit and vmap accept each formula is tested in test_formula_numeric.py.
    """
    formula = derivation_of(name).formulas[key]
    points, function = exact(name, key), formula.to_jax()
    with jax.enable_x64(True):
        rows, backwards = jax.vjp(lambda values: function(**values), columns(points, formula))
        (gradient,) = backwards(np.ones(np.shape(rows)))
    return np.asarray(rows)[: len(points)], {p: np.asarray(column) for p, column in gradient.items()}


@pytest.mark.parametrize("name", names())
def test_numpy_and_jax_give_the_number(name):
    for key, formula in derivation_of(name).formulas.items():
        points = exact(name, key)
        found = np.broadcast_to(formula.to_numpy()(**columns(points, formula)), (POINTS,))
        assert_close(found[: len(points)], points, f"{key} in NumPy")
        assert_close(in_jax(name, key)[0], points, f"{key} in JAX")


@pytest.mark.parametrize("name", names())
def test_jax_gradients_are_the_derivatives(name):
    for key in derivation_of(name).formulas:
        gradient = in_jax(name, key)[1]
        for k, (values, value, slopes, condition) in enumerate(exact(name, key)):
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
            f"\nJavaScript: {len(printable)} formulas at {len(cases)} points; "
            f"not elementary: {', '.join(refused) or 'none'}"
        )


def test_javascript_has_the_value_without_decay(tmp_path):
    at = {"eta": 0.3, "lmbda": 0, "n": 100, "m": 4, "step": 7, "weight_var_0": 0.5, "gradient_std": 2.0}
    law = derive("stationary_variance").formulas["variance"]
    given = {name: at[name] for name in law.parameters}
    share = derive("shuffling").formulas["inside_ratio"]
    other = {"epoch_share": 0.5, "eta": 0.1, "lmbda": 0, "m": 10}
    program = javascript.program({"variance": law, "share": share})
    found = in_node(program, [["variance", given], ["share", other]], tmp_path)
    assert found == pytest.approx([0.5 + 7 * 0.09 * 4 / 4, 0], rel=1e-14)


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
