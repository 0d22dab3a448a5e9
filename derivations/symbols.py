"""Every symbol once: its name in Python, what it means, its unit and how the field writes it."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class Quantity:
    """A symbol together with what it stands for.

    Parameters
    ----------
    symbol : sympy.Symbol
        The symbol; its name is the Python, command-line and coordinate name.
    meaning : str
        One phrase a user understands.
    unit : str
        Unit, "1" where there is none.
    latex, unicode : str
        How the symbol is printed.

    Examples
    --------
    >>> describe("lmbda").unicode
    'λ'
    """

    symbol: sp.Symbol
    meaning: str
    unit: str
    latex: str
    unicode: str

    @property
    def name(self) -> str:
        """The Python name of the symbol."""
        return self.symbol.name


def _quantity(name: str, meaning: str, unit: str, latex: str, unicode: str, **facts: bool) -> Quantity:
    return Quantity(sp.Symbol(name, **(facts or {"positive": True})), meaning, unit, latex, unicode)


_REAL = {"real": True}
_COUNT = {"integer": True, "nonnegative": True}

QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantity in (
        _quantity("eta", "learning rate", "1", r"\eta", "η"),
        _quantity("lmbda", "Nielsen's regularisation rate: the cost carries lmbda/(2n) sum w^2", "1", r"\lambda", "λ"),
        _quantity("n", "training-set size", "examples", "n", "n"),
        _quantity("m", "minibatch size", "examples", "m", "m"),
        _quantity("n_w", "number of weights of the layer or network", "1", "n_w", "n_w"),
        _quantity("n_in", "inputs per neuron", "1", r"n_{\mathrm{in}}", "n_in"),
        _quantity("n_out", "neurons of the next layer", "1", r"n_{\mathrm{out}}", "n_out"),
        _quantity("n_hidden", "neurons of the hidden layer", "1", r"n_{\mathrm{hid}}", "n_hid"),
        _quantity("epsilon", "decay per step, eta lmbda / n", "1", r"\varepsilon", "ε"),
        _quantity("kappa", "decay per epoch, eta lmbda / m", "1", r"\kappa", "κ"),
        _quantity("steps_per_epoch", "steps per epoch", "1", "M", "M", integer=True, positive=True),
        _quantity("step", "number of steps made", "steps", "k", "k", **_COUNT),
        _quantity("count", "examples added up so far", "1", "j", "j", **_COUNT),
        _quantity("dim", "number of weights in a sum", "1", "d", "d", integer=True, positive=True),
        _quantity("epoch", "time since the start", "epochs", "t", "t", nonnegative=True),
        _quantity("w_0", "one weight before training", "1", "w_0", "w₀", **_REAL),
        _quantity("x", "number between 0 and 1", "1", "x", "x"),
        _quantity("t", "positive number", "1", "t", "t"),
        _quantity("s", "factor by which all weights are scaled", "1", "s", "s"),
        _quantity("c", "positive factor", "1", "c", "c"),
        _quantity("z", "standard Gaussian variable", "1", "z", "z", **_REAL),
        _quantity("weight_rms", "root mean square of the weights", "1", r"w_{\mathrm{rms}}", "w_rms"),
        _quantity(
            "weight_rms_0", "root mean square of the weights before training", "1", r"w_{\mathrm{rms},0}", "w_rms,0"
        ),
        _quantity("weight_rms_plateau", "root mean square of the weights at the plateau", "1", r"w_\infty", "w_∞"),
        _quantity("weight_ms", "mean square of the weights", "1", r"\overline{w^2}", "⟨w²⟩"),
        _quantity("weight_norm", "Frobenius norm of the layer's weights", "1", r"\|W\|", "‖W‖"),
        _quantity("weight_norm2", "squared Frobenius norm of the layer's weights", "1", r"\|W\|^2", "‖W‖²"),
        _quantity("gradient_ms", "mean square over weights of the minibatch gradient", "1", r"\overline{g^2}", "⟨g²⟩"),
        _quantity(
            "gradient_rms",
            "root mean square over weights of the full-batch gradient",
            "1",
            r"g_{\mathrm{rms}}",
            "g_rms",
        ),
        _quantity("gradient_norm2", "squared norm of the minibatch gradient", "1", r"\|\bar g\|^2", "‖g‖²"),
        _quantity(
            "batch_gradient_rms",
            "root mean square over weights of the minibatch gradient",
            "1",
            r"\bar g_{\mathrm{rms}}",
            "ḡ_rms",
        ),
        _quantity(
            "weight_dot_gradient",
            "inner product of weights and gradient of the data cost",
            "1",
            r"\langle W,\nabla C_0\rangle",
            "⟨W,∇C₀⟩",
            **_REAL,
        ),
        _quantity(
            "moved_by_gradient", "norm of the displacement by the gradient over one epoch", "1", r"\Delta_g", "Δ_g"
        ),
        _quantity("decay", "change of the squared norm by decay", "1", r"\mathrm{decay}", "decay", **_REAL),
        _quantity("drift", "change of the squared norm by the drift term", "1", r"\mathrm{drift}", "drift", **_REAL),
        _quantity(
            "noise",
            "change of the squared norm by the squared gradient step",
            "1",
            r"\mathrm{noise}",
            "noise",
            nonnegative=True,
        ),
        _quantity("Q", "gradient side of the norm balance, -<W,g> + eta/2 ||g||^2", "1", "Q", "Q"),
        _quantity("Q_epoch", "the same from an epoch's sums, exact", "1", r"Q_{\mathrm{epoch}}", "Q_epoch"),
        _quantity("input_norm2", "mean squared norm of the network's input", "1", r"\overline{\|x\|^2}", "⟨‖x‖²⟩"),
        _quantity("preactivation_rms", "standard deviation of a neuron's weighted input", "1", "s_z", "s_z"),
        _quantity("activation_ms", "mean square of the layer's inputs", "1", r"\overline{a^2}", "⟨a²⟩"),
        _quantity("mean_slope", "Gaussian mean of the sigmoid's slope", "1", r"\overline{\sigma'}", "⟨σ'⟩"),
        _quantity("mean_square_slope", "Gaussian mean of the squared slope", "1", r"\overline{\sigma'^2}", "⟨σ'²⟩"),
        _quantity("share", "share of decay in the traffic of the squared norm", "1", "S", "S"),
        _quantity("q", "factor per step, 1 - epsilon", "1", "q", "q"),
        _quantity("delta_ms", "mean square of dC/dz", "1", r"\overline{\delta^2}", "⟨δ²⟩"),
        _quantity("a", "any number", "1", "a", "a", **_REAL),
        _quantity("y", "any number", "1", "y", "y", **_REAL),
        _quantity("target_mean", "probability that a target is 1", "1", "p", "p"),
    )
}


def describe(symbol: sp.Symbol | str) -> Quantity:
    """Return the `Quantity` behind a symbol or its name.

    Parameters
    ----------
    symbol : sympy.Symbol or str
        The symbol.

    Returns
    -------
    Quantity

    Raises
    ------
    KeyError
        If no such symbol is known.

    Examples
    --------
    >>> describe("eta").meaning
    'learning rate'
    """
    return QUANTITIES[str(symbol)]


def symbols(names: str) -> tuple[sp.Symbol, ...]:
    """Return the symbols of the blank-separated `names`.

    Parameters
    ----------
    names : str
        Names as in DESIGN 2.

    Returns
    -------
    tuple of sympy.Symbol

    Raises
    ------
    KeyError
        If a name is unknown.

    Examples
    --------
    >>> symbols("eta lmbda")
    (eta, lmbda)
    """
    return tuple(QUANTITIES[name].symbol for name in names.split())


LATEX_NAMES = {quantity.symbol: quantity.latex for quantity in QUANTITIES.values()}
UNICODE_NAMES = {quantity.symbol: quantity.unicode for quantity in QUANTITIES.values()}
