"""The process in which one subject runs: reads cases, one JSON object a line, and answers with seconds."""

import importlib
import json
import sys
import time
from collections.abc import Callable

from benchmarks.cases import Case

SUBJECTS = {
    "engine": ("engine", "prepare"),
    "orders": ("orders", "prepare"),
    "jax_vmap": ("jax_vmap", "prepare"),
    "torch_vmap": ("torch_vmap", "prepare"),
    "optax_vmap": ("optax_vmap", "prepare"),
    "torch_rules": ("torch_rules", "prepare"),
    "torch_eager": ("torch_eager", "prepare"),
    "numpy_loop": ("numpy_loop", "prepare"),
    "matmul_numpy": ("matmul", "prepare_numpy"),
    "matmul_jax": ("matmul", "prepare_jax"),
}


def seconds_of(run: Callable[[], None]) -> float:
    """Time one run."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main(name: str) -> None:
    """Answer ``{"prepare": case}`` with the seconds of a first run, ``{"run": i}`` with those of another."""
    module, function = SUBJECTS[name]
    runs: list[Callable[[], None] | None] = []
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "prepare" in request:
                runs.append(None)
                prepare = getattr(importlib.import_module(f"benchmarks.subjects.{module}"), function)
                runs[-1] = prepare(Case(**request["prepare"]))
            run = runs[request.get("run", -1)]
            if run is None:
                raise RuntimeError("this case could not be prepared")
            answer = {"seconds": seconds_of(run)}
        except Exception as error:  # the parent prints it beside the case and goes on
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
