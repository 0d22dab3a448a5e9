"""The traced numbers of one member: a checked mapping of what its rule reads."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wd_jax.inputs import checks, spellings
from wd_jax.optimisers import rules
from wd_jax.optimisers.coefficient import COMMON, Coefficient
from wd_jax.optimisers.rule import Rule


class Hyper(Mapping[str, Any]):
    """The traced numbers of one member: changing them never recompiles.

    A mapping, and each number an attribute too. JAX takes it as a tree of its numbers.

    Parameters
    ----------
    eta : float
        Learning rate, dimensionless, positive.
    lmbda : float
        Nielsen's regularisation rate, dimensionless, not negative.
    init_scale : float
        Factor on all initial weights (not biases), dimensionless, not negative.
    rule : Rule, optional
        Whose numbers these are: those that are not given have its defaults. Without it only what is given is held,
        and a coefficient may be any of the library's rules.
    **coefficients : float
        What the rule reads besides, such as ``momentum`` of sgdw and ``beta1``, ``beta2`` of adamw and lion.

    Raises
    ------
    ValueError
        For a plain number outside its range; arrays and traced values pass.
    TypeError
        For a number that the rule does not read.

    Examples
    --------
    >>> hyper = Hyper(eta=0.3, lmbda=2.0)
    >>> hyper.eta, dict(hyper)
    (0.3, {'eta': 0.3, 'lmbda': 2.0, 'init_scale': 1.0})
    >>> Hyper(momentum=0.5, rule=rules.sgdw())["momentum"]
    0.5
    """

    __slots__ = ("_numbers",)
    _numbers: dict[str, Any]

    def __init__(
        self,
        eta: Any = 0.1,
        lmbda: Any = 0.0,
        init_scale: Any = 1.0,
        *,
        rule: Rule | None = None,
        **coefficients: Any,
    ) -> None:
        if not (rule is None or isinstance(rule, Rule)):
            raise TypeError(f"rule={checks.shown(rule)}: give a Rule, such as wd.rules.adamw()")
        known = {one.name: one for one in (rules.NUMBERS if rule is None else rule.numbers)}
        foreign = [(name, value) for name, value in coefficients.items() if name not in known]
        if foreign:
            fields = (*known, "rule")
            own = spellings.if_own_number(foreign, fields, "Hyper(..., rule=...)") if rule is None else ""
            raise TypeError(spellings.unknown("Hyper has no field", foreign, fields) + own)
        given = {"eta": eta, "lmbda": lmbda, "init_scale": init_scale} | coefficients
        held = COMMON if rule is None else rule.numbers
        held = (*held, *(one for name, one in known.items() if rule is None and name in coefficients))
        object.__setattr__(self, "_numbers", _checked(given, held))

    @classmethod
    def of(cls, numbers: Mapping[str, Any], coefficients: Sequence[Coefficient]) -> "Hyper":
        """Make the numbers of members whose rules read other coefficients, those not given by default.

        Parameters
        ----------
        numbers : mapping of str to float
            Those that were given.
        coefficients : sequence of Coefficient
            All that a rule of the members reads.

        Examples
        --------
        >>> dict(Hyper.of({"eta": 0.2}, rules.sgdw().numbers))
        {'eta': 0.2, 'lmbda': 0.0, 'init_scale': 1.0, 'momentum': 0.9}
        """
        return restored(_checked(numbers, coefficients))

    def for_rule(self, rule: Rule) -> "Hyper":
        """Give what a rule reads of these numbers, by default where it is not among them.

        Examples
        --------
        >>> dict(Hyper(0.2, momentum=0.5).for_rule(rules.sgd()))
        {'eta': 0.2, 'lmbda': 0.0, 'init_scale': 1.0}
        """
        return Hyper.of(self._numbers, rule.numbers)

    def __getitem__(self, name: str) -> Any:
        return self._numbers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getattr__(self, name: str) -> Any:
        """Give a number by its name."""
        if name.startswith("_") or name not in self._numbers:
            raise AttributeError(f"Hyper has no number {name!r}")
        return self._numbers[name]

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse a change: make another one."""
        raise AttributeError(f"{name}={checks.shown(value)}: a Hyper is not changed; make another, wd.Hyper(...)")

    def __hash__(self) -> int:
        return hash(tuple(self._numbers.items()))

    def __repr__(self) -> str:
        """Return the call that makes it."""
        return f"Hyper({', '.join(f'{name}={value!r}' for name, value in self._numbers.items())})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and store it as its numbers."""
        return restored, (self._numbers,)


def restored(numbers: dict[str, Any]) -> Hyper:
    """Make a `Hyper` of numbers that were checked before, or that JAX put in their place."""
    hyper = Hyper.__new__(Hyper)
    object.__setattr__(hyper, "_numbers", dict(numbers))
    return hyper


def _checked(given: Mapping[str, Any], coefficients: Sequence[Coefficient]) -> dict[str, Any]:
    """Give each coefficient's number, in order, by default where none is given; refuse one outside its range."""
    found = {}
    for one in coefficients:
        value = found[one.name] = given.get(one.name, one.default)
        one.check(value)
    return found
