r"""The norm budget: how much of the change of each layer's squared norm is decay, drift and noise.

One step is :math:`w' = w - d - u`: d is what the step loses when its decay alone is switched off, with the same state
and the same gradient, and u is the rest. So exactly, for every rule,

.. math:: \|w'\|^2-\|w\|^2 = -2\langle w,d\rangle+\|d\|^2\ [\text{decay}] - 2\langle w-d,u\rangle\ [\text{drift}]
          + \|u\|^2\ [\text{noise}].

Decoupled decay has :math:`d=\epsilon w`: with :math:`q=1-\epsilon` decay is :math:`-\epsilon(2-\epsilon)\|w\|^2`, drift
:math:`-2q\langle w,u\rangle`. Under SGD :math:`u=\eta\bar g`. The noise term holds :math:`\|\mathbb{E}\bar g\|^2` too:
it is what is quadratic in u.

Drift has either sign, so its sum over a record is smaller than what passed to and fro. Decay and noise keep their sign:
the traffic of a record, :math:`\sum|\text{decay}|+\sum|\text{drift}|+\sum\text{noise}`, needs only drift's sum of
absolute values besides. It does not depend on how long a record is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wd_jax.engine.probes.probe import Probe, Record, Step, Switch, Variable
from wd_jax.engine.probes.weights import squared_norms

if TYPE_CHECKING:
    import jax
    from jax.typing import DTypeLike

    from wd_jax.models.mlp import Params
    from wd_jax.program import Program


class Budget(NamedTuple):
    """Signed parts of the change of each layer's squared norm, and the drift without its sign, each [layer]."""

    decay: jax.Array
    drift: jax.Array
    noise: jax.Array
    drift_traffic: jax.Array

    @property
    def change(self) -> jax.Array:
        """Return the change of squared norm that the parts add up to."""
        return self.decay + self.drift + self.noise

    def plus(self, other: Budget) -> Budget:
        """Add another budget, part by part."""
        return Budget(*(a + b for a, b in zip(self, other, strict=True)))

    def records(self) -> dict[str, jax.Array]:
        """Name the parts as a result names its variables.

        Examples
        --------
        >>> list(no_budget(2, "float32").records())
        ['budget_decay', 'budget_drift', 'budget_noise', 'budget_drift_traffic']
        """
        return {f"budget_{name}": total for name, total in self._asdict().items()}


class State(NamedTuple):
    """Squared norms at the start of a record, [layer], and the budget since then."""

    norm2: jax.Array
    sums: Budget


def no_budget(layers: int, dtype: DTypeLike) -> Budget:
    """Return an empty sum."""
    import jax.numpy as jnp

    zero = jnp.zeros(layers, dtype)
    return Budget(zero, zero, zero, zero)


def split(norm2: jax.Array, dot: jax.Array, u2: jax.Array, epsilon: jax.Array) -> Budget:
    """Split a change of squared norm, given the squared norms of w and of u and their inner product."""
    drift = -2 * (1 - epsilon) * dot
    return Budget(-epsilon * (2 - epsilon) * norm2, drift, u2, abs(drift))


def of_any_step(step: Step) -> Budget:
    """Split one step's change of squared norm, whatever the rule: decay, drift, noise and |drift|, each [layer]."""
    import jax.numpy as jnp

    from wd_jax.models.layers import weights

    layers = zip(weights(step.params), weights(step.decay), weights(step.displacement), strict=True)
    products = [[jnp.vdot(*pair) for pair in ((w, d), (d, d), (w, u), (d, u), (u, u))] for w, d, u in layers]
    wd, dd, wu, du, uu = map(jnp.stack, zip(*products, strict=True))
    drift = -2 * (wu - du)
    return Budget(dd - 2 * wd, drift, uu, abs(drift))


def of_step(step: Step) -> Budget:
    """Split a step whose decay takes a share off each weight of a layer: the same parts, each [layer]."""
    import jax.numpy as jnp

    from wd_jax.models.layers import weights

    ws, us = weights(step.params), weights(step.displacement)
    norm2 = jnp.stack([jnp.vdot(w, w) for w in ws])
    dot = jnp.stack([jnp.vdot(w, d) for w, d in zip(ws, us, strict=True)])
    u2 = jnp.stack([jnp.vdot(d, d) for d in us])
    return split(norm2, dot, u2, shares(step))


