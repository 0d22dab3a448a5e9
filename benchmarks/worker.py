"""The process in which one subject runs: reads cases, one JSON object a line, and answers with seconds."""

import importlib
import json
import os
import sys
import time

from benchmarks.cases import Case

SUBJECTS = {
    "engine": ("engine", "prepare"),
    "jax_vmap": ("jax_vmap", "prepare"),
    "torch_vmap": ("torch_vmap", "prepare"),
    "torch_eager": ("torch_eager", "prepare"),
    "numpy_loop": ("numpy_loop", "prepare"),
    "matmul_numpy": ("matmul", "prepare_numpy"),
    "matmul_jax": ("matmul", "prepare_jax"),
}


def main(name: str) -> None:
    """Answer ``{"prepare": case}`` with the seconds of a first run, which compiles, and ``{"run": true}`` with another's."""
    module, function = SUBJECTS[name]
    if name == "engine":
        import jax

        # One device a core, each with a chunk of its own; a peer keeps JAX's default, one device with all cores.
        jax.config.update("jax_num_cpu_devices", len(os.sched_getaffinity(0)))
    prepare = getattr(importlib.import_module(f"benchmarks.subjects.{module}"), function)
    run = None
    for line in sys.stdin:
        request = json.loads(line)
        start = time.perf_counter()
        try:
            if "prepare" in request:
                run = prepare(Case(**request["prepare"]))
            if run is None:
                raise RuntimeError("run before prepare")
            run()
            answer = {"seconds": time.perf_counter() - start}
        except Exception as error:  # the parent prints it beside the case and goes on
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
