r"""What a network with one hidden layer starts with at N(0, 1), from its inputs and targets alone.

The second moments are those of `derivations.derive("saturation")`, averaged over the examples' own \|x\|^2; pair
averages, minibatches and the drift are those of `derivations.derive("start_gradient")`. The mean
gradient is a mean over pairs of examples. Weights and biases make the weighted inputs of two examples a Gaussian pair
of covariance :math:`v = 1 + x\cdot x'`, so that with the sigmoid as the normal integral of variance 1.702^2 (= c)

.. math:: E\,aa' = \tfrac14 + \tfrac1{2\pi}\arcsin\frac{v}{\sqrt{(s^2+c)(s'^2+c)}},\quad
    E\,\sigma'\sigma'' = \frac{1}{2\pi\sqrt{(s^2+c)(s'^2+c) - v^2}},

the second being the first's derivative with respect to v (Price). The output layer is the same with
:math:`v_2 = 1 + n_{hidden}E\,aa'`, and the errors of two examples have the mean product
:math:`E\,aa' - \frac12(\bar y + \bar y') + \overline{yy'}`. Then

.. math:: \overline{g_{out}^2} = \langle E\,aa'\;E\,\delta\delta'\rangle,\quad \overline{g_{hidden}^2} =
    \tfrac{n_{out}}{n_{in}}\langle x\cdot x'\;E\,\sigma'\sigma''\;E\,\delta\delta'\rangle

over pairs. The drift follows from Stein's lemma, :math:`E\,w f(w) = E f'(w)`: an output's error grows with its own
weighted input, so that :math:`\langle W, g\rangle/n_w` is :math:`(s_2^2-1)\,E\sigma'(z_2)/n_{hidden}` there, and
:math:`\frac{n_{out}}{n_{in}}E\sigma'(z_2)\,E\big[\frac{|x|^2}{s^2}(\sigma-\frac12)\sigma'z\big]` in the hidden layer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.laboratory.saturation.averages import PROBIT, mean_pull, mean_slope, mean_square_slope, saturated

Floats = NDArray[np.float64]
LAYERS = ("hidden", "output")
BINS = 400
"""Values of \\|x\\|^2 between which averages are interpolated."""


@dataclass(frozen=True)
class Start:
    """What is predicted of both layers, hidden and output: every field is a pair.

    Parameters
    ----------
    preactivation_ms, slope, slope_ms, saturated : array [2]
        Mean square of the weighted inputs; means of the slope and of its square; share outside [0.1, 0.9].
    delta_ms : array [2]
        Mean square of dC/dz.
    example_ms, mean_ms : array [2]
        Mean square, over weights, of one example's gradient, and of the gradient of the whole training set.
    drift : array [2]
        <W, gradient> over the number of weights.
    """

    preactivation_ms: Floats
    slope: Floats
    slope_ms: Floats
    saturated: Floats
    delta_ms: Floats
    example_ms: Floats
    mean_ms: Floats
    drift: Floats

    def batch_ms(self, n: int, m: int) -> Floats:
        """Mean square of a minibatch's gradient, m of n examples drawn without replacement."""
        return batch_ms(self.example_ms, self.mean_ms, n, m)


def batch_ms(example_ms: Floats, mean_ms: Floats, n: int, m: int) -> Floats:
    """Return the mean square of the gradient of m of n examples, drawn without replacement.

    Examples
    --------
    >>> float(batch_ms(np.array(4.0), np.array(1.0), 10, 10))
    1.0
    """
    return mean_ms + (example_ms - mean_ms) * (n - m) / (m * (n - 1))


