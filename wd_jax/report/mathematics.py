"""Mathematics in a sentence, such as ``n_w^(-1/2)`` or ``exp(-ηλ/m)``, as MathML; all else is escaped.

What is read is small: names of one letter with or without a subscript, numbers, fractions with a slash, powers, roots,
and the functions that the sentences use; what stands between two dollar signs may be a letter alone. A word that is not
wholly read stays as it is.
"""

import re
from html import escape

SLASH = '<mo lspace="0" rspace="0">/</mo>'
GREEK = "αβγδεζηθκλμνξπρσςτφχψωΓΔΛΣΦΨΩ"
RAISED = {"²": "2", "³": "3"}
LOWERED = {"₀": "0", "₁": "1", "₂": "2"}
NAMES = {"weight_rms": ("w", "rms"), "lmbda_crit": ("λ", "crit"), "lmbda": ("λ", "")}
"""Names of the tables that are quantities, as they are written."""
FUNCTIONS = ("exp", "ln", "log", "N")
_WORD = re.compile(r"(?<![\w/^.\-])(?=[\w(√‖⟨∇|−-])")
_NAME = re.compile(rf"(?:{'|'.join(map(re.escape, NAMES))})(?![\w(])|[A-Za-z{GREEK}](?:_[A-Za-z0-9]+)?(?![A-Za-z0-9_])")
_LETTERS = re.compile(rf"n(?=Q)|[{GREEK}](?=[{GREEK}A-Za-z](?:_|\b))|[{GREEK}](?=[{GREEK}])")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]*[A-Za-z_])")
_CALL = re.compile(rf"(?:{'|'.join(FUNCTIONS)})(?=\()")
_ROOT = re.compile(r"sqrt(?=\()")
_TELLS = re.compile(rf"[{GREEK}√‖⟨∇^²³₀₁₂]|\b(?:exp|ln|N|sqrt)\(|(?<![A-Za-z0-9_])[A-Za-z]_[a-z]|weight_rms|lmbda")
"""What makes a word mathematics; a number or a letter alone does not."""
_MARKED = re.compile(r"\$([^$\s]{1,40})\$")


def typeset(text: str) -> str:
    """Escape a sentence for HTML, with its mathematics as MathML.

    Examples
    --------
    >>> typeset("a < b"), typeset("eta_of_mine")
    ('a &lt; b', 'eta_of_mine')
    >>> typeset("about √n_w.")
    'about <math><mrow><msqrt><msub><mi>n</mi><mi>w</mi></msub></msqrt></mrow></math>.'
    >>> typeset("$n$ and US$ 5")
    '<math><mrow><mi>n</mi></mrow></math> and US$ 5'
    >>> typeset("n_w^(-2)")[6:-7]
    '<mrow><msup><msub><mi>n</mi><mi>w</mi></msub><mrow><mo>−</mo><mn>2</mn></mrow></msup></mrow>'
    """
    return "".join(_marked(part) if k % 2 else _plain(part) for k, part in enumerate(_MARKED.split(text)))


def _marked(text: str) -> str:
    """Typeset what stands between two dollar signs; what cannot be read keeps them."""
    try:
        return formula(text)
    except ValueError:
        return escape(f"${text}$")


def _plain(text: str) -> str:
    out, place = [], 0
    for found in _WORD.finditer(text):
        start = found.start()
        if start < place:
            continue
        read = _Reader(text, start)
        mathml = read.product()
        end = read.place
        whole = mathml and _TELLS.search(text[start:end]) and not re.match(r"\w|[/.]\w|\(|\^|_", text[end:])
        if whole:
            out += [escape(text[place:start]), f"<math><mrow>{mathml}</mrow></math>"]
            place = end
    return "".join([*out, escape(text[place:])])


def formula(text: str) -> str:
    """Give MathML of what is known to be mathematics: one letter, say.

    Raises
    ------
    ValueError
        If it cannot be read.

    Examples
    --------
    >>> formula("n")
    '<math><mrow><mi>n</mi></mrow></math>'
    """
    read = _Reader(text, 0)
    mathml = read.sum()
    if not mathml or read.place < len(text):
        raise ValueError(f"formula {text!r}: not read from {text[read.place :]!r} on; write it in simpler parts")
    return f"<math><mrow>{mathml}</mrow></math>"


