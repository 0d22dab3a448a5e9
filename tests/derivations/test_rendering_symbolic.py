"""Symbolic: what a reader sees. Text in 100 columns, LaTeX that compiles, Markdown, MathML, one root, notebooks."""

import functools
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest
import sympy as sp

from derivations import derive, names
from derivations.output import printing
from derivations.output.latex_text import escape
from derivations.output.rendering import WIDTH
from derivations.symbols import symbols

pytestmark = pytest.mark.symbolic
derivation_of = functools.cache(derive)
text_of = functools.cache(lambda name: derivation_of(name).text())

n, lmbda, n_w, Q, n_in, eta, weight_norm2, y = symbols("n lmbda n_w Q n_in eta weight_norm2 y")
# Elements of MathML Core: what browsers draw.
CORE = {"math", "mrow", "mi", "mn", "mo", "mfrac", "msqrt", "mroot", "msup", "msub", "msubsup", "mtext", "mspace",
        "munder", "mover", "munderover", "mtable", "mtr", "mtd"}  # fmt: skip


@pytest.mark.parametrize("name", names())
def test_the_text_fits_the_terminal(name):
    text = text_of(name)
    assert max(map(len, text.splitlines())) <= WIDTH == 100
    assert "\x1b" not in text and "\t" not in text


def test_a_long_product_has_each_sum_on_a_row():
    first, second = n + eta**2 / (1 + lmbda), n_w - sp.exp(-eta / n_in)
    rows = printing.unicode(2 * Q * first * second, 20).splitlines()
    assert max(map(len, rows)) <= 20 and sum(row.lstrip().startswith("⋅ ") for row in rows) == 2
    assert rows[0].strip() == "2⋅Q"
    assert not any("Integral(" in text_of(name) for name in names())


def test_a_series_ends_with_its_order_and_a_counter_begins_its_sums():
    epsilon, step = symbols("epsilon step")
    claim = sp.Eq(sp.log(1 - epsilon), -epsilon - epsilon**2 / 2 + sp.O(epsilon**3))
    assert printing.line(claim.rhs) == "-ε - ε**2/2 + O(ε**3)"
    assert printing.latex(claim.rhs).endswith(r"+ O\left(\varepsilon^{3}\right)")
    assert [printing.line(e) for e in (step + 1, 1 - step, 2 * step - 1)] == ["k + 1", "1 - k", "2*k - 1"]


def test_a_measured_constant_is_printed_as_the_decimal_it_is():
    constant, third = sp.Rational(724201, 250000), sp.Rational(1000, 3001)
    for form in (printing.unicode, printing.line, printing.latex, printing.mathml):
        assert "2.896804" in form(n**2 + constant), form
        assert "3001" in form(third)
    assert sp.Rational("2.896804") == constant


def test_an_approximation_says_its_error_once_in_the_page_s_symbols():
    derivation = derivation_of("saturation")
    text = " ".join(derivation.text(derivation.check()).split())
    assert "mean_slope (≈ approximation (error ≤ 0.0075 for s_z ≥ 2))" in text


def test_a_long_sum_is_broken_between_its_terms():
    long = sp.Add(*(eta**k * symbols("weight_rms_0")[0] / (n + k) for k in range(1, 14)))
    rows = printing.unicode(sp.Eq(long, Q), 60).splitlines()
    assert max(map(len, rows)) <= 60
    assert sum(row.lstrip().startswith("+ ") for row in rows) >= 2 and "=" in rows
    assert max(map(len, printing.unicode(sp.exp(-long), 60).splitlines())) <= 60


@pytest.mark.parametrize(
    ("expr", "latex", "line"),
    [
        (sp.sqrt(n * Q / (lmbda * n_w)), r"\sqrt{\frac{Q n}{\lambda n_w}}", "sqrt(Q*n/(λ*n_w))"),
        (sp.sqrt(eta * n / (2 * lmbda)), r"\sqrt{\frac{\eta n}{2 \lambda}}", "sqrt(η*n/(2*λ))"),
        (1 / sp.sqrt(2 * sp.pi * n), r"\frac{1}{\sqrt{2 \pi n}}", "1/sqrt(2*pi*n)"),
        (3 * Q * sp.sqrt(n) * sp.sqrt(2 - eta), r"3 Q \sqrt{n \left(2 - \eta\right)}", "3*Q*sqrt(n*(2 - η))"),
        (-n + 1, r"1 - n", "1 - n"),
        (n - 1, r"n - 1", "n - 1"),
    ],
)
def test_one_root_and_no_leading_minus(expr, latex, line):
    assert printing.latex(expr) == latex
    assert printing.line(expr) == line


