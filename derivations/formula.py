"""One expression, many outputs: a number, a NumPy, JAX or JavaScript function, LaTeX, MathML, Unicode."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import sympy as sp

from derivations.errors import ValidityError
from derivations.output import arguments, at_zero, backends, examples, javascript, plotting, printing, views
from derivations.output.stabilise import stabilise
from derivations.prover.approximation import Approximation
from derivations.scope import Scope
from derivations.step import Step, read_off
from derivations.symbols import describe
from derivations.without_decay import WithoutDecay

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Formula:
    """A named result of a derivation.

    Parameters
    ----------
    name : str
        Name by which it is called.
    expr : sympy.Expr
        The one natural expression; every output is made from it.
    symbols : tuple of sympy.Symbol
        Its arguments, in the order of the signature.
    meaning : str
        One phrase saying what the number is.
    unit : str
        Unit of the number.
    step : str
        The step of the derivation that establishes it.
    validity : tuple of sympy.Rel
        Conditions under which it may be used, besides positivity of positive symbols.
    scope : Scope or None
        Update rules, gradients and sampling that it is for; None: those of its derivation.
    without_decay : WithoutDecay or None
        What it says at lmbda = 0, where its expression has no value there.
    box : str
        The approximation step whose measured error it has, where that is not `step`.
    approximation : Approximation or None
        That error with its box, which is part of `validity`; the derivation fills it in. None: it is exact.

    Examples
    --------
    >>> from derivations import derive
    >>> factor = derive("epoch_decay").formulas["per_epoch_factor"]
    >>> round(factor(eta=0.1, lmbda=5.0, n=50_000, m=10), 9)
    0.951229187
    """

    name: str
    expr: sp.Expr
    symbols: tuple[sp.Symbol, ...]
    meaning: str
    unit: str
    step: str
    validity: tuple[sp.Rel, ...] = ()
    scope: Scope | None = None
    without_decay: WithoutDecay | None = None
    box: str = ""
    approximation: Approximation | None = None

    def __post_init__(self) -> None:
        """Refuse an expression with symbols that are no arguments."""
        if not self.expr.free_symbols <= set(self.symbols):
            raise ValueError(f"{self.name}: not in the signature: {self.expr.free_symbols - set(self.symbols)}")

    @classmethod
    def of(
        cls,
        steps: Sequence[Step],
        name: str,
        symbols: tuple[sp.Symbol, ...],
        meaning: str,
        unit: str,
        step: str,
        validity: tuple[sp.Rel, ...] = (),
        side: str = "right",
        box: str = "",
    ) -> Formula:
        """Return the formula that a step establishes, its expression read off a side of the claim (see `read_off`).

        Parameters
        ----------
        steps : sequence of Step
            All steps of the derivation; the rest as in `Formula`.
        side : str
            "right", or "left": which side of the claim.

        Examples
        --------
        >>> from derivations import derive
        >>> from derivations.symbols import symbols
        >>> Formula.of(derive("epoch_decay").steps, "limit", symbols("eta lmbda m"), "factor", "1", "limit").expr
        exp(-eta*lmbda/m)
        """
        return cls(name, read_off(steps, step, side, symbols), symbols, meaning, unit, step, validity, box=box)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the arguments, in signature order."""
        return tuple(symbol.name for symbol in self.symbols)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what was computed for speed: functions that SymPy made cannot be pickled."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @cached_property
    def stable(self) -> sp.Expr:
        """The form that every numeric backend evaluates."""
        return stabilise(self.expr, self.validity)

    def __call__(self, *unnamed: Any, **values: Any) -> Any:
        """Return the number in double precision, or an array of them.

        Parameters
        ----------
        **values : number or array
            One for each parameter, by name and in its unit. Arrays, lists, Series and DataArrays are broadcast; an
            element that is NaN gives NaN, and all others must meet the conditions of use.

        Returns
        -------
        float, numpy.ndarray, pandas.Series or xarray.DataArray
            In the formula's unit: a float for plain numbers, else what the arguments are.

        Raises
        ------
        ValidityError
            If a condition of use is violated.
        TypeError
            If an argument is missing, unknown, without a name, or no number.
        ValueError
            If arrays do not go together.

        Examples
        --------
        >>> from derivations import derive
        >>> half_life = derive("epoch_decay").formulas["half_life_epochs"]
        >>> round(half_life(eta=0.1, lmbda=5.0, n=50_000, m=10), 2)
        13.86
        >>> half_life(eta=0.1, lmbda=[0, 5, 50], n=50_000, m=10).round(2)
        array([  inf, 13.86,  1.39])
        """
        backends.by_name(self, unnamed)
        backends.bind(self, values)
        return arguments.applied(self._checked, {name: values[name] for name in self.parameters})

    def number(self, digits: int = 50, **values: Any) -> mpmath.mpf:
        """Return the number with `digits` digits, from the natural expression.

        Parameters
        ----------
        digits : int
            Digits wanted.
        **values : number or str
            One for each parameter; a str or int is taken exactly.

        Returns
        -------
        mpmath.mpf

        Examples
        --------
        >>> from derivations import derive
        >>> limit = derive("epoch_decay").formulas["per_epoch_factor_limit"]
        >>> mpmath.nstr(limit.number(20, eta="0.1", lmbda=5, m=10, n=50_000), 20)
        '0.95122942450071400909'
        """
        backends.bind(self, values)
        numbers = {name: arguments.number(name, value) for name, value in values.items()}
        self._demand(numbers)
        zeros = frozenset(name for name, number in numbers.items() if number == 0)
        if zeros.isdisjoint(at_zero.MAY_BE_ZERO):
            return backends.number(self.expr, self.symbols, values, digits)
        expr = at_zero.meaning_at_zero(self, zeros.intersection(at_zero.MAY_BE_ZERO))
        if expr is None or expr is sp.oo:
            return mpmath.mpf(self(**numbers))
        return backends.number(expr, self.symbols, values, digits)

    def to_numpy(self, checked: bool = False) -> Callable[..., Any]:
        """Return a NumPy function of keyword arguments; float32 in gives float32 out.

        Parameters
        ----------
        checked : bool
            Warn where the numbers violate a condition of use, naming it and them: one `ValidityWarning` a condition.

        Returns
        -------
        callable

        Examples
        --------
        >>> from derivations import derive
        >>> f = derive("epoch_decay").formulas["per_epoch_factor"].to_numpy()
        >>> f(eta=np.float32(0.1), lmbda=np.float32(5), n=np.float32(50_000), m=np.float32(10)).dtype
        dtype('float32')
        """
        return backends.keyword_only(self, self._positional, checked)

    def to_jax(self, checked: bool = False) -> Callable[..., Any]:
        """Return a JAX function of keyword arguments that jit, vmap and grad accept.

        Parameters
        ----------
        checked : bool
            Warn as `to_numpy` does. Inside jit, vmap and grad there are no numbers to judge: nothing is said there.

        Returns
        -------
        callable

        Examples
        --------
        >>> import jax
        >>> from derivations import derive
        >>> f = derive("epoch_decay").formulas["per_epoch_factor"].to_jax()
        >>> bool(jax.jit(f)(eta=0.1, lmbda=5.0, n=50_000.0, m=10.0) < 1)
        True
        """
        import jax.numpy as jnp

        def compiled(expr: sp.Expr) -> Callable[..., Any]:
            return backends.jax_function(expr, self.symbols)

        return backends.keyword_only(self, at_zero.switched(self, compiled(self.stable), compiled, jnp), checked)

    def plot(self, ax: Axes | None = None, **values: Any) -> plotting.Plotted:
        """Draw it over the symbol that is given as a list; a second list gives a curve for each of its values.

        Between few values the curve is the formula's own. An axis is logarithmic where its numbers are positive and
        lie more than a decade and a half apart. Values for which the formula does not hold are left out, and the
        legend says how many and why.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; by default a figure is made, which a notebook shows.
        **values : number or list of numbers
            One for each parameter, by name and in its unit; the first list is the axis of x.

        Returns
        -------
        derivations.output.plotting.Plotted
            Figure, axes, curves, and how many values each leaves out. Nothing is shown.

        Raises
        ------
        TypeError
            If an argument is missing, unknown or no number.
        ValueError
            If no symbol is a list, or more than two are; `ValidityError` if it holds for none of the values.

        Examples
        --------
        >>> from derivations import derive
        >>> factor = derive("epoch_decay").formulas["per_epoch_factor"]
        >>> drawn = factor.plot(lmbda=[0.5, 5, 50], eta=[0.1, 0.5], n=50_000, m=10)
        >>> list(drawn.curves), drawn.axes.get_xscale()
        (['η = 0.1', 'η = 0.5'], 'log')
        """
        return plotting.plot(self, ax, values)

    def violations(self, **values: Any) -> tuple[str, ...]:
        """Return the violated conditions with the numbers met, empty if there are none.

        Parameters
        ----------
        **values : number or array
            One for each parameter; an array violates a condition if any element does.

        Examples
        --------
        >>> from derivations import derive
        >>> derive("epoch_decay").formulas["per_epoch_factor"].violations(eta=3, lmbda=5, n=10, m=1)
        ('η*λ/n < 1 (met η = 3, λ = 5, n = 10)',)
        """
        backends.bind(self, values)
        return backends.violations(self, values)

    def valid(self, **values: Any) -> bool:
        """Whether all conditions of use hold.

        Examples
        --------
        >>> from derivations import derive
        >>> derive("epoch_decay").formulas["per_epoch_factor"].valid(eta=0.1, lmbda=5, n=50_000, m=10)
        True
        """
        return not self.violations(**values)

    def conditions(self) -> tuple[str, ...]:
        """Return the conditions of use as text, besides positivity of positive symbols.

        Examples
        --------
        >>> from derivations import derive
        >>> derive("epoch_decay").formulas["per_epoch_factor"].conditions()
        ('η*λ/n < 1',)
        """
        return tuple(printing.line(condition) for condition in self.validity)

    def javascript(self) -> str:
        """Return a JavaScript function of one object, and the helper functions it needs.

        Several formulas in one program: `Derivation.javascript` or `derivations.output.javascript.program`. Conditions
        of use stand in the comment; nothing checks them.

        Returns
        -------
        str

        Raises
        ------
        PrintingError
            If the expression is not elementary.

        Examples
        --------
        >>> from derivations import derive
        >>> print(derive("epoch_decay").formulas["per_epoch_factor"].javascript())
        /** factor of a weight per epoch, exact [1]; valid for η*λ/n < 1 */
        function per_epoch_factor({ eta, lmbda, n, m }) {
          return Math.exp(n * Math.log1p(-eta * lmbda / n) / m);
        }
        """
        return javascript.program({self.name: self})

    def mathml(self) -> str:
        """Return presentation MathML of the natural expression."""
        return printing.mathml(self.expr)

    def latex(self) -> str:
        """Return LaTeX of the natural expression."""
        return printing.latex(self.expr)

    def unicode(self) -> str:
        """Return a Unicode picture of the natural expression."""
        return printing.unicode(self.expr)

    def line(self) -> str:
        """Return the natural expression on one line of Unicode."""
        return printing.line(self.expr)

    def describe(self) -> dict[str, str]:
        """Return the meaning of each parameter by name."""
        return {symbol.name: describe(symbol).meaning for symbol in self.symbols}

    def at_lmbda_0(self) -> str | None:
        """Say what it is at lmbda = 0, on one line: a value, "infinite", or why there is none; None without lmbda.

        Examples
        --------
        >>> from derivations import derive
        >>> derive("epoch_decay").formulas["per_epoch_factor"].at_lmbda_0()
        '1'
        """
        return at_zero.in_words(self)

    def example(self) -> dict[str, float] | None:
        """Return numbers for which it holds, None if none are known.

        Examples
        --------
        >>> from derivations import derive
        >>> derive("epoch_decay").formulas["per_epoch_factor"].example()
        {'eta': 0.1, 'lmbda': 5, 'n': 50000, 'm': 10}
        """
        return None if self._example is None else dict(self._example)

    def __repr__(self) -> str:
        """Return the expression, its parameters with meaning and unit, where it holds, and a call."""
        return views.formula_text(self)

    def _repr_html_(self) -> str:
        return views.formula_html(self)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    @cached_property
    def _example(self) -> dict[str, float] | None:
        return examples.example(self)

    @cached_property
    def _positional(self) -> Callable[..., Any]:
        compiled = partial(backends.numpy_function, symbols=self.symbols)
        return at_zero.switched(self, compiled(self.stable), compiled, np)

    @cached_property
    def compiled_validity(self) -> tuple[tuple[sp.Rel, list[sp.Symbol], Callable[..., Any]], ...]:
        """Each condition with its symbols and a NumPy function of them."""
        return backends.compiled(self.validity)

    @cached_property
    def _zeros(self) -> dict[frozenset[str], bool]:
        """Which symbols may be 0 together, as far as it was asked."""
        return {}

    def may_be_zero(self, names: frozenset[str]) -> bool:
        """Whether there is a value where the positive symbols of these names are 0, all of them together.

        Examples
        --------
        >>> from derivations import derive
        >>> derive("epoch_decay").formulas["per_epoch_factor"].may_be_zero(frozenset({"lmbda"}))
        True
        """
        if names not in self._zeros:
            usual = names.issubset(at_zero.MAY_BE_ZERO)
            self._zeros[names] = usual and at_zero.meaning_at_zero(self, names) is not None
        return self._zeros[names]

    def _demand(self, numbers: Mapping[str, Any]) -> None:
        if violations := self.violations(**numbers):
            raise ValidityError(self.name, violations)

    def _checked(self, *arrays: np.ndarray) -> Any:
        """Evaluate arrays, or refuse them; elements without a number are passed on, a single one is refused."""
        flat = [np.ravel(array) for array in np.broadcast_arrays(*arrays)]
        there = ~np.isnan(flat).any(axis=0) if any(array.ndim for array in arrays) else slice(None)
        self._demand({name: one[there] for name, one in zip(self.parameters, flat, strict=True)})
        with np.errstate(all="ignore"):  # the conditions are met: what is infinite here is meant
            return self._positional(*(np.float64(a) if a.ndim == 0 else a for a in arrays))
