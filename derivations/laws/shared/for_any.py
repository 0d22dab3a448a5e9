"""Identities that hold for any value of some defined symbols, while the other definitions are used."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp

from derivations.prover.binders import bound
from derivations.prover.proof import Context, demand
from derivations.prover.rules.algebra import Identity


@dataclass(frozen=True)
class IdentityForAny(Identity):
    """As `Identity`, with some defined symbols left alone: more is shown than is claimed.

    Parameters
    ----------
    free : tuple of sympy.Symbol
        The symbols left alone.

    Examples
    --------
    >>> from derivations.prover.definitions import read
    >>> x, a = sp.symbols("x a", positive=True)
    >>> f = sp.Function("f")
    >>> known = Context(read([sp.Eq(x, sp.sqrt(a)), sp.Eq(f(a), a + x)]))
    >>> IdentityForAny(free=(x,)).prove(sp.Eq(f(2) - 2, x, evaluate=False), known)
    'proved'
    >>> IdentityForAny(free=(x,)).prove(sp.Eq(x**2, a, evaluate=False), known)
    Traceback (most recent call last):
        ...
    derivations.errors.ProofError: the difference of both sides leaves -a + x**2, not 0
    """

    free: tuple[sp.Symbol, ...] = ()

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Forget what the symbols stand for, then as `Identity`."""
        known = context.definitions
        explicit = {symbol: expr for symbol, expr in known.explicit.items() if symbol not in self.free}
        left = replace(known, explicit=explicit)
        claims = (claim, *(context.claim(name) for name in self.sources))
        for node in set().union(*(known_claim.atoms(sp.Derivative, sp.Subs) for known_claim in claims)):
            # Kept symbols may stand in what others, and functions, stand for.
            inside = left.expand(node.args[0])
            moving = [s for s in self.free if inside.has(s) and known.expand(s).has(*bound(node))]
            demand(not moving, f"{node} is not known while a symbol in it is kept")
        return super().prove(claim, replace(context, definitions=left))
