"""Prose for LaTeX: every special and every Unicode character that a stock LaTeX cannot read is written as a command."""

from __future__ import annotations

import re
import unicodedata

_GREEK = {
    letter: rf"$\{name}$"
    for letter, name in zip(
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ",
        "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon varphi "
        "chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split(),
        strict=True,
    )
}
_MATH = {
    "✓": r"\checkmark", "≈": r"\approx", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "∞": r"\infty", "√": r"\surd",
    "→": r"\to", "⇔": r"\Leftrightarrow", "±": r"\pm", "×": r"\times", "·": r"\cdot", "⋅": r"\cdot", "−": "-",
    "⟨": r"\langle", "⟩": r"\rangle", "‖": r"\|", "∇": r"\nabla", "∂": r"\partial", "∑": r"\sum", "∏": r"\prod",
    "∫": r"\int", "∈": r"\in", "∼": r"\sim", "∝": r"\propto", "≪": r"\ll", "≫": r"\gg", "′": r"\prime", "°": r"^\circ",
    "ℓ": r"\ell",
}  # fmt: skip
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "$": r"\$",
    "{": r"\{",
    "}": r"\}",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$|$",
    "~": r"\textasciitilde{}",
    "–": "--",
    "—": "---",
    "’": "'",
    "“": "``",
    "”": "''",
    "…": r"\dots{}",
}
_TABLE = _SPECIAL | _GREEK | {letter: f"${command}$" for letter, command in _MATH.items()}


def escape(words: str) -> str:
    r"""Return prose as LaTeX that needs no package but amssymb.

    Examples
    --------
    >>> escape("w_rms ≤ λ²")
    'w\\_rms $\\le$ $\\lambda$$^{2}$'
    """
    return re.sub(r"[\\_^&%#$&{}<>|~]|[^\x00-\x7f]", lambda match: _character(match[0]), words)


def _character(letter: str) -> str:
    if letter in _TABLE:
        return _TABLE[letter]
    kind, _, code = unicodedata.decomposition(letter).partition(" ")
    if kind in ("<super>", "<sub>"):
        sign = chr(int(code, 16)).replace("−", "-")
        return f"${'^' if kind == '<super>' else '_'}{{{sign}}}$"
    if "LATIN" in unicodedata.name(letter, ""):
        return letter  # inputenc knows these
    plain = unicodedata.normalize("NFKD", letter).replace("⁄", "/")
    return plain.encode("ascii", "ignore").decode() or "?"
