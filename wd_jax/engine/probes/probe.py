"""What a probe is: a value that says what it measures, what it reads, how it is computed and what it costs.

A probe is measured in one of two places. In the training program it may collect something at every step (``start``,
``step``) and gives its numbers at the end of each record (``record``). On whole splits it is evaluated between epochs
(``measure``). Files of probes import JAX inside their functions: the command line and a stored result read names and
units from them, and must not wait for JAX.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wd_jax.inputs import checks

if TYPE_CHECKING:
    import jax

    from wd_jax.engine.examples import Examples
    from wd_jax.engine.hyper_tree import Hyper
    from wd_jax.models.forward import Network
    from wd_jax.models.mlp import Params
    from wd_jax.program import Objective, Program

OF_A_STEP = ("gradients", "activations", "deltas", "displacement", "decay", "whole")
"""What a probe may read of a step, besides the parameters and numbers that it always has."""
OF_THE_DATA = ("train", "splits")
"""Which examples an evaluation reads: the training split, or those that ``Probes(splits=...)`` names."""


@dataclass(frozen=True)
class Variable:
    """One variable of a result.

    Attributes
    ----------
    name : str
        In the result, such as "weight_rms".
    dims : tuple of str
        Its dimension besides the swept axes, ``seed`` and ``epoch``: ("layer",), ("split",), or () for none.
    long_name, description : str
        What it is in a few words, and how it is measured.
    units : str
        "1" for a pure number.
    """

    name: str
    dims: tuple[str, ...]
    long_name: str
    description: str
    units: str = "1"

    def __post_init__(self) -> None:
        """Refuse a name that no attribute of a result can have, and dimensions that no result has."""
        if not (isinstance(self.name, str) and self.name.isidentifier()):
            raise ValueError(f"variable {self.name!r}: give a name such as 'weight_max', letters, digits and _")
        if self.dims not in ((), ("layer",), ("split",)):
            raise ValueError(f"variable {self.name!r}: dims={self.dims!r}: give (), ('layer',) or ('split',)")

    @property
    def attributes(self) -> dict[str, str]:
        """Its attributes in a result: xarray prints the first two on the axes of a plot."""
        return {"long_name": self.long_name, "units": self.units, "description": self.description}


@dataclass(frozen=True)
class Switch:
    """How a probe is turned on or off.

    Attributes
    ----------
    option : str
        Field of `wd_jax.Probes`; the probe is measured where it is true, or not empty.
    flag : str
        Flag of ``wd-jax sweep`` without its dashes, with underscores.
    given : object
        Value of the field where the flag is given.
    help : str
        One line on the flag.
    """

    option: str
    flag: str
    given: Any
    help: str

    @property
    def remedy(self) -> str:
        """What to do where a variable of the probe is missing.

        Examples
        --------
        >>> Switch("budget", "no_budget", False, "").remedy
        'run the sweep again without --no-budget'
        """
        word = "with" if self.given else "without"
        return f"run the sweep again {word} --{self.flag.replace('_', '-')}"


class Step(NamedTuple):
    """One step of one member, before it is taken; what a probe does not name in ``needs`` is None.

    Attributes
    ----------
    program : Program
        Static.
    eta, epsilon : jax.Array
        Learning rate, and the share of each weight that the step's decay takes off, scalars, dimensionless; the share
        is NaN where it depends on the gradients, as in Adam with L2.
    params : Params
        Parameters before the step.
    gradients : Params
        Gradient of the minibatch's mean cost.
    activations : tuple of jax.Array [m, n_in]
        Inputs of each layer, of a multilayer perceptron.
    deltas : tuple of jax.Array [m, n_out]
        Derivative of the minibatch's mean cost by each layer's pre-activations, example by example, of the same.
    displacement : Params
        What the rule subtracts besides the decay.
    decay : Params
        What the decay subtracts: what the step would lose if its decay alone were switched off.
    whole : Params
        All that the step subtracts; it is there for a rule whose decay cannot be told apart too.
    """

    program: Program
    eta: jax.Array
    epsilon: jax.Array
    params: Params
    gradients: Any = None
    activations: Any = None
    deltas: Any = None
    displacement: Any = None
    decay: Any = None
    whole: Any = None

    def seen_by(self, probe: Probe) -> Step:
        """Keep of the step what a probe needs."""
        others: dict[str, Any] = {name: None for name in OF_A_STEP if name not in probe.needs}
        return self._replace(**others)


class Record(NamedTuple):
    """One record of one member: its numbers, and its parameters where the record starts and where it ends."""

    program: Program
    hyper: Hyper
    data: Examples
    before: Params
    params: Params


class Evaluation(NamedTuple):
    """One member between two epochs, to be evaluated on whole splits; what its model hands on is its state."""

    objective: Objective
    splits: tuple[str, ...]
    data: Examples
    params: Params
    state: Any = ()


@dataclass(frozen=True)
class Probe:
    """A measurement; everything that the library knows of it is here.

    Attributes
    ----------
    name : str
        Of the probe.
    variables : tuple of Variable
        What it adds to a result.
    switch : Switch, optional
        How it is asked for; without one a built-in probe is always measured.
    needs : tuple of str
        Of `OF_A_STEP` what ``step`` reads, of `OF_THE_DATA` what ``measure`` reads.
    start : callable, optional
        ``(program, params) -> state``, at the start of a record; without it the state is None. A probe with a start has
        no number at epoch 0, where there is no record before.
    step : callable, optional
        ``(state, Step) -> state``, at each step. The blocked method takes no step by itself, so that a probe with one
        is measured by the generic method, unless ``wd_jax.engine.blocked_probes`` has a faster form of it.
    finite : callable, optional
        ``state -> bool array``: a step that makes it false is not taken, and the member has diverged.
    record : callable, optional
        ``(state, Record) -> {variable: array}``, at the end of a record.
    measure : callable, optional
        ``Evaluation -> {variable: array}``, instead of ``record``: on whole splits, between epochs.
    derive : callable, optional
        ``({variable: np.ndarray}, Model) -> {variable: np.ndarray}``: variables that follow from measured ones,
        computed in float64 on the host; layers are on the last axis.
    any_layout : bool
        Whether all its functions give the same numbers if a layer lies as [n_out, n_in]: sums over all its elements do.
        A probe with ``step`` that does not say so keeps the layout, and rules that go element by element are slower.
    copies : int
        Arrays of the weights' size that ``state`` holds: the dry run's bytes.
    step_operations, example_operations : int
        Floating-point operations for each weight and example, of a step and of an evaluation: the dry run's seconds.

    Raises
    ------
    ValueError
        For a probe that is measured in no place or in both, or that needs what there is not.

    Examples
    --------
    >>> largest = Variable("weight_max", ("layer",), "largest weight", "of one layer, without its sign")
    >>> Probe("largest", (largest,), record=lambda state, record: {}).names
    ('weight_max',)
    """

    name: str
    variables: tuple[Variable, ...]
    switch: Switch | None = None
    needs: tuple[str, ...] = ()
    start: Callable[[Any, Any], Any] | None = None
    step: Callable[[Any, Step], Any] | None = None
    finite: Callable[[Any], Any] | None = None
    record: Callable[[Any, Record], dict[str, Any]] | None = None
    measure: Callable[[Evaluation], dict[str, Any]] | None = None
    derive: Callable[[dict[str, Any], Any], dict[str, Any]] | None = None
    any_layout: bool = False
    copies: int = 0
    step_operations: int = 0
    example_operations: int = 0

    def __post_init__(self) -> None:
        """Refuse what no program could measure."""
        for field, given, kind, example in (
            ("variables", self.variables, Variable, "(Variable(...),)"),
            ("needs", self.needs, str, "('gradients',)"),
        ):
            sequence = isinstance(given, tuple | list)
            if not (sequence and all(isinstance(one, kind) for one in given)):
                example = f"({given!r},)" if isinstance(given, str) else example
                remedy = f"give a tuple, each a {kind.__name__}: {example}"
                raise TypeError(f"probe {self.name!r}: {field}={checks.shown(given)}: {remedy}")
            object.__setattr__(self, field, tuple(given))
        if (self.record is None) == (self.measure is None):
            raise ValueError(f"probe {self.name!r}: give record or measure, one of the two")
        if self.step is not None and self.start is None:
            raise ValueError(f"probe {self.name!r}: step needs a start, which gives the state of a record's first step")
        known = OF_THE_DATA if self.measure else OF_A_STEP
        if other := [name for name in self.needs if name not in known]:
            raise ValueError(f"probe {self.name!r}: needs={other[0]!r}: choose among {', '.join(known)}")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its variables."""
        return tuple(variable.name for variable in self.variables)

    @property
    def takes_steps(self) -> bool:
        """Whether it looks at every step, not only at the two ends of a record."""
        return self.step is not None

    def begun(self, program: Program, params: Params) -> Any:
        """Return its state at the start of a record."""
        return None if self.start is None else self.start(program, params)

    def stepped(self, state: Any, step: Step) -> Any:
        """Return its state after a step, of which it sees only what it needs; a probe without ``step`` keeps its state.

        Raises
        ------
        ValueError
            Where it reads of the step what it does not name in ``needs``.
        """
        if self.step is None:
            return state
        try:
            return self.step(state, step.seen_by(self))
        except (TypeError, AttributeError) as error:
            hidden = [name for name in OF_A_STEP if name not in self.needs]
            if "NoneType" not in str(error) or not hidden:
                raise
            raise ValueError(
                f"probe {self.name!r}: needs={self.needs!r}, and its step found no value where it reads ({error}): "
                f"name there what it reads of {', '.join(hidden)}"
            ) from error

    def recorded(self, state: Any, record: Record) -> dict[str, Any]:
        """Return its numbers at the end of a record; none for a probe of whole splits."""
        return {} if self.record is None else self._checked("record", self.record(state, record), record.params)

    def measured(self, what: Evaluation) -> dict[str, Any]:
        """Return its numbers on whole splits; none for a probe of the training program."""
        return {} if self.measure is None else self._checked("measure", self.measure(what), what.params)

    def derived(self, arrays: dict[str, Any], model: Network) -> dict[str, Any]:
        """Return the variables that follow from measured ones."""
        return {} if self.derive is None else self.derive(arrays, model)

    def _checked(self, where: str, values: Any, params: Any) -> dict[str, Any]:
        """Refuse what is no dictionary of arrays, where a program is first traced."""
        import numpy as np

        remedy = f"give a dictionary, {{{next(iter(self.names), 'variable')!r}: array}}"
        if not isinstance(values, dict):
            raise TypeError(f"probe {self.name!r}: {where} returns a {type(values).__name__}: {remedy}")
        for name, value in values.items():
            if not (hasattr(value, "dtype") or isinstance(value, int | float | np.generic)):
                kind = type(value).__name__
                raise TypeError(f"probe {self.name!r}: {where} gives {name} as a {kind}: give one array (jnp.stack)")
        return _floating(values, params)


def _floating(values: dict[str, Any], params: Any) -> dict[str, Any]:
    """Give whole numbers and truth values in the dtype of the weights: only that can say that there is no number."""
    import jax
    import jax.numpy as jnp

    dtype = jax.tree.leaves(params)[0].dtype
    return {
        name: value if jnp.issubdtype(jnp.result_type(value), jnp.inexact) else jnp.asarray(value, dtype)
        for name, value in values.items()
    }
