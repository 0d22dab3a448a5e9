"""The words for what weight decay does, each with what it means; the fingerprint chooses among these and no others."""

from types import MappingProxyType

KINDS = MappingProxyType(
    {
        "decoupled": "each step takes the share lr*wd of a weight, whatever its gradient is",
        "absolute": "each step takes a share in which the present learning rate has no part, or only its change has",
        "coupled": "decay is added to the gradient and goes through what the optimiser makes of gradients",
        "scaled": "decay is multiplied by a size that the optimiser computes: a norm, a trust ratio, an adapted step",
        "averaged": "the weight that is shown is an average, which loses less than the weights it averages",
        "saturating": "decay stops of itself, at weights that are not zero",
        "growing": "weights grow: decay has the wrong sign",
        "l1": "each step takes the same amount from every weight, whatever its size",
        "none": "no decay was seen",
        "unknown": "no law that is known here gives these numbers",
    }
)
"""Kind to meaning."""

QUALIFIERS = MappingProxyType(
    {
        "none at the first step": "the first step only prepares the state",
        "with the square of the rate": "the rate counts twice: a schedule decays the decay twice",
        "refuses a zero gradient": "it gives no number where the gradient is exactly zero",
        "implicit": "it divides by one plus the share and does not subtract it",
        "every few steps": "steps in between decay nothing",
        "warming up by itself": "the decay grows over the first steps at a constant rate",
        "falling by itself": "the decay falls from step to step at a constant rate",
        "by the tensor's shape": "small tensors are not decayed, large ones are",
        "with an L1 part": "a share of the decay is the same for every weight, whatever its size",
        "up to rounding": "low precision rounds a step up or down, and gives the decay on average",
        "toward the start": "weights are pulled to where they began, not to zero",
        "differs when asked again": "the same run, begun anew, gave another answer",
        "masked": "only entries are decayed whose step goes the same way",
        "none at zero gradient": "a weight without gradient is left as it is",
        "NaN at zero gradient": "a gradient of exactly zero gives NaN",
        "runs away": "a weight of 1 without a gradient is beyond 1000 within ten steps",
        "moves without decay": "weights without gradient move at a weight decay of zero too",
        "relative to the first rate": "1 - wd*lr/lr0: the size of the rate has no part, its schedule has",
        "constant": "neither the learning rate nor its schedule has a part",
        "through momentum": "it compounds in the momentum, towards lr*wd/(1 - momentum) a step",
        "through averaged momentum": "the momentum is an average: it delays the decay and does not enlarge it",
        "through the second moment": "the size of the decay is divided out",
        "by the step's other parts": "beside gradients the share differs from that of a weight without gradient",
        "by the root mean square": "multiplied by the root mean square of the tensor",
        "by the norm": "multiplied by the norm of the tensor",
        "trust ratio": "the step, decay in it, is scaled to the norm of the weights: wd itself has no part",
        "late": "a changed learning rate acts one step late",
        "lookahead": "slow weights go a share of the way to the fast ones",
        "exponential average": "the weight that is shown follows the decayed one at a constant share",
        "schedule-free": "an average of all the points so far is shown or mixed in",
        "another rate or decay": (
            "each step takes the same share, but not lr*wd of the rate and decay it was taken to have: "
            "say which it has, with lr= and weight_decay="
        ),
        "rebuilt": "the weight is made anew from a state that begins at zero: what it was is lost",
    }
)
"""What a kind may be told more closely by."""
