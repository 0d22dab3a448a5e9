"""A process that publishes tasks to a store, one after the other, and says which are published: to be killed."""

import sys
from pathlib import Path

import numpy as np

from wd_jax.sweeps.store.chunk_store import ChunkStore


def spec_of(number: int) -> str:
    """The text of a task."""
    return f'{{"task":{number}}}'


def arrays_of(number: int) -> dict[str, np.ndarray]:
    """What every process finds for it."""
    random = np.random.default_rng(number)
    return {"weight_norm2": random.normal(size=(4, 31, 2)), "cost": random.normal(size=(4, 31)), "n": np.int64(number)}


def main(folder: str, first: str, last: str, wait_for: str = "") -> None:
    """Publish the tasks of a range as soon as a file is there."""
    store = ChunkStore(Path(folder))
    print("ready", flush=True)
    while wait_for and not Path(wait_for).exists():
        pass
    for number in range(int(first), int(last)):
        receipt = store.publish(spec_of(number), arrays_of(number), {"seconds": 0.0})
        print(receipt.key, receipt.sha256, int(receipt.new), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
