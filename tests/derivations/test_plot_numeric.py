"""Numeric: a formula as a picture, drawn where it holds; and a step as a line and as a page."""

import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import sympy as sp
from matplotlib.figure import Figure

from derivations import Formula, ValidityError, derive, names
from derivations.output.views import LONGEST_CLAIM
from derivations.prover.measured import NumbersOnly
from derivations.step import Step, equation

pytestmark = pytest.mark.numeric
FACTOR = derive("epoch_decay").formulas["per_epoch_factor"]
FIXED = {"eta": 0.1, "n": 50_000, "m": 10}


def test_a_curve_is_the_formulas_own_between_the_values_and_at_them() -> None:
    drawn = FACTOR.plot(lmbda=[0.5, 5, 50], **FIXED)
    (line,) = drawn.curves.values()
    x, y = line.get_data()
    assert x.size > 100 and {0.5, 5.0, 50.0} <= set(x.tolist())
    np.testing.assert_allclose(y, FACTOR(lmbda=x, **FIXED))
    curve, marks = drawn.axes.get_lines()
    assert curve is line and marks.get_xdata().tolist() == [0.5, 5, 50]
    assert drawn.axes.get_xscale() == "log" and drawn.axes.get_yscale() == "linear"
    assert drawn.axes.get_xlabel().endswith("λ") and "factor of a weight per epoch" in drawn.axes.get_ylabel()
    assert "η = 0.1, n = 50000, m = 10" in drawn.axes.get_title() and drawn.axes.get_legend() is None
    assert drawn._repr_png_()[0].startswith(b"\x89PNG") and "\n" not in repr(drawn)


def test_a_second_list_gives_a_curve_a_value_in_axes_of_the_callers() -> None:
    ax = Figure().subplots()
    drawn = FACTOR.plot(ax, lmbda=[1.0, 2.0], eta=[0.1, 0.5], n=50_000, m=10)
    assert drawn.axes is ax and list(drawn.curves) == ["η = 0.1", "η = 0.5"] and drawn._repr_png_() is None
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(drawn.curves)
    assert not ax.get_title() and ax.get_xscale() == "linear"


def test_where_it_does_not_hold_nothing_is_drawn_and_the_legend_says_so() -> None:
    drawn = FACTOR.plot(lmbda=[1.0, 50, 1e6], **FIXED)
    ((label, left),) = drawn.left_out.items()
    assert left == 1
    said = drawn.axes.get_legend().get_texts()[0].get_text().replace("\n", " ")
    assert said == f"{label} (1 of 3 values left out: not η*λ/n < 1)"
    assert np.nanmax(np.where(np.isfinite(drawn.curves[label].get_ydata()), drawn.curves[label].get_xdata(), 0)) < 5e5
    half_life = derive("epoch_decay").formulas["half_life_epochs"].plot(lmbda=[0, 1, 2], **FIXED)
    assert "(1 of 3 values left out: infinite)" in half_life.axes.get_legend().get_texts()[0].get_text().replace(
        "\n", " "
    )


def test_a_symbol_that_counts_is_drawn_at_whole_numbers() -> None:
    k = sp.Symbol("step", integer=True, nonnegative=True)
    (line,) = Formula("square", k**2, (k,), "a square", "1", "s").plot(step=[0, 7]).curves.values()
    assert line.get_xdata().tolist() == list(range(8))


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"lmbda": 5, **FIXED}, ValueError, "every symbol is one number: give a list for one of lmbda, eta, n, m"),
        ({"lmbda": [5], **FIXED}, ValueError, "lmbda has one value: give two or more"),
        ({"lmbda": [5, 6], **FIXED, "eta": [1, 2], "n": [1, 2]}, ValueError, "lmbda, eta, n are lists: give one"),
        ({"lmbda": [[5, 6]], **FIXED}, ValueError, "lmbda has 2 dimensions: give a plain list"),
        ({"lmbda": [5, np.nan], **FIXED}, ValueError, "lmbda has a value that is no finite number: leave it out"),
        ({"lmbda": [5, 6], **FIXED, "eta": [0.1] * 2}, ValueError, "give 1 to 6, no value twice"),
        ({"lmbda": [5, 6]}, TypeError, "missing eta (learning rate), n (training-set size), m (minibatch size)"),
        ({"lmbda": [5, 6], **FIXED, "lr": 1}, TypeError, "unknown lr"),
        ({"lmbda": ["a"], **FIXED}, TypeError, "lmbda=['a']: give a number or an array of numbers"),
        ({"lmbda": [5, 6], **FIXED, "ax": 3}, TypeError, "ax is a int, no Axes: give one"),
        ({"lmbda": [1e6, 2e6], **FIXED}, ValidityError, "does not hold here: η*λ/n < 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_in_one_line(values: dict, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        FACTOR.plot(**values)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["adamw", "stationary_variance", "initialisation"])
def test_formulas_of_laws_are_drawn_over_their_first_symbol(name: str) -> None:
    drawn = 0
    for formula in derive(name).formulas.values():
        values = formula.example()
        if values and formula.parameters:
            first = formula.parameters[0]
            below = values[first] if formula.symbols[0].is_integer else values[first] / 2
            other = values[first] + 1 if formula.symbols[0].is_integer else values[first]
            made = formula.plot(**values | {first: [below, other]})
            made.figure.draw_without_rendering()
            drawn += 1
    assert drawn


def test_drawing_is_loaded_with_the_first_drawing_and_never_jax() -> None:
    code = (
        "import sys; from derivations import derive; f = derive('epoch_decay').formulas['per_epoch_factor'];"
        "early = 'matplotlib' in sys.modules; f.plot(lmbda=[1, 2], eta=.1, n=50_000, m=10);"
        "sys.exit(early or 'jax' in sys.modules or 'matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", names())
def test_every_step_is_one_line_and_a_page_that_say_how_it_is_known(name: str) -> None:
    for step in derive(name).steps:
        line = repr(step)
        assert line.startswith(f"Step {step.name} ({step.kind}): ") and line.endswith(f"; {step.known}")
        assert "\n" not in line and len(line) < LONGEST_CLAIM + 260
        assert step.line()[:40] in line and "`" not in step.known
        page = ET.fromstring(step._repr_html_())
        assert step.known in "".join(page.itertext())
        assert list(page.iter("{http://www.w3.org/1998/Math/MathML}math"))
        latex = step._repr_latex_()
        assert latex.startswith(r"$\displaystyle ") and latex.endswith("$")
        assert (r"\approx" in latex) or step.kind != "approximation"


def test_what_is_not_proved_does_not_say_that_it_is() -> None:
    x = sp.Symbol("x")
    assert Step("d", equation(x, sp.Integer(2)), "").known == "by definition"
    assert Step("n", equation(x, sp.Integer(2)), "", NumbersOnly()).known == "checked with numbers, not proved"
    rough = [s for name in names() for s in derive(name).steps if s.kind == "approximation"]
    assert rough and all(s.known.startswith("measured, not proved: error ≤ ") for s in rough)
