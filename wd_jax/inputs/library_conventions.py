r"""How other libraries write the strength of weight decay, looked up by the reader's own word: ``of``.

Each row says what a library's number does to a weight and which ``lmbda`` of wd_jax does the same. All were held
against the libraries themselves (tests/conventions), PyTorch's and Keras' against their updates written out in NumPy
and against measurements of the releases of November 2026.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Number: TypeAlias = Any
Kind: TypeAlias = Literal["decoupled", "cost", "coupled", "absolute", "no rate"]


def coupled_decay(epsilon: float, momentum: float, nesterov: bool = False) -> float:
    r"""Share of a weight that a step takes where decay goes through the velocity, as in PyTorch's SGD.

    The larger root r of :math:`r^2-(1+\mu-\epsilon)r+\mu=0`, as :math:`1-r`, without cancellation; it is
    :math:`\epsilon/(1-\mu)` while :math:`\epsilon\ll(1-\mu)^2` (the derivation ``momentum`` proves both).

    Parameters
    ----------
    epsilon : float
        Decay per step that there would be without momentum, eta*weight_decay, dimensionless.
    momentum : float
        In [0, 1), dimensionless; the velocity is counted as PyTorch counts it, v <- momentum*v + g + weight_decay*w.
    nesterov : bool
        Whether the weight moves by the gradient and the new velocity.

    Returns
    -------
    float
        1 - r, dimensionless.

    Raises
    ------
    ValueError
        Where weights oscillate, so that there is no such share.

    Examples
    --------
    >>> round(coupled_decay(5e-5, momentum=0.9), 9)
    0.000502272
    """
    above = 1 + momentum
    squared = (1 - momentum) ** 2 - 2 * above * epsilon + epsilon**2
    apart = 1 - momentum + epsilon
    if nesterov:
        squared = (1 - epsilon) * ((1 - momentum) ** 2 - above**2 * epsilon)
        apart = 1 - momentum + above * epsilon
    if not (0 <= momentum < 1 and 0 <= epsilon < 1 and squared >= 0):
        raise ValueError(
            f"eta*weight_decay={epsilon:g}, momentum={momentum:g}: weights oscillate instead of decaying, or grow; "
            "lower eta, weight_decay or momentum"
        )
    return 2 * epsilon / (apart + squared**0.5)


def lmbda_from_coupled(weight_decay: float, eta: float, n: int, momentum: float, nesterov: bool = False) -> float:
    r"""Nielsen's lmbda with which ``optimiser="sgdw"`` decays as PyTorch's SGD with this momentum does.

    :math:`\lambda = n(1-r)/\eta`, r as in ``coupled_decay``; :math:`nL/(1-\mu)` while eta*L is small.

    Parameters
    ----------
    weight_decay, eta, momentum : float
        PyTorch's arguments, dimensionless; eta and momentum are to be sgdw's too.
    n : int
        Training-set size, examples.
    nesterov : bool
        As for ``coupled_decay``.

    Examples
    --------
    >>> round(lmbda_from_coupled(weight_decay=5e-4, eta=0.1, n=50_000, momentum=0.9), 2)
    251.14
    """
    return n * coupled_decay(eta * weight_decay, momentum, nesterov) / eta


def coupled_from_lmbda(lmbda: float, eta: float, n: int, momentum: float, nesterov: bool = False) -> float:
    """``weight_decay`` of PyTorch's SGD with this momentum that decays as sgdw does with lmbda.

    The inverse of ``lmbda_from_coupled``, with the same parameters.

    Examples
    --------
    >>> round(coupled_from_lmbda(lmbda=251.14, eta=0.1, n=50_000, momentum=0.9), 7)
    0.0005
    """
    kept = 1 - eta * lmbda / n
    below = (1 + momentum) * kept - momentum if nesterov else kept
    return lmbda / n * (kept - momentum) / below


@dataclass(frozen=True)
class Convention:
    """One library's word for the strength of decay, and the lmbda that does the same.

    Attributes
    ----------
    word : str
        As the library spells it.
    library : str
        Who writes it so.
    update : str
        What is done with it: an update of the weight, or a cost.
    lmbda : str
        Nielsen's lmbda in its terms.
    kind : {"decoupled", "cost", "coupled", "absolute", "no rate"}
        How it acts: on the weight itself; in the cost, under plain SGD the same; through a momentum; without the
        learning rate; divided by a norm or by the gradient's size, so that it is no rate.
    note : str
        What surprises.
    needs : tuple of str
        What ``to_lmbda`` must be given besides the value, of n, m, eta, momentum.
    aliases : tuple of str
        Other words for it.
    """

    word: str
    library: str
    update: str
    lmbda: str
    kind: Kind
    note: str
    needs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    to: Callable[..., Number] | None = field(default=None, repr=False)
    back: Callable[..., Number] | None = field(default=None, repr=False)

    def to_lmbda(self, value: Number, **given: Number) -> Number:
        """Give the lmbda that decays as ``value`` does in this library.

        Parameters
        ----------
        value : float or array
            The library's number.
        **given : float or array
            Those of n, m, eta, momentum that ``needs`` names; others are not looked at.

        Returns
        -------
        float or array

        Raises
        ------
        ValueError
            If one is missing, or there is no such lmbda.

        Examples
        --------
        >>> of("alpha")[0].to_lmbda(1e-4, n=50_000, m=200)
        0.025
        """
        return self._converted(self.to, value, given)

    def from_lmbda(self, lmbda: Number, **given: Number) -> Number:
        """Give this library's number that decays as lmbda does here (see ``to_lmbda``).

        Examples
        --------
        >>> of("alpha")[0].from_lmbda(0.025, n=50_000, m=200)
        0.0001
        """
        return self._converted(self.back, lmbda, given)

    def _converted(self, convert: Callable[..., Number] | None, value: Number, given: dict[str, Number]) -> Number:
        if convert is None:
            raise ValueError(f"{self.word} of {self.library}: no lmbda decays as it does: {self.note}")
        missing = [name for name in self.needs if name not in given]
        if missing:
            raise ValueError(f"{self.word} of {self.library}: {self.lmbda}: give {', '.join(missing)} too")
        return convert(value, *(given[name] for name in self.needs))

    def __str__(self) -> str:
        """Say it in three lines."""
        return f"{self.word} of {self.library} ({self.kind})\n  {self.update}\n  {self.lmbda}. {self.note}"


class Conventions(tuple[Convention, ...]):
    """What ``of`` found: a tuple that prints itself, a convention in three lines."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return all of them as text."""
        return "\n".join(map(str, self))


