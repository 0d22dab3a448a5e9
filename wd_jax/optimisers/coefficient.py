"""A number that members may differ in: its name, its default, where it may lie, and what to call it in a result."""

import keyword
import math
from dataclasses import dataclass
from typing import Any

from wd_jax.inputs import checks

METHODS = ("for_rule", "get", "items", "keys", "of", "self", "values")
"""What `wd_jax.hyper.Hyper` has besides its numbers: no number can be read by such a name."""


@dataclass(frozen=True)
class Coefficient:
    """A number that an update rule reads: traced, so that another value never recompiles.

    Parameters
    ----------
    name : str
        As it is given to `wd_jax.sweep` and as a result's coordinate is called.
    default : float
        Where none is given.
    long_name, units, description : str
        What a result says of it; the unit "1" for a pure number.
    least : float
        Smallest value.
    above : bool
        Whether `least` itself is refused.
    below : float
        Every value is smaller than this.

    Examples
    --------
    >>> Coefficient("mu", 0.9, "memory of the velocity", below=1.0).check(1.5)
    Traceback (most recent call last):
        ...
    ValueError: mu=1.5: give a non-negative finite number below 1
    """

    name: str
    default: float
    long_name: str
    units: str = "1"
    description: str = ""
    least: float = 0.0
    above: bool = False
    below: float = math.inf

    def __post_init__(self) -> None:
        """Refuse a name that Python cannot take as a keyword, and a default outside the range."""
        if not (isinstance(self.name, str) and self.name.isidentifier()):
            raise ValueError(f"name={checks.shown(self.name)}: give a coefficient a name such as 'mu'")
        if keyword.iskeyword(self.name) or self.name in METHODS or self.name.startswith("_"):
            raise ValueError(
                f"name={self.name!r}: hyper.{self.name} would not be the number; choose another, such as 'mu'"
            )
        self.check(self.default)

    def check(self, value: Any) -> None:
        """Refuse a plain number outside the range and what is no number; an array, perhaps traced, passes.

        Raises
        ------
        ValueError
            Naming the coefficient, the value and the range.
        """
        if callable(value) and self.name in ("eta", "lmbda"):
            raise ValueError(
                f"{self.name}={checks.shown(value)}: give its largest value, and its shape to the Setup: "
                f"{self.name}_schedule=wd.schedules.of_optax(schedule)"
            )
        if type(value) is not float:
            if value is None or isinstance(value, str | bytes | bool | complex | list | tuple | dict | set):
                checks.number(self.name, value)
            if not isinstance(value, int | float):
                return
        plain = value if type(value) is float else checks.number(self.name, value)
        if not ((plain > self.least if self.above else plain >= self.least) and plain < self.below):
            raise ValueError(f"{self.name}={value}: give {self.range}")

    @property
    def range(self) -> str:
        """Where a value may lie, in words: "a non-negative finite number below 1"."""
        if self.least == 0:
            words = f"a {'positive' if self.above else 'non-negative'} finite number"
        else:
            words = f"a finite number {'above' if self.above else 'of at least'} {self.least:g}"
        return words if math.isinf(self.below) else f"{words} below {self.below:g}"


COMMON = (
    Coefficient("eta", 0.1, "learning rate", description="of every step, constant", above=True),
    Coefficient(
        "lmbda",
        0.0,
        "regularisation rate",
        description="Nielsen's: a step takes eta lmbda / n off each weight; in sgd the cost carries lmbda / (2 n) sum "
        "of w^2",
    ),
    Coefficient("init_scale", 1.0, "factor on all initial weights", description="biases are not scaled"),
)
"""Numbers that every member has, whatever its rule."""
