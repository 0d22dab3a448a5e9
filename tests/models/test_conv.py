"""The convolutional network against loops in NumPy, its gradient against differences, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import wd_jax as wd
from tests.models.trees import drawn, worst_slope_error
from wd_jax.models.conv import convolve
from wd_jax.models.losses import softmax

pytestmark = pytest.mark.numeric
RANDOM = np.random.default_rng(4)


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


def padding(size: int, kernel: int, stride: int) -> int:
    """Zeros before the first pixel: half of what the last place of the kernel needs, the smaller half first."""
    needed = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    return needed // 2


def by_loops(images: np.ndarray, kernels: np.ndarray, stride: int) -> np.ndarray:
    count, rows, columns, _ = images.shape
    k = kernels.shape[0]
    top, left = padding(rows, k, stride), padding(columns, k, stride)
    found = np.zeros((count, -(-rows // stride), -(-columns // stride), kernels.shape[-1]))
    for example, i, j, channel in np.ndindex(*found.shape):
        for a, b in np.ndindex(k, k):
            row, column = i * stride + a - top, j * stride + b - left
            if 0 <= row < rows and 0 <= column < columns:
                found[example, i, j, channel] += images[example, row, column] @ kernels[a, b, :, channel]
    return found


@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (3, 2), (2, 2), (5, 3)])
def test_a_convolution_is_its_sum(kernel: int, stride: int) -> None:
    images, kernels = RANDOM.normal(size=(2, 6, 5, 3)), RANDOM.normal(size=(kernel, kernel, 3, 4))
    found = convolve(jnp.asarray(images), jnp.asarray(kernels), stride)
    np.testing.assert_allclose(found, by_loops(images, kernels, stride), rtol=1e-12, atol=1e-13)


def test_the_network_is_its_layers_one_after_the_other() -> None:
    model = wd.conv((6, 5, 2), n_out=3, channels=(4, 3), norm="layer")
    params = drawn(model, RANDOM)
    x = RANDOM.random((4, model.n_in))
    images = x.reshape(4, 6, 5, 2)
    for layer in params[:-1]:
        images = by_loops(images, layer["w"], 2) + layer["b"]
        images = images - images.mean(axis=-1, keepdims=True)
        images = images / np.sqrt(images.var(axis=-1, keepdims=True) + 1e-5) * layer["gain"] + layer["offset"]
        images = np.maximum(images, 0)
    expected = images.reshape(4, -1) @ params[-1]["w"] + params[-1]["b"]
    np.testing.assert_allclose(jax.jit(model.apply)(params, x), expected, rtol=1e-10)


def test_moving_an_image_moves_what_is_seen_in_it() -> None:
    """Away from the borders, at stride 1."""
    images = np.zeros((1, 12, 12, 1))
    images[:, 3:7, 3:7] = RANDOM.normal(size=(1, 4, 4, 1))
    kernels = jnp.asarray(RANDOM.normal(size=(3, 3, 1, 2)))
    here = convolve(jnp.asarray(images), kernels, 1)
    there = convolve(jnp.asarray(np.roll(images, (2, 1), axis=(1, 2))), kernels, 1)
    np.testing.assert_allclose(there, np.roll(here, (2, 1), axis=(1, 2)), rtol=1e-12, atol=1e-14)


def test_the_gradient_is_the_slope() -> None:
    model = wd.conv((6, 6), n_out=4, channels=(3, 2), activation="tanh", norm="rms")
    x, y = RANDOM.random((5, 36)), jnp.asarray(RANDOM.integers(4, size=(5, 1)), float)
    assert worst_slope_error(lambda p: softmax(model.apply(p, x), y).mean(), drawn(model, RANDOM), count=3) < 1e-7


def test_weights_start_at_one_over_the_inputs_of_a_unit() -> None:
    params = jax.jit(wd.conv((28, 28), channels=(64, 64)).init)(jax.random.key(2))
    for layer, n_in in zip(params, (9, 576, 7 * 7 * 64), strict=True):
        assert layer["w"].dtype == jnp.float32 and not np.any(layer["b"])
        w = np.asarray(layer["w"], np.float64)
        assert abs(np.mean(w**2) * n_in - 1) < 5 * np.sqrt(2 / w.size)  # five standard errors


REFUSED = {
    "a flat image": (dict(image=(64,)), "image=(64,): give rows and columns of an image, (28, 28), or (32, 32, 3)"),
    "a number": (dict(image=64), "image=64: give rows and columns"),
    "no channels": (dict(image=(8, 8), channels=()), "channels=(): give the channels of each layer, (8, 16)"),
    "half a channel": (dict(image=(8, 8), channels=(1.5,)), "channels=1.5: give a whole number"),
    "an even word": (dict(image=(8, 8), activation="ReLUU"), "activation='ReLUU': choose one of"),
    "a batch norm": (dict(image=(8, 8), norm="batch"), "norm='batch': choose one of rms, layer"),
    "no stride": (dict(image=(8, 8), stride=0), "stride=0: give a whole number of at least 1"),
}


OTHER_DATA = {
    "an image of other sizes": (
        (8, 8),
        10,
        784,
        "image=(8, 8): is 64 inputs an example, and the data have 784: give image=(28, 28), or",
    ),
    "colours": (
        (8, 8, 3),
        10,
        3072,
        "image=(8, 8, 3): is 192 inputs an example, and the data have 3072: give image=(32, 32, 3), or",
    ),
    "no image": (
        (8, 8),
        10,
        8,
        "image=(8, 8): is 64 inputs an example, and the data have 8: give image=(2, 4), or other rows",
    ),
    "other outputs": ((3, 2), 10, 6, "n_out=10: the data have 3 outputs an example: give n_out=3"),
}


@pytest.mark.parametrize(("image", "n_out", "n_in", "message"), OTHER_DATA.values(), ids=list(OTHER_DATA))
def test_data_of_other_sizes(image: tuple, n_out: int, n_in: int, message: str) -> None:
    """The remedy names an argument of the model, and is enough: with it the plan is made."""
    part = wd.data.Split(RANDOM.random((10, n_in)), np.eye(3)[RANDOM.integers(3, size=10)])
    data = wd.data.Dataset("other", part, part, part)
    with pytest.raises(ValueError) as caught:
        wd.dry_run(wd.Setup(model=wd.conv(image, n_out), loss="softmax"), data, epochs=1)
    assert str(caught.value).startswith(message) and "\n" not in str(caught.value)


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=list(REFUSED))
def test_it_refuses(given: dict, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        wd.conv(**given)
    assert message in str(caught.value) and "\n" not in str(caught.value)