def test_a_root_is_gathered_only_where_every_sign_allows_it():
    x, z = symbols("y z")  # real, of either sign
    for expr in (sp.sqrt(x) * sp.sqrt(z), sp.sqrt(n) / sp.sqrt(x)):
        gathered = printing.one_root(expr)
        back = gathered.replace(printing.OneRoot, sp.sqrt)
        for a, b in ((-2, -3), (2, -3), (-2, 3)):
            assert abs((back - expr).subs({x: a, z: b, n: 5}).evalf()) < 1e-12


# Pairs that are the same quantity: a function and its value at the step, a vector and its component along one weight.
SAME = {"schedule_law": ({"phi", "Phi()"}, {"growth", "B()"}), "momentum": ({"gradient", "g[]"},)}


def written(derivation):
    """Everything with a letter in the steps and formulas: symbols, functions, vectors and their indices, by name."""
    shown = [step.claim for step in derivation.steps]
    shown += [part for f in derivation.formulas.values() for part in (f.expr, *f.validity, *f.symbols)]
    nodes = {node for claim in shown for node in sp.preorder_traversal(claim)}
    vectors = {node.label for node in nodes if isinstance(node, sp.IndexedBase | sp.Idx)}
    found = {(node.name, node) for node in nodes if isinstance(node, sp.Symbol) and node not in vectors}
    found |= {(f"{node}[]", node) for node in vectors}
    return found | {
        (f"{node.func.__name__}()", sp.Symbol(node.func.__name__))
        for node in nodes
        if isinstance(node, sp.core.function.AppliedUndef)
    }


@pytest.mark.parametrize("name", names())
def test_no_two_symbols_of_a_derivation_print_alike(name):
    for form in (printing.unicode, printing.line, printing.latex, printing.mathml):
        owner = {}
        for label, symbol in sorted(written(derivation_of(name)), key=str):
            other = owner.setdefault(form(symbol).replace(" ", ""), label)
            assert other == label or {other, label} in SAME.get(name, ()), (
                f"{other} and {label} both print as {form(symbol)}"
            )


@pytest.mark.parametrize("name", names())
def test_mathml_is_what_browsers_draw(name):
    derivation = derivation_of(name)
    for part in (*derivation.formulas.values(), *derivation.steps):
        root = ET.fromstring(part.mathml())
        tags = {element.tag.removeprefix("{http://www.w3.org/1998/Math/MathML}") for element in root.iter()}
        assert tags <= CORE, (part.name, tags - CORE)
        assert "lmbda" not in part.mathml() and "_" not in "".join(root.itertext()), part.name
        if part in derivation.steps:
            assert "Equivalent(" not in part.line() and "Eq(" not in part.line(), part.name


def test_functions_keep_their_letters_in_mathml():
    step = symbols("step")[0]
    claim = sp.Eq(sp.Function("V")(step), sp.Function("v")(step) * sp.Function("sigma")(y), evaluate=False)
    shown = printing.mathml(claim)
    assert "<mi>V</mi>" in shown and "<mi>v</mi>" in shown and "<mi>σ</mi>" in shown and "<mo>=</mo>" in shown
    assert "<mo>≈</mo>" in printing.mathml(claim, approximate=True)


