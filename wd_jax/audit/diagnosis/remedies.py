"""Conventions by which a decay becomes another than the one asked for, each with its factor and what to change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.diagnosis.diagnosis import Kind

FAR = 3.0
"""Factor that a balance can tell from 1."""


@dataclass(frozen=True)
class Named:
    """A convention.

    Attributes
    ----------
    factor : float
        By which the decay is multiplied; 0 for none that is known.
    kind : str
        Of the finding.
    because : str
        Why the factor is that, a clause.
    remedy : str
        What to change.
    each : mapping of str to float
        Factor of each layer, of a cause that has not the same in all.
    """

    factor: float = 0.0
    kind: Kind = "decay other than asked"
    because: str = ""
    remedy: str = ""
    each: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def by_layer(self) -> bool:
        """Whether its factor is another in each layer."""
        return bool(self.because) and not self.factor

    @property
    def far(self) -> bool:
        """Whether it is so far from 1 that a balance, which tells a factor of 3, tells it."""
        return self.factor > FAR or 0 < self.factor < 1 / FAR


NAMED = Named()
"""None that is known."""


def conventions(asked: Asked) -> list[Named]:
    """List the conventions that the optimiser asked about may be mistaken for.

    Parameters
    ----------
    asked : Asked
        Of the whole log.
    """
    law, found = asked.found.law, []
    mu = float(law.facts.get("momentum") or 0.0)
    if law.link == "plain" and law.update == "sgd":
        mu = mu or 0.9
        found.append(
            Named(
                1 / (1 - mu), "decay amplified by momentum",
                f": 1/(1 - momentum) = {1 / (1 - mu):.4g} at a momentum of {mu:g}, which the decay goes through",
                "the decay is in the gradient (an L2 penalty, or weight_decay of torch.optim.SGD), so that the "
                f"velocity adds it up: divide it by {1 / (1 - mu):.4g}, or decay beside the velocity (SGDW); name "
                f"the optimiser as it is, such as --optimiser 'torch:SGD(momentum={mu:g})', whose law counts this in",
            )
        )  # fmt: skip
    if law.link == "momentum" and mu:
        found.append(
            Named(
                1 - mu, "decay other than asked",
                f": 1 - momentum = {1 - mu:.4g} times, as if the decay did not go through the velocity",
                f"the optimiser decays beside the velocity: multiply weight_decay by {1 / (1 - mu):.4g}, or name the "
                "optimiser as it is (SGDW)",
            )
        )  # fmt: skip
    if asked.lr is not None and law.reach == "rate" and asked.lr.max() > 0:
        peak = float(asked.lr.max())
        found.append(
            Named(
                1 / peak, "decay other than asked", f": 1/lr = {1 / peak:.4g}, as if it were not multiplied by lr",
                f"the decay is taken without the learning rate: multiply weight_decay by lr = {peak:g}, or use an "
                "optimiser that does (wd-jax translate gives the value)",
            )
        )  # fmt: skip
    if asked.lr is not None and law.reach == "absolute" and asked.lr.max() > 0:
        peak = float(asked.lr.max())
        found.append(
            Named(
                peak, "decay other than asked", f": lr = {peak:.4g}, as if it were multiplied by lr",
                f"the decay is multiplied by the learning rate: divide weight_decay by lr = {peak:g}",
            )
        )  # fmt: skip
    return [*found, *_TWICE]


_TWICE = [
    Named(
        2.0, "decay other than asked", ": twice, as a penalty of value*|w|^2 has where value/2*|w|^2 was meant",
        "halve the value: the gradient of value*|w|^2 is 2*value*w (Keras' regularizers.L2 has that form)",
    ),
    Named(
        0.5, "decay other than asked", ": half, as a penalty of value/2*|w|^2 has where value*|w|^2 was meant",
        "double the value: the gradient of value/2*|w|^2 is value*w",
    ),
]  # fmt: skip


def remedy_of(named: Named, value: float, bound: bool = False) -> str:
    """Say what to change; where no convention is known, by what to multiply."""
    if named.remedy:
        return named.remedy
    if not value > 0:
        return "look whether the parameters decay at all: the optimiser's groups, a mask, or a value of 0"
    if bound:
        return (
            f"divide weight_decay by at least {value:.3g} for the decay that was asked for; how much it is, the "
            "turning does not tell: log weight_size/LAYER under Adam and Lion, gradient_norm/LAYER too under SGD"
        )
    return (
        f"multiply weight_decay by {1 / value:.4g} for the decay that was asked for; look for a convention that makes "
        "the difference: `wd-jax audit` measures an optimiser's, `wd-jax translate` converts"
    )