def predict(inputs: Floats, targets: Floats, hidden: int, pairs: int = 2000, average: bool = True) -> Start:
    """Predict what a network starts with.

    Parameters
    ----------
    inputs, targets : array [n, n_in], [n, n_out]
        The training set.
    hidden : int
        Hidden units.
    pairs : int
        So many examples, evenly taken from the training set, make the pairs for the mean gradient.
    average : bool
        Whether averages are over the examples' own |x|^2, or taken at its mean.

    Returns
    -------
    Start
    """
    inputs, targets = np.asarray(inputs, np.float64), np.asarray(targets, np.float64)
    (_, n_in), n_out = inputs.shape, targets.shape[1]
    norms = np.square(inputs).sum(axis=1) if average else np.array([np.square(inputs).sum(axis=1).mean()])
    grid = np.linspace(norms.min(), norms.max(), BINS) if norms.size > BINS else norms
    widths = np.sqrt(1 + grid)

    def over_examples(values: Floats) -> Floats:
        return np.interp(norms, grid, values) if norms.size > BINS else values

    slope, square = over_examples(mean_slope(widths)), over_examples(mean_square_slope(widths))
    second = 1 + hidden * (0.5 - slope.mean())
    out = np.sqrt(second)
    output_slope = float(mean_slope(out))
    delta = 0.5 - output_slope
    hidden_delta = square.mean() * n_out * delta
    pull = over_examples(grid / (1 + grid) * mean_pull(widths)).mean()
    example = ((norms * square).mean() / n_in * n_out * delta, (0.5 - slope.mean()) * delta)
    return Start(
        preactivation_ms=np.array([1 + norms.mean(), second]),
        slope=np.array([slope.mean(), output_slope]),
        slope_ms=np.array([square.mean(), float(mean_square_slope(out))]),
        saturated=np.array([over_examples(saturated(widths)).mean(), float(saturated(out))]),
        delta_ms=np.array([hidden_delta, delta]),
        example_ms=np.array(example),
        mean_ms=mean_gradient_ms(inputs, targets, hidden, pairs),
        drift=np.array([n_out / n_in * output_slope * pull, (second - 1) * output_slope / hidden]),
    )


def mean_gradient_ms(inputs: Floats, targets: Floats, hidden: int, pairs: int = 2000) -> Floats:
    """Predict the mean square of the gradient of the whole training set [hidden, output], from pairs of examples.

    Parameters
    ----------
    inputs, targets, hidden, pairs
        As for `predict`.
    """
    n, n_in = inputs.shape
    chosen = np.unique(np.linspace(0, n - 1, min(pairs, n)).astype(int))
    x, y = inputs[chosen], targets[chosen]
    n_out = y.shape[1]
    product = x @ x.T
    activations, slopes = pair_averages(1 + product)
    outputs, _ = pair_averages(1 + hidden * activations)
    mean = y.mean(axis=1)
    errors = outputs - (mean[:, None] + mean) / 2 + y @ y.T / n_out
    found = (n_out / n_in * product * slopes * errors, activations * errors)
    return np.array([_over_pairs(one, n) for one in found])


def pair_averages(covariance: Floats) -> tuple[Floats, Floats]:
    """Return the mean products of two activations and of two slopes, for every pair of examples.

    Parameters
    ----------
    covariance : array [k, k]
        Of the examples' weighted inputs; their variances are its diagonal.

    Returns
    -------
    activations, slopes : array [k, k]
        The formulas of `derivations.derive("start_gradient")`.

    Examples
    --------
    >>> activations, _ = pair_averages(np.array([[1.0, 0.0], [0.0, 4.0]]))
    >>> float(activations[0, 1])
    0.25
    """
    wide = np.diag(covariance) + PROBIT
    product = np.outer(wide, wide)
    activations = 0.25 + np.arcsin(covariance / np.sqrt(product)) / (2 * np.pi)
    return activations, 1 / (2 * np.pi * np.sqrt(product - np.square(covariance)))


def _over_pairs(values: Floats, n: int) -> float:
    """Average over all pairs of n examples, of which some were taken; an example pairs with itself once in n."""
    own, k = np.diag(values).mean(), len(values)
    others = (values.sum() - np.trace(values)) / (k * (k - 1))
    return float(own / n + (1 - 1 / n) * others)