def _within(first: str, inside: str, last: str) -> str:
    """Put brackets around; a sign behind the first belongs to what follows it."""
    return f"<mrow><mo>{first}</mo><mrow>{inside}</mrow><mo>{last}</mo></mrow>"


class _Reader:
    """Reads one expression from a place on; every method gives MathML, or nothing and stays where it is."""

    def __init__(self, text: str, place: int) -> None:
        self.text, self.place, self.depth = text, place, 0

    def sum(self) -> str:
        """Read terms with signs, relations or commas between them: what stands within brackets."""
        out = self.product()
        while out:
            found = re.match(r" ?([-−+=<>≪≈,]) ?", self.text[self.place :])
            if not found:
                break
            back, self.place = self.place, self.place + found.end()
            term = self.product()
            if not term:
                self.place = back
                break
            out += f"<mo>{escape(found[1].replace('-', '−'))}</mo>{term}"
        return out

    def product(self) -> str:
        """Read factors that touch, or with a slash between them."""
        start = self.place
        sign = "<mo>−</mo>" if self.take("-") or self.take("−") else ""
        factor = self.power()
        if not factor:
            self.place = start
            return ""
        out = sign + factor
        while True:
            back = self.place
            if self.depth:
                self.take(" ")  # within brackets what stands side by side is multiplied
            between = SLASH if self.take("/") else ""
            if not between and not self.text.startswith("**", self.place):
                self.take("*")
            factor = self.power()
            if not factor:
                self.place = back
                return out
            out += between + factor

    def power(self) -> str:
        """Read a factor with what is raised behind it."""
        base = self.atom()
        if not base:
            return ""
        if self.text[self.place : self.place + 1] in RAISED:
            self.place += 1
            return f"<msup>{base}<mn>{RAISED[self.text[self.place - 1]]}</mn></msup>"
        back = self.place
        if self.take("^") or self.take("**"):
            raised = self.within("(", ")") or self.atom()
            if raised:
                return f"<msup>{base}<mrow>{raised}</mrow></msup>"
            self.place = back
        return base

    def atom(self) -> str:
        """Read a number, a name, a root, a call, or something in brackets."""
        if number := self.match(_NUMBER):
            return f"<mn>{number}</mn>"
        back = self.place
        if name := self.match(_CALL):
            inside = self.within("(", ")")
            if inside:
                return f"<mrow><mi>{name}</mi>{_within('(', inside, ')')}</mrow>"
            self.place = back
        if self.take("√") or self.match(_ROOT):
            inside = self.within("(", ")") or self.atom()
            if inside:
                return f"<msqrt>{inside}</msqrt>"
            self.place = back
        if self.take("∇"):
            return f"<mo>∇</mo>{self.atom()}"
        for first, last in ("()", "‖‖", "⟨⟩", "||"):
            if inside := self.within(first, last):
                return _within(first, inside, last)
        return self.name()

    def name(self) -> str:
        """Read a letter with or without what stands below it."""
        if letter := self.match(_LETTERS):
            return f"<mi>{letter}</mi>"
        found = self.match(_NAME)
        if not found:
            return ""
        letter, below = NAMES.get(found) or (found.split("_")[0], "_".join(found.split("_")[1:]))
        following = self.text[self.place : self.place + 1]
        if following in LOWERED:
            self.place += 1
            below = LOWERED[following]
        kind = "mn" if below.isdigit() else "mi"
        return f"<msub><mi>{letter}</mi><{kind}>{below}</{kind}></msub>" if below else f"<mi>{letter}</mi>"

    def within(self, first: str, last: str) -> str:
        """Read what stands between two brackets."""
        back = self.place
        if self.take(first):
            self.depth += 1
            inside = self.sum()
            self.depth -= 1
            if inside and self.take(last):
                return inside
        self.place = back
        return ""

    def take(self, letter: str) -> bool:
        """Go past a letter, if it is next."""
        found = self.text.startswith(letter, self.place) and self.place < len(self.text)
        self.place += len(letter) * found
        return found

    def match(self, pattern: re.Pattern[str]) -> str:
        """Go past what a pattern finds here."""
        found = pattern.match(self.text, self.place)
        if found is None:
            return ""
        self.place = found.end()
        return found[0]
