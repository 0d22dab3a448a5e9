"""The trusted core: a few rules, which most claims use and on which every other certificate is built.

What is trusted
---------------
Ten files, to be read in one sitting (a test holds them under 1,500 lines): the rules here, and in the folder above
`proof` (what a rule may use), `zero` (the test that most of them end in) and `known_signs` (positive, continuous,
analytic). They stand on `definitions` and `binders`, which replace a defined symbol by what it stands for and refuse
to move it past an integral that binds it, and on SymPy's arithmetic: `expand`, `cancel`, `diff`, `simplify`, and the
signs of declared symbols. SymPy's `limit`, `integrate`, `solve`, `summation` and `series` are never asked: the law
brings the antiderivative, the root or the closed form, and a rule checks it.

============================  ==========================================================================  =============
rule                          what it checks                                                              why it holds
============================  ==========================================================================  =============
Identity, Termwise            both sides differ by 0, for sums term by term                               algebra
Root                          a value solves its equation, in which nothing turns round                   monotone: one
Induction, InductionOverSum   the start, and the step from k to k + 1                                     induction
Telescope                     a sum of increments is the last value less the first                        induction
SolvesEquation                a differential equation and its initial value                               Picard
Taylor                        every coefficient is a derivative at the point                              Taylor
NonNegativeGap                the gap of an inequality is a form that is seen not to be negative          signs
Monotone, IncreasingImage     a gap that begins at 0 and rises; an increasing function of both sides      mean value
Antiderivative                the derivative of a given antiderivative, and its ends                      calculus
Squeeze, Continuity           two bounds with one limit; the value at the point                           limits
============================  ==========================================================================  =============

What is not
-----------
A certificate that one law needs lives beside that law, one that several share in `laws/shared`. Either it ends in a
rule of this core, having written the claim in another form, or it says in `principle` what must be accepted besides,
and every page that shows the step shows that sentence. `prover.measured` never says "proved": it measures the error of
an approximation, or says "checked, not proved".

Wrong rules are looked for as well: every claim is first tried to be refuted with numbers of fifty digits, which do not
go through the rules, and the tests corrupt every step of every law and demand that its check then fails.
"""

from derivations.prover.rules.algebra import Identity, Root, Termwise
from derivations.prover.rules.bounds import (
    IncreasingImage,
    Monotone,
    NonNegativeGap,
    PositiveAxis,
    Tightness,
    UnitInterval,
)
from derivations.prover.rules.evolution import Induction, SolvesEquation, Telescope
from derivations.prover.rules.integrals import Antiderivative
from derivations.prover.rules.limits import Continuity, Squeeze
from derivations.prover.rules.series import Taylor
from derivations.prover.rules.sums import InductionOverSum

__all__ = [
    "Antiderivative",
    "Continuity",
    "Identity",
    "IncreasingImage",
    "Induction",
    "InductionOverSum",
    "Monotone",
    "NonNegativeGap",
    "PositiveAxis",
    "Root",
    "SolvesEquation",
    "Squeeze",
    "Taylor",
    "Telescope",
    "Termwise",
    "Tightness",
    "UnitInterval",
]
