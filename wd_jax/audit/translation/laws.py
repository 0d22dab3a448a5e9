r"""How weight decay acts on a weight without gradient, as one small value: ``Law``; the same in both directions.

A step multiplies the weight by 1 - epsilon. The value that a user gives acts by a *gain*, x = gain * value:

=========== ============================ ==========================================================
reach       gain                         who
=========== ============================ ==========================================================
"rate"      scale * lr                   AdamW of PyTorch, optax, Keras: decay follows the schedule
"absolute"  scale                        chainer, optax.adafactor: decay does not know the rate
"relative"  scale * lr/(reference rate)  composer, lion-pytorch: a share of the first rate
=========== ============================ ==========================================================

and by a *link* from x to epsilon: "plain" epsilon = x; "implicit" epsilon = x/(1 + x); "momentum" the slow root
(`wd_jax.audit.translation.momentum`); "lookahead" every k steps a share alpha of it; "averaged" only over a run;
"none" where no factor belongs to a value.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wd_jax.audit.translation import momentum

SETTLED = ("momentum", "lookahead")
"""Links whose factor per step is that of the long run."""


@dataclass(frozen=True, kw_only=True)
class Law:
    """How one optimiser's decay acts where nothing else does.

    Attributes
    ----------
    link, reach : str
        As above.
    scale : float
        Factor on the value; 1/m of scikit-learn's MLP is `per_row`.
    per_row : bool
        Whether the value is divided by the rows of a minibatch.
    rows : int or None
        Rows of a step, where that is not the user's choice.
    word : str
        What the value is called: "weight_decay", "alpha", "weight_decay_rate".
    update : str
        What else a step does, for the size at rest: "adam", "sgd", "lion", "sign", "adam_l2"; empty if no law is known.
    facts : mapping
        Numbers of the rule by our names: momentum, dampening, form, classic, beta1, beta2, k, alpha.
    late : int
        Steps at the start that do not decay.
    idle : str
        For "none": what a step does without gradient: "lr" takes lr of the weight (a trust ratio); else empty.
    why : str
        For "none": why no value has a factor of its own, a clause.
    notes : tuple of str
        What surprises, a sentence each.

    Examples
    --------
    >>> round(Law().epsilon(0.1, lr=3e-4, batch=None), 18)
    3e-05
    >>> round(Law(link="momentum", facts={"momentum": 0.9, "form": "heavy ball"}).value(3e-5, lr=0.1, batch=None), 9)
    2.9992e-05
    """

    link: str = "plain"
    reach: str = "rate"
    scale: float = 1.0
    per_row: bool = False
    rows: int | None = None
    word: str = "weight_decay"
    update: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    late: int = 0
    idle: str = ""
    why: str = ""
    notes: tuple[str, ...] = ()

    @property
    def has_factor(self) -> bool:
        """Whether a step, in the long run, multiplies a weight without gradient by a factor that the value sets."""
        return self.link not in ("none", "averaged")

    @property
    def derivation(self) -> str:
        """Name of the derivation that the factor rests on; empty where there is none."""
        if self.link == "none":
            return {"adam_l2": "adam_l2"}.get(self.update, "trust_ratio" if self.idle == "lr" else "")
        return {"momentum": "momentum", "plain": "ways_to_decay", "implicit": "ways_to_decay"}.get(
            self.link, "averaged_decay"
        )

    def gain(self, lr: float, batch: int | None, reference: float = 1.0) -> float:
        """Give x per unit of the value.

        Parameters
        ----------
        lr : float
            Learning rate of the step, dimensionless.
        batch : int or None
            Rows of the minibatch.
        reference : float
            First rate over the largest of the run, where decay is relative to it and that is not the same.
        """
        if self.per_row and not batch:
            raise ValueError(f"{self.word} is divided by the rows of the minibatch: give the batch")
        rows = batch if self.per_row and batch else 1
        by = {"rate": lr, "absolute": 1.0, "relative": 1 / reference}[self.reach]
        return self.scale * by / rows

    def epsilon(self, value: float, lr: float, batch: int | None, reference: float = 1.0) -> float:
        """Share of a weight that a step takes at this value, in the long run.

        Raises
        ------
        ValueError
            Where it takes all of it or more, or weights oscillate.
        """
        x = value * self.gain(lr, batch, reference)
        found = self.from_x(x)
        if not found < 1:
            raise ValueError(f"a step would take {found:g} of each weight: lower {self.word}={value:g} or the rate")
        return found

    def value(self, epsilon: float, lr: float, batch: int | None, reference: float = 1.0) -> float:
        """Give the value at which a step takes this share of a weight, in the long run: inverts `epsilon`."""
        return self.to_x(epsilon) / self.gain(lr, batch, reference)

    def from_x(self, x: float) -> float:
        """Share that a step takes at a decay of x = gain * value."""
        if self.link == "implicit":
            return x / (1 + x)
        if self.link == "momentum":
            return momentum.share(
                x * (1 - self.facts.get("dampening", 0.0)), self.facts["momentum"], self.facts["form"]
            )
        if self.link == "lookahead":
            k, alpha = self.facts["k"], self.facts["alpha"]
            return -math.expm1(math.log1p(alpha * math.expm1(k * math.log1p(-x))) / k)
        return x

    def to_x(self, epsilon: float) -> float:
        """Give x = gain * value at which a step takes this share: inverts `from_x`."""
        if self.link == "implicit":
            return epsilon / (1 - epsilon)
        if self.link == "momentum":
            found = momentum.epsilon_of(epsilon, self.facts["momentum"], self.facts["form"])
            return found / (1 - self.facts.get("dampening", 0.0))
        if self.link == "lookahead":
            k, alpha = self.facts["k"], self.facts["alpha"]
            fast = math.expm1(k * math.log1p(-epsilon)) / alpha
            if fast <= -1:
                raise ValueError(
                    f"{k} steps cannot take more than {alpha:g} of a weight when it goes back {1 - alpha:g} of the way"
                )
            return -math.expm1(math.log1p(fast) / k)
        return epsilon

    def __str__(self) -> str:
        """Write the factor of a step as a formula."""
        rate = {"rate": "lr*", "absolute": "", "relative": "(lr/lr_first)*"}[self.reach]
        scale = "" if self.scale == 1 else f"{self.scale:g}*"
        x = f"{scale}{rate}{self.word}{'/m' if self.per_row else ''}"
        if self.link == "none":
            return self.why
        if self.link == "momentum":
            mu = self.facts["momentum"]
            kind = "" if self.facts["form"] == "heavy ball" else " (Nesterov)"
            damped = f", dampening {self.facts['dampening']:g}" if self.facts.get("dampening") else ""
            return f"{x} through a momentum of {mu:g}{kind}{damped}: about 1 - {x}/(1 - {mu:g}) a step in the long run"
        forms = {"plain": f"1 - {x}", "implicit": f"1/(1 + {x})"}
        shares = f"1 - {x}, of which {self.facts.get('alpha', 0):g} stays every {self.facts.get('k', 0)} steps"
        averaged = f"{x} of the averaged weights, taken from z: half of the decay at first, and a swing through 0 later"
        return forms.get(self.link) or (shares if self.link == "lookahead" else averaged)
