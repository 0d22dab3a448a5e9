"""``python -m benchmarks.proofs [NAME ...]``: processor seconds of every proof, and of refuting every corruption of it.

No test asserts a time, since machines differ; whoever makes a proof type slower sees it here.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.machine import describe
from derivations import Derivation, DerivationError, derive, names
from tests.derivations.mutation import formula_mutants, mutants


@dataclass(frozen=True)
class Row:
    """What one derivation takes.

    Attributes
    ----------
    name : str
        Of the derivation.
    steps, corrupted_steps, corrupted_formulas : int
        How many were checked.
    check, refute : float
        Processor seconds for all steps, and for all corruptions, building them included.
    """

    name: str
    steps: int
    check: float
    corrupted_steps: int
    corrupted_formulas: int
    refute: float


def measure(name: str) -> Row:
    """Check one derivation, then every corruption of its steps and formulas."""
    began = time.process_time()
    derivation = derive(name)
    steps = len(derivation.check().verdicts)
    checked = time.process_time()
    of_steps, of_formulas = (sum(1 for _ in refuted) for refuted in (_steps(derivation), _formulas(derivation)))
    return Row(name, steps, checked - began, of_steps, of_formulas, time.process_time() - checked)


def _steps(derivation: Derivation) -> Iterator[str]:
    for mutant in mutants(derivation):
        try:
            derivation.with_claim(mutant.step, mutant.claim).check(mutant.step)
        except DerivationError:
            yield mutant.step


def _formulas(derivation: Derivation) -> Iterator[str]:
    for _, formula in formula_mutants(derivation):
        try:
            derivation.check_formula(formula)
        except DerivationError:
            yield formula.name


def table(rows: Sequence[Row]) -> str:
    """Lay the rows out, slowest proof first, and their sum.

    Examples
    --------
    >>> print(table([Row("epoch_decay", 20, 0.5, 800, 300, 1.25)]))
    derivation            steps  check (s)  corrupted steps  formulas  refuted in (s)
    epoch_decay              20       0.50              800       300            1.25
    all 1                    20       0.50              800       300            1.25
    """
    ordered = sorted(rows, key=lambda row: -row.check)
    columns = ("steps", "check", "corrupted_steps", "corrupted_formulas", "refute")
    total = Row(f"all {len(rows)}", *(sum(getattr(row, column) for row in rows) for column in columns))
    head = ("derivation", "steps", "check (s)", "corrupted steps", "formulas", "refuted in (s)")
    cells = [
        (row.name, row.steps, f"{row.check:.2f}", row.corrupted_steps, row.corrupted_formulas, f"{row.refute:.2f}")
        for row in (*ordered, total)
    ]
    return "\n".join("{:<20} {:>6} {:>10} {:>16} {:>9} {:>15}".format(*line) for line in (head, *cells))


def main() -> None:
    """Print the machine and the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proofs", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="derivations; all by default")
    options = parser.parse_args()
    print(", ".join(f"{name} {value}" for name, value in describe().items()))
    print(table([measure(name) for name in options.names or names()]))


if __name__ == "__main__":
    main()
