"""What the steps of a derivation share: what is defined, what is drawn, and the numbers drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from mpmath import mp

from derivations.prover.definitions import Definitions
from derivations.prover.evaluate import Environment


@dataclass(frozen=True)
class Facts:
    """Definitions, what is drawn, and the draws by the relations they satisfy."""

    definitions: Definitions
    drawn: tuple[sp.Symbol, ...]
    bases: tuple[sp.IndexedBase, ...]
    arbitrary: dict[Any, Callable[..., Any]]
    names: set[Any]
    envs: dict[tuple[sp.Basic, ...], tuple[Environment, ...]] = field(default_factory=dict)
    relations: dict[str, tuple[sp.Basic, ...]] = field(default_factory=dict)


def arbitrary(name: str) -> Callable[..., Any]:
    """Return a smooth function with nothing special about it, the same one for the same name."""
    seed = sum(ord(letter) for letter in name) % 7 + 1

    def call(*args: Any) -> Any:
        *numbers, _ = args
        total = mp.mpf(seed) / 3
        for k, value in enumerate(numbers, start=1):
            total += value * (k + seed) / 5 + value**2 * (2 * k + 1) / 7 + mp.sin(value * k / (seed + 1))
        return total + mp.cos(mp.fsum(numbers) / seed)

    return call
