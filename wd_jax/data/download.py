"""Fetching MNIST's four files from a public mirror into pooch's cache."""

import importlib
import logging
from pathlib import Path

from wd_jax.data.dataset import DatasetError

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
# Hashes of the gzipped files as first published; pooch checks them before a file enters its cache.
SHA256_GZ = {
    "train-images-idx3-ubyte": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}


def fetch(name: str) -> Path:
    """Give the path of one gzipped IDX file in pooch's cache, after fetching it if it is not there.

    Parameters
    ----------
    name : str
        File name without ``.gz``, one of `SHA256_GZ`.

    Returns
    -------
    Path
        The file, whose sha256 was checked.

    Raises
    ------
    DatasetError
        If pooch is not installed, or no mirror gave the file.

    Examples
    --------
    >>> fetch("t10k-labels-idx1-ubyte").name  # doctest: +SKIP
    't10k-labels-idx1-ubyte.gz'
    """
    try:
        pooch = importlib.import_module("pooch")
    except ImportError as error:
        raise DatasetError("download=True needs pooch: pip install 'wd-jax[data]', or give a folder") from error
    pooch.get_logger().setLevel(logging.WARNING)
    folder = Path(pooch.os_cache("wd_jax")) / "mnist"
    reasons = []
    for mirror in MIRRORS:
        try:
            return Path(
                pooch.retrieve(
                    url=f"{mirror}{name}.gz", known_hash=f"sha256:{SHA256_GZ[name]}", fname=f"{name}.gz", path=folder
                )
            )
        except (OSError, ValueError) as error:  # requests' errors are OSError, a wrong hash is ValueError
            reasons.append(" ".join(str(error).split()) or type(error).__name__)
    raise DatasetError(
        f"{name}.gz: no mirror gave it ({'; '.join(reasons)}): "
        "check the network and that the cache folder can be written, or give a folder that holds the four files"
    )