@pytest.mark.parametrize(
    ("expr", "inside"),
    [
        (lmbda, "<mi>λ</mi>"),
        (n_in, "<msub><mi>n</mi><mi>in</mi></msub>"),
        (symbols("w_0")[0], "<msub><mi>w</mi><mn>0</mn></msub>"),
        (symbols("weight_rms_0")[0], "<msub><mi>w</mi><mi>rms,0</mi></msub>"),
        (weight_norm2, "<msup><mi>‖W‖</mi><mn>2</mn></msup>"),
        (sp.sqrt(n * Q / lmbda), "<msqrt>"),
        (weight_norm2**3, "<mo>(</mo><msup><mi>‖W‖</mi><mn>2</mn></msup><mo>)</mo>"),
        (sp.log(n), "<mi>ln</mi>"),
    ],
)
def test_mathml_writes_symbols_as_the_field_does(expr, inside):
    assert inside in printing.mathml(expr)


@pytest.mark.parametrize("name", names())
def test_markdown_blocks_stand_alone(name):
    """A code host takes a block for mathematics if it stands at the margin between blank lines."""
    text = derivation_of(name).markdown()
    lines = text.splitlines()
    fences = [k for k, line in enumerate(lines) if "$$" in line]
    assert len(fences) % 2 == 0 and all(lines[k] == "$$" for k in fences)
    prose, inside = [], False
    for k, line in enumerate(lines):
        if line == "$$":
            assert lines[k + 1 if inside else k - 1] == ""
            inside = not inside
        elif inside:
            assert line.strip() and "\n\n" not in line
        else:
            prose.append(re.sub(r"`[^`]*`", "", line))
    for line in prose:
        assert not re.search(r"(?<!\\)<[A-Za-z/!]", re.sub(r"\$[^$]*\$", "", line)), line  # would be a tag
        assert len(re.findall(r"(?<!\\)\$", line)) % 2 == 0, line


@pytest.mark.parametrize("name", names())
def test_latex_prose_is_within_what_inputenc_reads(name):
    source = derivation_of(name).latex()
    assert {letter for letter in source if ord(letter) > 0x17F} == set()
    assert source.count(r"\begin{") == source.count(r"\end{")


def test_prose_keeps_every_character():
    assert escape("a_b^c & 5% #1 {x} <y> ~ \\") == (
        r"a\_b\textasciicircum{}c \& 5\% \#1 \{x\} $<$y$>$ \textasciitilde{} \textbackslash{}"
    )
    assert escape("χ₁² ≤ ½, naïve") == r"$\chi$$_{1}$$^{2}$ $\le$ 1/2, naïve"


def test_latex_compiles(tmp_path):
    """All derivations, with their ticks, each by itself."""
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed: the LaTeX cannot be compiled here")
    for name in names():
        derivation = derivation_of(name)
        report = derivation.check() if name == "tail_off" else None
        (tmp_path / f"{name}.tex").write_text(derivation.latex(report), encoding="utf-8")
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        log = done.stdout.decode(errors="replace")
        assert done.returncode == 0, name + "\n" + "\n".join(re.findall(r"^!.*(?:\n.*){4}", log, re.MULTILINE))
        assert (tmp_path / f"{name}.pdf").stat().st_size > 10_000


@pytest.mark.parametrize("name", names())
def test_a_notebook_shows_a_derivation_and_its_formulas(name):
    derivation = derivation_of(name)
    assert derivation._repr_markdown_() == derivation.markdown()
    assert derivation._repr_latex_().startswith("$$") and derivation._repr_latex_().endswith("$$")
    for formula in derivation.formulas.values():
        assert formula._repr_latex_().startswith("$") and formula.latex() in formula._repr_latex_()


def test_a_number_below_a_letter_may_have_two_digits_and_e_is_a_letter() -> None:
    claim = derive("ridge").step("gaussian_both").mathml()
    assert "<msub><mi>L</mi><mn>12</mn></msub>" in claim and "₁" not in claim
    assert "<mi>e</mi>" in derive("epoch_decay").formulas["per_epoch_factor_limit"].mathml()


def test_pictures_do_not_depend_on_what_standard_output_can_show() -> None:
    from sympy.printing.pretty.pretty_symbology import pretty_use_unicode

    claim = derive("epoch_decay").step("limit").claim
    expected = printing.unicode(claim)
    before = pretty_use_unicode(False)  # as SymPy does where the encoding is ASCII
    try:
        assert printing.unicode(claim) == expected and pretty_use_unicode() is False
    finally:
        pretty_use_unicode(before)
