"""What can go wrong, each with a name of its own, and what was meant by a name that is not there."""

import difflib


class DerivationError(Exception):
    """A step is false, or its proof does not go through.

    Parameters
    ----------
    derivation, step : str
        Where it happened.
    reason : str
        What was found.
    """

    def __init__(self, derivation: str, step: str, reason: str) -> None:
        self.derivation, self.step, self.reason = derivation, step, reason
        super().__init__(f"{derivation}, step {step!r}: {reason}")


class UnknownNameError(KeyError):
    """There is no derivation, formula or step of that name."""

    def __str__(self) -> str:
        """Return the message without the quotes KeyError adds."""
        return str(self.args[0])


class ProofError(Exception):
    """Raised inside a proof or a falsification; `Derivation.check` adds the step's name."""


class ValidityError(ValueError):
    """A formula was used where it does not hold.

    Parameters
    ----------
    formula : str
        Its name.
    violations : tuple of str
        The violated conditions with the numbers met.
    """

    def __init__(self, formula: str, violations: tuple[str, ...]) -> None:
        self.formula, self.violations = formula, violations
        super().__init__(f"{formula} does not hold here: " + "; ".join(violations))


class ValidityWarning(RuntimeWarning):
    """A checked NumPy or JAX function met numbers for which its formula does not hold."""


class PrintingError(ValueError):
    """An expression has no form in the language asked for."""


def nearest(name: object, names: tuple[str, ...]) -> str:
    """Return a remedy for a name that is none of `names`.

    Examples
    --------
    >>> nearest("lmda", ("eta", "lmbda")), nearest("z", ("eta", "lmbda"))
    ("did you mean 'lmbda'?", 'choose among eta, lmbda')
    """
    near = difflib.get_close_matches(str(name), names, 1)
    return f"did you mean {near[0]!r}?" if near else f"choose among {', '.join(names)}"
