"""Rows of the table of optimisers: which names of a library follow which law, and which options change it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wd_jax.audit.translation.laws import Law

Options = Mapping[str, Any]
NO_FACTOR_ADAPTIVE = (
    "its decay is added to the gradient and divided with it by the gradient's own size, so that without gradient a "
    "step takes about lr whatever the value (derive('adam_l2'))"
)
NO_FACTOR_OTHER = (
    "its decay is added to the gradient, which is then rescaled by running statistics: no factor per step belongs to "
    "the value"
)
NO_FACTOR_TRUST = (
    "its decay is inside of the trust ratio, which takes a step to the weight's own norm (derive('trust_ratio'))"
)


@dataclass(frozen=True)
class Row:
    """Some optimisers of a library that follow one law.

    Attributes
    ----------
    names : str
        With blanks between.
    law : callable
        Options as given -> Law.
    when : mapping
        Options that must have these values for the row to apply; rows stand in order, the first that fits is taken.
    reads : tuple of str
        Options that the law depends on; others are said not to have been looked at.
    momentum : str
        Option that is its momentum; empty without one.
    """

    names: str
    law: Callable[[Options], Law]
    when: Options = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    momentum: str = ""


def number(options: Options, name: str, default: float) -> float:
    """Give a number among the options, or what it is by default."""
    value = options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name}={value!r}: give a number")
    return float(value)


def _beta(options: Options, place: int, default: float) -> float:
    value = options.get(f"beta{place + 1}", options.get(f"b{place + 1}", options.get(f"beta_{place + 1}")))
    if value is None and isinstance(betas := options.get("betas"), tuple | list) and len(betas) > place:
        value = betas[place]
    return default if value is None else float(value)


BETAS = ("betas", "beta1", "beta2", "b1", "b2", "beta_1", "beta_2")


def decoupled(names: str, update: str = "adam", reach: str = "rate", when: Options | None = None, **more: Any) -> Row:
    """1 - lr*value, or without the rate, or relative to the first one."""
    defaults = {"adam": (0.9, 0.999), "lion": (0.9, 0.99), "sign": (0.9, 0.0)}.get(update)
    reads = (*BETAS, *(when or {}))

    def law(options: Options) -> Law:
        facts = {} if defaults is None else {"beta1": _beta(options, 0, defaults[0])}
        if update == "lion" and defaults is not None:
            facts["beta2"] = _beta(options, 1, defaults[1])
        return Law(update=update, reach=reach, facts={**facts, **more.get("facts", {})}, **{
            key: value for key, value in more.items() if key != "facts"
        })  # fmt: skip

    return Row(names, law, when or {}, reads)


def sgdw(names: str, momentum: float = 0.0, when: Options | None = None, option: str = "momentum", **more: Any) -> Row:
    """1 - lr*value beside a momentum that does not take part."""

    def law(options: Options) -> Law:
        return Law(update="sgd", facts={"momentum": number(options, option, momentum), "apart": True}, **more)

    return Row(names, law, when or {}, (option, "nesterov", *(when or {})), option)


def coupled(
    names: str,
    momentum: float = 0.0,
    nesterov: bool = False,
    *,
    option: str = "momentum",
    nesterov_option: str = "nesterov",
    form: str = "",
    classic: bool | str = False,
    damp_first: bool = False,
    when: Options | None = None,
    **more: Any,
) -> Row:
    """Decay in the gradient, through the velocity where there is one."""

    def law(options: Options) -> Law:
        mu, dampening = number(options, option, momentum), number(options, "dampening", 0.0)
        if not 0 <= mu < 1:
            raise ValueError(f"{option}={mu:g}: give a momentum of at least 0 and below 1")
        if not 0 <= dampening < 1:
            raise ValueError(f"dampening={dampening:g}: give one of at least 0 and below 1")
        if mu == 0:
            return Law(update="sgd", facts={"momentum": 0.0}, **more)
        kind = form or ("nesterov" if options.get(nesterov_option, nesterov) else "heavy ball")
        if kind != "heavy ball" and dampening:
            raise ValueError(f"dampening={dampening:g}: Nesterov's momentum has none")
        late = bool(options.get(classic, False)) if isinstance(classic, str) else classic
        facts = {"momentum": mu, "dampening": dampening, "form": kind, "classic": late, "damp_first": damp_first}
        return Law(link="momentum", update="sgd", facts=facts, **more)

    switches = (classic,) if isinstance(classic, str) else ()
    return Row(names, law, when or {}, (option, nesterov_option, "dampening", *switches, *(when or {})), option)


def adaptive(names: str, update: str = "", when: Options | None = None, **more: Any) -> Row:
    """Decay in the gradient, divided by the gradient's own size; update "adam_l2" where a law says how."""
    why = NO_FACTOR_ADAPTIVE if update == "adam_l2" else NO_FACTOR_OTHER
    law = Law(link="none", update=update, why=why, facts={"beta1": 0.9}, **more)
    return Row(names, lambda options: law, when or {}, tuple(when or {}))


def nothing(names: str, why: str, when: Options | None = None, idle: str = "", **more: Any) -> Row:
    """No value has a factor; why, in a clause."""
    law = Law(link="none", why=why, idle=idle, **more)
    return Row(names, lambda options: law, when or {}, tuple(when or {}))


def averaged(names: str, when: Options | None = None, notes: tuple[str, ...] = (), **more: Any) -> Row:
    """Schedule-free training."""
    note = "the weights that are evaluated, x, are followed; the training point y loses a little more at first"

    def law(options: Options) -> Law:
        beta = number(options, "momentum", _beta(options, 0, 0.9))
        return Law(link="averaged", facts={"beta1": beta}, notes=(note, *notes), **more)

    return Row(names, law, when or {}, (*BETAS, "momentum", *(when or {})))


def lookahead(names: str, k: int, alpha: float, when: Options | None = None, notes: tuple = (), **more: Any) -> Row:
    """Decoupled decay whose weights go back to slow ones every k steps."""
    note = f"in the long run, over whole blocks of {k} steps; the first block is not pulled back in every library"
    facts = {"k": k, "alpha": alpha, **more.pop("facts", {})}
    law = Law(link="lookahead", facts=facts, notes=(note, *notes), **more)
    return Row(names, lambda options: law, when or {}, tuple(when or {}))