def _times_n(value: Number, n: Number) -> Number:
    return value * n


def _over_n(lmbda: Number, n: Number) -> Number:
    return lmbda / n


def _twice_n(value: Number, n: Number) -> Number:
    return 2 * n * value


def _over_twice_n(lmbda: Number, n: Number) -> Number:
    return lmbda / (2 * n)


CONVENTIONS = (
    Convention(
        "alpha", "scikit-learn's MLPClassifier and MLPRegressor",
        "cost = mean loss + alpha/(2 m) sum w**2, m the rows of this batch: 1 - eta*alpha/m a step under solver='sgd' "
        "with momentum=0",
        "lmbda = n alpha/m", "cost",
        "m is min(200, n) unless batch_size is given, and a short last batch decays more. By default solver='adam', "
        "whose decay is no rate; solver='sgd' has Nesterov momentum 0.9, through which the decay goes. Biases are not "
        "decayed.",
        ("n", "m"), ("alpha_",), lambda alpha, n, m: n * alpha / m, lambda lmbda, n, m: lmbda * m / n,
    ),
    Convention(
        "alpha", "scikit-learn's SGDClassifier and SGDRegressor",
        "cost = mean loss + alpha/2 sum w**2, one row a step: 1 - eta*alpha",
        "lmbda = n alpha", "cost", "A step is a row: m = 1.", ("n",), (), _times_n, _over_n,
    ),
    Convention(
        "alpha", "scikit-learn's Ridge",
        "cost = sum of (y - x w)**2 + alpha sum w**2",
        "lmbda = alpha", "cost", "With half the squared error per example, as in loss='quadratic'.",
        (), (), lambda alpha: alpha, lambda lmbda: lmbda,
    ),
    Convention(
        "C", "scikit-learn's LogisticRegression, LinearSVC and SVC",
        "cost = C * sum of losses + sum w**2 / 2",
        "lmbda = 1/C", "cost", "A large C is little decay.",
        (), (), lambda c: 1 / c, lambda lmbda: 1 / lmbda,
    ),
    Convention(
        "weight_decay", "AdamW and Lion of PyTorch, optax, Keras, MLX, fastai and bitsandbytes",
        "w <- (1 - eta*weight_decay) w - eta*(the optimiser's step)",
        "lmbda = n weight_decay", "decoupled",
        "Biases are decayed too unless they are masked, in wd_jax never. By default 0.01 in PyTorch's AdamW, 1e-4 in "
        "optax's, 0.004 in Keras'.",
        ("n",), ("wd", "decoupled_weight_decay"), _times_n, _over_n,
    ),
    Convention(
        "weight_decay", "Keras' other optimisers, SGD with momentum too (not Ftrl)",
        "w <- w - eta*weight_decay*w, then the optimiser's step",
        "lmbda = n weight_decay", "decoupled", "Unlike PyTorch's SGD it does not go through the momentum.",
        ("n",), ("wd",), _times_n, _over_n,
    ),
    Convention(
        "weight_decay", "PyTorch's SGD with momentum=0; optax's chain(add_decayed_weights(weight_decay), sgd(eta))",
        "w <- w - eta*(g + weight_decay*w)",
        "lmbda = n weight_decay", "cost", "The same factor as AdamW's, 1 - eta*weight_decay.",
        ("n",), ("wd", "add_decayed_weights", "l2"), _times_n, _over_n,
    ),
    Convention(
        "weight_decay",
        "PyTorch's SGD with momentum; optax's chain(add_decayed_weights, sgd(momentum)); MXNet, Paddle, MLX alike",
        "v <- momentum*v + g + weight_decay*w; w <- w - eta*v: 1 - eta*weight_decay/(1 - momentum) a step in the long "
        "run",
        "lmbda = n (1 - r)/eta for optimiser='sgdw', about n weight_decay/(1 - momentum)", "coupled",
        "Ten times the decay at momentum 0.9; with dampening=momentum as without momentum. optimiser='momentum' is "
        "this very rule, at lmbda = n weight_decay.",
        ("eta", "n", "momentum"), ("wd", "add_decayed_weights", "momentum"), lmbda_from_coupled, coupled_from_lmbda,
    ),
    Convention(
        "weight_decay", "PyTorch's Adam, NAdam, RAdam, Adagrad, RMSprop (L2 in the gradient)",
        "g <- g + weight_decay*w, then divided by the gradient's own size",
        "no lmbda has the same decay", "no rate",
        "Where the data gradient is zero, Adam's decay does not depend on weight_decay at all (derive('adam_l2')). "
        "optimiser='adam_l2' and 'rmsprop_l2' are PyTorch's rules, at lmbda = n weight_decay.",
        (), ("wd", "adam"),
    ),
    Convention(
        "weight_decay", "LAMB of optax, timm and Paddle, LARS of optax",
        "inside the trust ratio: the step is scaled to the weight's norm",
        "no lmbda has the same decay", "no rate",
        "Where the gradient is zero LAMB takes eta of the weight, whatever weight_decay; Keras' and fastai's are "
        "decoupled.",
        (), ("wd", "lamb_weight_decay"),
    ),
    Convention(
        "absolute_decay", "Loshchilov and Hutter (arXiv 1711.05101), Chainer's weight_decay_rate, MosaicML's Decoupled "
        "optimisers; adafactor's weight_decay_rate of optax",
        "w <- (1 - absolute_decay) w - eta*step: without the learning rate",
        "lmbda = n absolute_decay/eta", "absolute", "MosaicML multiplies it by eta/eta_0 as a schedule lowers eta.",
        ("eta", "n"), ("weight_decay_rate", "weight_decay", "wd"),
        lambda decay, eta, n: n * decay / eta, lambda lmbda, eta, n: eta * lmbda / n,
    ),
    Convention(
        "kernel_regularizer", "Keras' regularizers.L2(c), l2(c)",
        "cost = mean loss + c sum w**2, without the half: 1 - 2 eta c a step under plain SGD",
        "lmbda = 2 n c", "cost",
        "Under momentum it goes through the velocity, under Adam it is no rate; Keras' weight_decay is neither.",
        ("n",), ("l2", "regularizer", "l2_regularizer", "kernel_l2"), _twice_n, _over_twice_n,
    ),
    Convention(
        "lambda", "Nielsen, and A. Ng's course (whose m is n here)",
        "cost = mean loss + lambda/(2n) sum w**2",
        "lmbda = lambda", "cost", "`lmbda` itself: `lambda` is a Python keyword.",
        (), ("lmbda", "lam", "lambda_", "lambd", "reg"), lambda value: value, lambda lmbda: lmbda,
    ),
    Convention(
        "lambda", "textbooks with lambda/2 sum w**2 (Bishop; Goodfellow et al., who call it alpha)",
        "cost = mean loss + lambda/2 sum w**2",
        "lmbda = n lambda", "cost", "Where the cost is a sum over examples and not a mean, lmbda = lambda.",
        ("n",), ("lam", "lambda_", "lambd", "alpha", "reg", "l2"), _times_n, _over_n,
    ),
    Convention(
        "lambda", "costs with lambda sum w**2, without the half",
        "cost = mean loss + lambda sum w**2",
        "lmbda = 2 n lambda", "cost", "The gradient is 2 lambda w.",
        ("n",), ("lam", "lambda_", "lambd", "reg", "l2"), _twice_n, _over_twice_n,
    ),
)  # fmt: skip
"""The table; a library's row says ``lmbda`` for the cost that is a mean over examples, as all of wd_jax."""


