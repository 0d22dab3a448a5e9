"""Mathematics in a sentence: what is typeset, what stays, and that no text becomes markup by it."""

import re
from xml.etree import ElementTree

import pytest

from wd_jax.report.mathematics import formula, typeset

pytestmark = pytest.mark.numeric


def laid_out(text: str) -> str:
    """A sentence with its mathematics as TeX would write it: what a reader sees, in order."""

    def tex(one: ElementTree.Element) -> str:
        inside = [tex(child) for child in one]
        if one.tag == "msub":
            return f"{inside[0]}_{{{inside[1]}}}"
        if one.tag == "msup":
            return f"{inside[0]}^{{{inside[1]}}}"
        if one.tag == "msqrt":
            return f"√{{{''.join(inside)}}}"
        return (one.text or "") + "".join(inside)

    return re.sub(r"<math>.*?</math>", lambda found: f"[{tex(ElementTree.fromstring(found[0]))}]", typeset(text))


@pytest.mark.parametrize(
    "text, seen",
    [
        ("scale as n_w^(-1/2) (exponent)", "scale as [n_{w}^{−1/2}] (exponent)"),
        ("decay tails off at 1/√n_in, within", "decay tails off at [1/√{n_{in}}], within"),
        ("a factor exp(-ηλ/m) per epoch", "a factor [exp(−ηλ/m)] per epoch"),
        ("from N(0, 1/n_in).", "from [N(0,1/n_{in})]."),
        ("is √(nQ/λ), with", "is [√{nQ/λ}], with"),
        ("the traffic in ‖W‖², step", "the traffic in [‖W‖^{2}], step"),
        ("λ_crit < 5", "[λ_{crit}] &lt; 5"),
        ("weight_rms scales", "[w_{rms}] scales"),
        ("t* = m/(2 η λ) ln n_in epochs", "t* = [m/(2ηλ)] ln [n_{in}] epochs"),
        ("sqrt(n Q/(λ n_w))", "[√{nQ/(λn_{w})}]"),
        ("ε ≤ 1/(5*ε)", "[ε] ≤ [1/(5ε)]"),
        ("$n$ of them", "[n] of them"),
    ],
)
def test_it_is_set_as_it_is_written_by_hand(text: str, seen: str) -> None:
    assert laid_out(text) == seen


@pytest.mark.parametrize(
    "text",
    ["layer 1, epochs 1 to 30", "a factor of 2", "weight_decay and budget_decay", "C:/n_w_x", "US$ 5 and $ 6",
     "e.g. I/O", "x_train.npy", "a 3-5 range", "report_lambda", "no (end", "N(0, ", "1e-05", "-0.5", "n = 1200"],
)  # fmt: skip
def test_what_is_no_mathematics_stays(text: str) -> None:
    assert typeset(text) == text


@pytest.mark.parametrize("text", ['<b>λ</b> & "n_w"', "n_w^(<img src=x>)", "√(</math><script>)", "$<b>$", "'λ'"])
def test_no_text_becomes_markup(text: str) -> None:
    allowed = "math|mrow|mi|mn|mo|msub|msup|msqrt"
    assert re.sub(rf"</?(?:{allowed})(?: [lr]space=\"0\")*>", "", typeset(text)).count("<") == 0


def test_a_formula_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="write it in simpler parts"):
        formula("n +* 2")
