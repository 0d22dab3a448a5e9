"""What a law is for: the update rule, the gradients, how examples are drawn, and what else a run must have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

RULES: dict[str, str] = {
    "sgd": "plain SGD with L2 or decay",
    "sgdw": "SGD with momentum and decoupled decay",
    "momentum": "SGD with momentum and L2 in the velocity, as in PyTorch",
    "nesterov": "the same with Nesterov's momentum",
    "adam_l2": "Adam with L2 in its averages",
    "adamw": "Adam with decoupled decay",
    "nadamw": "Adam with Nesterov's momentum and decoupled decay",
    "rmsprop_l2": "RMSprop with L2 in its average",
    "sign_momentum": "the sign of an average of gradients, with decoupled decay",
    "lion": "Lion",
    "muon": "Muon with decoupled decay",
    "sgd_cautious": "plain SGD with decay of those weights only that the step moves towards zero",
    "adamw_cautious": "Adam with such decay",
    "sgd_corrected": "plain SGD with decay in proportion to eta^2",
    "adamw_corrected": "AdamC, Adam with such decay",
    # Those of other libraries: no rule of wd_jax.Setup.
    "implicit": "any step, with decay by division as in Adan",
    "absolute": "any step, with decay that the learning rate is not in",
    "relative": "the same in proportion to the rate over that of the first step",
    "late": "any step with decoupled decay but the first, which only fills its averages",
    "added": "decay added to what the learning rate has multiplied: its sign is wrong",
    "lamb": "Adam with decay in its step, scaled to the norm of the weights",
    "lars": "momentum with L2, its gradient scaled to the norm of the weights",
    "schedule_free": "schedule-free, with decoupled decay where the gradient is taken",
    "averaged": "the moving average of the weights of a rule with decoupled decay",
    "lookahead": "Lookahead around a rule with decoupled decay",
    "adafactor": "Adafactor with decoupled decay, its learning rate scaled by the rms of the weights",
    "adagrad_l2": "Adagrad with L2 in its sum of squares",
    "l1": "plain SGD with the sum of absolute values in the cost",
}
"""Update rules by name; those that `wd_jax.Setup` knows have the same name there."""

DECOUPLED = ("sgd", "sgdw", "adamw", "nadamw", "sign_momentum", "lion", "muon")
"""Rules that take the share eta lmbda/n off a weight in every step, whatever its gradient (plain SGD: L2 does too)."""
L2 = ("sgd", "momentum", "nesterov", "adam_l2", "rmsprop_l2")
"""Rules that rest where the gradient of the whole cost, penalty included, is zero."""

GRADIENTS: dict[str, str] = {
    "any": "any",
    "none": "none, decay acts alone, as on inputs that are always zero",
    "noise": "noise of mean 0, independent from step to step and of the weights",
    "constant": "those of each example are constant, whatever the weights",
    "steady": "drift and noise have the same size in every step",
    "perpendicular": "at right angles to weights whose scale the cost ignores",
    "start": "those at initialisation",
    "rest": "the gradient of the whole cost, penalty included, is zero",
    "linear": "those of a linear network with quadratic cost",
    "teacher": "those of an erf unit that learns from another one, each example seen once",
}
"""What is assumed of the gradients, by keyword."""


@dataclass(frozen=True)
class Scope:
    """What a law is for.

    Parameters
    ----------
    rules : tuple of str
        Update rules, of `RULES`; empty: any.
    gradients : str
        What is assumed of them, a keyword of `GRADIENTS`.
    sampling : tuple of str
        How minibatches are drawn: "reshuffle", "iid"; empty: either way.
    network : mapping of str to tuple
        What else a run must have, by the name of its coordinate; "any" says that it does not matter.

    Raises
    ------
    ValueError
        For a rule or a keyword that there is not.

    Examples
    --------
    >>> Scope(("adamw",), "noise", network={"loss": ("softmax",)}).line()
    'adamw; gradients: noise of mean 0, independent from step to step and of the weights; loss: softmax'
    """

    rules: tuple[str, ...] = ()
    gradients: str = "any"
    sampling: tuple[str, ...] = ()
    network: Mapping[str, tuple[str | float, ...]] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Refuse names that are none."""
        unknown = [rule for rule in self.rules if rule not in RULES]
        if unknown or self.gradients not in GRADIENTS:
            raise ValueError(f"scope: unknown rules {unknown} or gradients {self.gradients!r}")

    @property
    def demands(self) -> dict[str, tuple[str | float, ...]]:
        """What a run's coordinates may be, by name; what is missing may be anything."""
        named = {"optimiser": self.rules, "sampling": self.sampling, **self.network}
        return {name: allowed for name, allowed in named.items() if allowed}

    def outside(self, facts: Mapping[str, Collection[Any]]) -> dict[str, tuple[str | float, ...]]:
        """Return which demands are not met for every value of a run, each with what is allowed.

        Parameters
        ----------
        facts : mapping of str to collection
            The values a run has, by name; what is unknown of it is left out and breaks no demand.

        Examples
        --------
        >>> Scope(("adamw",)).outside({"optimiser": {"sgd"}, "sampling": {"iid"}})
        {'optimiser': ('adamw',)}
        """
        return {
            name: allowed
            for name, allowed in self.demands.items()
            if name in facts and "any" not in allowed and not all(value in allowed for value in facts[name])
        }

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Return the scope as pairs of what is asked about and the answer, for a reader."""
        rules = ", ".join(self.rules) or "any"
        rest = {"sampling": self.sampling, **self.network}
        return (
            ("update rules", rules),
            ("gradients", GRADIENTS[self.gradients]),
            *((name, _listed(allowed)) for name, allowed in rest.items() if allowed),
        )

    def line(self) -> str:
        """Return the scope in one line."""
        (_, rules), *rest = self.rows()
        first = "any update rule" if rules == "any" else rules
        return "; ".join([first, *(f"{name}: {words}" for name, words in rest)])

    def record(self) -> dict[str, Any]:
        """Return the scope as JSON holds it; an empty list stands for any."""
        return {
            "rules": list(self.rules),
            "gradients": self.gradients,
            "sampling": list(self.sampling),
            "network": {name: list(allowed) for name, allowed in self.network.items()},
        }


def _listed(values: tuple[str | float, ...]) -> str:
    return " or ".join(value if isinstance(value, str) else f"{value:g}" for value in values)