IMPORTED_AS = {
    **{"sklearn": "scikitlearn", "torch": "pytorch", "tensorflow": "keras", "tf": "keras"},
    **{"jax": "optax", "flax": "optax"},
}
"""What a library is imported as, or stands on, and its name here."""


def of(word: str) -> Conventions:
    """Look up what a word for weight decay means, library by library.

    Parameters
    ----------
    word : str
        As the reader's library spells it (``"alpha"``, ``"weight_decay"``, ``"wd"``, ``"C"``, ``"l2"``), or the name of
        a library or optimiser (``"scikit-learn"``, ``"Keras"``, ``"AdamW"``).

    Returns
    -------
    Conventions
        A tuple of ``Convention``, those with this very word first, which prints itself.

    Raises
    ------
    ValueError
        If nobody here calls it so; the message lists the words that are known.

    Examples
    --------
    >>> of("C")
    C of scikit-learn's LogisticRegression, LinearSVC and SVC (cost)
      cost = C * sum of losses + sum w**2 / 2
      lmbda = 1/C. A large C is little decay.
    >>> [row.lmbda for row in of("weight decay") if row.kind == "coupled"]
    ["lmbda = n (1 - r)/eta for optimiser='sgdw', about n weight_decay/(1 - momentum)"]
    """
    wanted = _key(word) if isinstance(word, str) else ""
    exact = [row for row in CONVENTIONS if _key(row.word) == wanted]
    alias = [row for row in CONVENTIONS if row not in exact and wanted in map(_key, row.aliases)]
    if wanted and (exact or alias):
        return Conventions((*exact, *alias))
    library_key = IMPORTED_AS.get(wanted, wanted)
    library = [row for row in CONVENTIONS if len(wanted) > 2 and library_key in _key(row.library)]
    if library:
        return Conventions(library)
    words = list(dict.fromkeys(row.word for row in CONVENTIONS))
    near = difflib.get_close_matches(str(word), words, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise ValueError(f"{word!r}: {hint}known are {', '.join(words)}, and names of libraries and optimisers")


def _key(word: str) -> str:
    """Reduce a word to what spellings share."""
    return "".join(letter for letter in word.lower() if letter.isalnum())