def shares(step: Step) -> jax.Array:
    """Give the share that the step's decay takes off each layer's weights: 0 where a layer does not decay."""
    import jax.numpy as jnp

    from wd_jax.models.layers import weights

    ws, decays = weights(step.params), decaying(step.program, step.params)
    epsilon = step.epsilon.astype(ws[0].dtype)
    return epsilon if all(decays) else epsilon * jnp.asarray(decays, ws[0].dtype)


def decaying(program: Program, params: Params) -> tuple[bool, ...]:
    """Say of each layer whether it decays."""
    import jax

    from wd_jax.models.layers import is_layer

    leaves, mask = jax.tree.leaves(params), jax.tree.leaves(program.rule.mask.of(params))
    return tuple(decays for leaf, decays in zip(leaves, mask, strict=True) if is_layer(leaf))


def of_sgd_step(norm2: jax.Array, step: Step) -> Budget:
    r"""Split one step of plain SGD, :math:`U = \eta A^T\Delta`, without another pass over the weights.

    .. math:: \langle W, U\rangle = \eta\langle AW, \Delta\rangle,\qquad
              \|U\|^2 = \eta^2\langle AA^T, \Delta\Delta^T\rangle.

    Parameters
    ----------
    norm2 : jax.Array [layer]
        Squared norms before the step.
    step : Step
        Its activations A [m, n_in] and deltas [m, n_out]. The gradient's own norm is taken where the two products of
        examples with examples, :math:`m^2(n_{in}+n_{out})`, would cost more.

    Returns
    -------
    Budget
        As `of_step`.
    """
    import jax.numpy as jnp

    dots, squares = [], []
    m = step.deltas[0].shape[0]
    for a, delta, layer, gradient in zip(step.activations, step.deltas, step.params, step.gradients, strict=True):
        dots.append(jnp.sum((a @ layer["w"]) * delta))
        whole = gradient["w"]
        # Small products cost about half as much an operation as reading the gradient once more (benchmarks.throughput).
        by_example = m * m * sum(whole.shape) < 2 * whole.size
        squares.append(jnp.sum((a @ a.T) * (delta @ delta.T)) if by_example else jnp.vdot(whole, whole))
    eta = step.eta
    return split(norm2, eta * jnp.stack(dots), eta * (eta * jnp.stack(squares)), shares(step))


def _start(program: Program, params: Params) -> State:
    from wd_jax.models.layers import weights

    return State(squared_norms(weights(params)), no_budget(program.model.layers, program.dtype))


def _step(state: State, step: Step) -> State:
    norm2 = state.norm2 + state.sums.change
    rule = step.program.rule
    if rule.plain and step.activations is not None:
        found = of_sgd_step(norm2, step)
    else:
        found = of_any_step(step) if rule.decay.share is None else of_step(step)
    return state._replace(sums=state.sums.plus(found))


def _finite(state: State) -> jax.Array:
    import jax.numpy as jnp

    return jnp.all(jnp.isfinite(state.sums.change))


def _record(state: State, record: Record) -> dict[str, Any]:
    return state.sums.records()


PROBE = Probe(
    name="budget",
    variables=(
        Variable(
            "budget_decay",
            ("layer",),
            "change of the squared norm by decay, summed over the record",
            "sum over steps of -2 <W, D> + |D|^2, D what the step would lose without decay; of decoupled decay "
            "-eps (2 - eps) |W|^2 with eps = eta lmbda / n",
        ),
        Variable(
            "budget_drift",
            ("layer",),
            "change of the squared norm along the gradient, summed over the record",
            "sum over steps of -2 <W - D, U>, U the gradient's step and D the decay's; decay + drift + noise is the "
            "change of |W|^2",
        ),
        Variable(
            "budget_noise",
            ("layer",),
            "change of the squared norm by squared gradient steps, summed over the record",
            "sum over steps of |U|^2, U the gradient's step: its mean's square is in it too",
        ),
        Variable(
            "budget_drift_traffic",
            ("layer",),
            "change of the squared norm along the gradient without its sign, summed over the record",
            "sum over steps of |2 <W - D, U>|: does not depend on how long a record is, as |budget_drift| does",
        ),
    ),
    switch=Switch(
        "budget",
        "no_budget",
        False,
        "Do not split the change of each layer's norm into decay, drift and noise.",
    ),
    needs=("gradients", "activations", "deltas", "displacement", "decay"),
    start=_start,
    step=_step,
    finite=_finite,
    record=_record,
    any_layout=True,
)
