"""A small convolutional network on images that come as flat rows of inputs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from wd_jax.inputs import checks, limits
from wd_jax.models.mlp import ACTIVATIONS
from wd_jax.models.normalise import normalised
from wd_jax.models.parts import NORMS, Described, Leaves, choice, gains, normals, scaled


@dataclass(frozen=True)
class Conv(Described):
    """Convolutions of stride 2, an activation after each, and a fully connected layer to the outputs (see `conv`)."""

    image: tuple[int, int, int]
    n_out: int
    channels: tuple[int, ...]
    kernel: int
    stride: int
    activation: str
    norm: str | None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant, naming the field, its value and the remedy."""
        object.__setattr__(self, "image", _image(self.image))
        given = checks.values("channels", self.channels, limits.LAYERS.most)
        if not given:
            raise ValueError(f"channels={checks.shown(self.channels)}: give the channels of each layer, (8, 16)")
        counted = tuple(limits.counted("channels", one, limits.WIDTH) for one in given)
        object.__setattr__(self, "channels", counted)
        for field, limit in (("n_out", limits.WIDTH), ("kernel", limits.LAYERS), ("stride", limits.LAYERS)):
            object.__setattr__(self, field, limits.counted(field, getattr(self, field), limit))
        choice("activation", self.activation, tuple(ACTIVATIONS))
        if self.norm is not None:
            choice("norm", self.norm, NORMS)

    @property
    def n_in(self) -> int:
        """Inputs per example: rows times columns times channels of the image."""
        return math.prod(self.image)

    def check_fits(self, n_in: int, outputs: tuple[int, ...], tokens: int | None) -> None:
        """Refuse data of other sizes.

        Parameters
        ----------
        n_in : int
            Inputs of an example.
        outputs : tuple of int
            Shape of the outputs of an example, (n_out,) or (positions, classes).
        tokens : int or None
            How many tokens the inputs number, if they do.

        Raises
        ------
        ValueError
            Naming the argument and its remedy, in one line.
        """
        rows, columns, depth = self.image
        if n_in != self.n_in:
            shown = self.image if depth > 1 else (rows, columns)
            raise ValueError(
                f"image={shown}: is {self.n_in} inputs an example, and the data have {n_in}: give image={_near(n_in)}, "
                f"or other rows, columns and channels whose product is {n_in}"
            )
        if len(outputs) > 1:
            raise ValueError(
                f"model 'conv': makes one row of outputs, and the data have class numbers at {outputs[0]} positions an "
                f"example: give wd.transformer(vocab={tokens or outputs[1]}, length={n_in})"
            )
        if outputs[0] != self.n_out:
            raise ValueError(
                f"n_out={self.n_out}: the data have {outputs[0]} outputs an example: give n_out={outputs[0]}"
            )

    def init(self, key: jax.Array) -> tuple[Leaves, ...]:
        """Draw the parameters, float32: weights N(0, 1/n_in), n_in the inputs of one unit; biases 0, gains 1.

        Parameters
        ----------
        key : jax.Array
            Typed key, as of ``jax.random.key(0)``.

        Returns
        -------
        tuple of dict
            For each convolution ``{"w": [rows, columns, channels in, channels out], "b": [channels out]}``, with
            ``gain`` (and ``offset``) [channels out] if it is normalised; last ``{"w": [n_in, n_out], "b": [n_out]}``.
        """
        rows, columns, depth = self.image
        shapes: list[tuple[int, ...]] = []
        for width in self.channels:
            shapes.append((self.kernel, self.kernel, depth, width))
            rows, columns, depth = -(-rows // self.stride), -(-columns // self.stride), width
        shapes.append((rows * columns * depth, self.n_out))
        layers: list[Leaves] = []
        for w in normals(key, shapes):
            layer = {"w": scaled(w), "b": jnp.zeros(w.shape[-1], jnp.float32)}
            inner = self.norm is not None and w.ndim == 4
            layers.append({**layer, **gains(str(self.norm), w.shape[-1])} if inner else layer)
        return tuple(layers)

    def apply(self, params: tuple[Leaves, ...], x: jax.Array) -> jax.Array:
        """Give the outputs, [batch, n_out], for flat images [batch, n_in], rows first and channels last."""
        images = x.reshape(len(x), *self.image)
        for layer in params[:-1]:
            images = convolve(images, layer["w"], self.stride) + layer["b"]
            if self.norm is not None:
                images = normalised(self.norm, layer, images)
            images = ACTIVATIONS[self.activation](images)
        return images.reshape(len(x), -1) @ params[-1]["w"] + params[-1]["b"]


def convolve(images: jax.Array, kernels: jax.Array, stride: int) -> jax.Array:
    """Correlate images with kernels, borders padded with zeros so that stride 1 keeps the size.

    Parameters
    ----------
    images : jax.Array [batch, rows, columns, channels in]
        Inputs.
    kernels : jax.Array [kernel rows, kernel columns, channels in, channels out]
        Weights.
    stride : int
        Pixels from one place of the kernel to the next; 2 halves rows and columns.

    Returns
    -------
    jax.Array [batch, rows / stride, columns / stride, channels out]
        Sizes rounded up.
    """
    layout = ("NHWC", "HWIO", "NHWC")
    return jax.lax.conv_general_dilated(images, kernels, (stride, stride), "SAME", dimension_numbers=layout)


def conv(
    image: Sequence[int],
    n_out: int = 10,
    channels: Sequence[int] = (8, 16),
    *,
    kernel: int = 3,
    stride: int = 2,
    activation: str = "relu",
    norm: str | None = None,
) -> Conv:
    """Describe a small convolutional network.

    Parameters
    ----------
    image : sequence of int
        Rows, columns and channels of an image, channels 1 if left out: (8, 8) for the digits, (28, 28) for MNIST.
    n_out : int
        Outputs.
    channels : sequence of int
        Of each convolution, the first one first.
    kernel : int
        Rows and columns of every kernel.
    stride : int
        Of every convolution: it takes the place of pooling.
    activation : {"sigmoid", "tanh", "relu", "erf", "gelu"}
        After each convolution.
    norm : {"rms", "layer"}, optional
        Normalises the channels at each place before the activation.

    Returns
    -------
    Conv
        A model: ``init(key)`` gives its parameters, ``apply(params, x)`` its outputs. Kernels are stored
        [rows, columns, channels in, channels out].

    Raises
    ------
    ValueError
        For sizes or words that cannot be meant.

    Examples
    --------
    >>> model = conv((8, 8), n_out=10)
    >>> params = jax.eval_shape(model.init, jax.random.key(0))  # shapes alone
    >>> [layer["w"].shape for layer in params], jax.eval_shape(model.apply, params, jnp.zeros((5, 64))).shape
    ([(3, 3, 1, 8), (3, 3, 8, 16), (64, 10)], (5, 10))
    """
    return Conv(image, n_out, channels, kernel, stride, activation, norm)  # pyrefly: ignore


def _near(n_in: int) -> tuple[int, ...]:
    """Give an image of so many inputs: a square one, of one or three channels, or else the squarest of one channel.

    Examples
    --------
    >>> _near(64), _near(3072), _near(8)
    ((8, 8), (32, 32, 3), (2, 4))
    """
    for depth in (1, 3):
        side = math.isqrt(n_in // depth)
        if side * side * depth == n_in:
            return (side, side) if depth == 1 else (side, side, depth)
    rows = max(d for d in range(1, math.isqrt(n_in) + 1) if n_in % d == 0)
    return rows, n_in // rows


def _image(given: Any) -> tuple[int, int, int]:
    """Give rows, columns and channels."""
    sizes = checks.values("image", given, 4) or ()
    if len(sizes) not in (2, 3) or not all(checks.whole(size) and size >= 1 for size in sizes):
        raise ValueError(f"image={checks.shown(given)}: give rows and columns of an image, (28, 28), or (32, 32, 3)")
    rows, columns, *depth = (limits.at_most("image", int(size), limits.WIDTH, "give smaller ones") for size in sizes)
    return rows, columns, depth[0] if depth else 1
