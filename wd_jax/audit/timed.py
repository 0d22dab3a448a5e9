"""Laws whose decay has a time of its own: it waits, warms up, falls, comes every few steps, or is averaged."""

import math
from collections.abc import Iterator, Mapping

from wd_jax.audit import rules
from wd_jax.audit.law import Law, snapped, tenth, that_leaves

LONGEST_RAMP = 1000
"""Steps over which a decay may be seen to warm up."""


def timed(after: Mapping[int, float], lr: float, weight_decay: float) -> Iterator[Law]:
    """Give the laws that explain what is left after the steps in `after`, by number; 1 and 10 must be there."""
    c = lr * weight_decay
    lost = 1 - after[1]
    waits = 10 - round(math.log(after[10]) / math.log1p(-c)) if 0 < after[10] < 1 and c < 1 else 0
    if lost < 1e-7 and 2 <= waits <= 9:
        formula = f"w <- (1 - lr*wd) w, but in steps 1 to {waits}"
        yield Law("decoupled", formula, rules.late, {"steps": int(waits)}, ("none at the first step",))
    begun = next((k for k in range(2, 11) if k in after and 1 - after[k] > c / 2), None)
    if lost < 1e-7 and begun is not None:
        formula = f"w <- (1 - lr*wd) w in steps {begun}, {2 * begun}, {3 * begun}, ..."
        yield Law("decoupled", formula, rules.every, {"steps": begun}, ("none at the first step", "every few steps"))
    if abs(lost - c) < 2e-7 and 0 < 1 - after[10] < 9 * c:
        power = that_leaves(lambda p: tenth(rules.falling, {"power": p}, lr, weight_decay), after[10])
        if power is not None and power > 0.01:
            rounded = round(4 * power) / 4  # ten steps in float32 give no more than two digits of it
            formula = f"w <- (1 - lr*wd/k^{rounded:g}) w in step k"
            yield Law("decoupled", formula, rules.falling, {"power": rounded}, ("falling by itself",))
    if 2e-7 < lost < 0.9 * c:
        yield from _ramps(lost, c)


def _ramps(lost: float, c: float) -> Iterator[Law]:
    steps = round(c / lost)
    if steps <= LONGEST_RAMP:
        formula = f"w <- (1 - lr*wd*min(1, k/{steps})) w in step k"
        yield Law("decoupled", formula, rules.ramp, {"steps": steps}, ("warming up by itself",))
    beta = snapped(1 - lost / c, 6e-8 / c)
    formula = f"z <- (1 - lr*wd) z; w <- {beta:g} w + {snapped(1 - beta, 1e-9):g} z"
    yield Law("averaged", formula, rules.ema, {"beta": beta}, ("exponential average",))
