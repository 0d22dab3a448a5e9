"""Random gradients, the same in every environment: NumPy's stream of a seed, or torch's made again with NumPy alone."""

from collections.abc import Callable

import numpy as np

Draw = Callable[[tuple[int, ...]], np.ndarray]
"""``draw(shape)`` gives the next numbers of N(0, 1), as float32."""
CHUNK = 16
BITS = 24


def numpys(seed: int) -> Draw:
    """Give ``numpy.random.RandomState(seed).standard_normal``: the same numbers in every version of NumPy."""
    draws = np.random.RandomState(seed)
    return lambda shape: draws.standard_normal(shape).astype(np.float32)


def torchs(seed: int) -> Draw:
    r"""Give ``torch.randn`` of a CPU generator with this seed, to a rounding of float32, without torch.

    Torch takes the low 24 bits of each number of the same Mersenne twister, and Box and Muller's way to N(0, 1) in
    chunks of 16: eight radii

    .. math:: r = \sqrt{-2 \ln(1 - u_j)}, \quad \theta = 2 \pi u_{j + 8}

    give :math:`r \cos \theta` and :math:`r \sin \theta`. Shorter tensors and rests of a chunk are made in another
    way, so the number of entries must be a multiple of 16.

    Parameters
    ----------
    seed : int
        As in ``torch.Generator().manual_seed(seed)``.

    Returns
    -------
    callable

    Examples
    --------
    >>> [round(float(x), 4) for x in torchs(7)((4, 4))[0]]  # torch.randn(4, 4, generator=Generator().manual_seed(7))
    [-0.8201, 0.3956, 0.8989, -1.3884]

    References
    ----------
    ATen/native/cpu/DistributionTemplates.h (normal_fill) of PyTorch 2.13.0.
    """
    twister = np.random.RandomState(seed)

    def draw(shape: tuple[int, ...]) -> np.ndarray:
        size = int(np.prod(shape))
        if size % CHUNK:
            raise ValueError(f"shape {shape}: torch's numbers are made again for multiples of {CHUNK} only")
        bits = twister.randint(0, 2**32, size=size, dtype=np.uint32)
        uniform = (bits % 2**BITS).astype(np.float32) * np.float32(2.0**-BITS)
        radius_of, angle_of = uniform.reshape(-1, 2, CHUNK // 2).swapaxes(0, 1)
        radius = np.sqrt(np.float32(-2) * np.log(np.float32(1) - radius_of))
        angle = np.float32(2 * np.pi) * angle_of
        return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(shape).astype(np.float32)

    return draw


STREAMS: dict[str, Callable[[int], Draw]] = {"numpy": numpys, "torch": torchs}
