"""Member-steps per second of PyTorch's `torch.func.vmap` on the accelerator: its step compiled, and as a CUDA graph."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.accelerator.rates import Sizes
from benchmarks.cases import Case
from benchmarks.subjects import network


def rates(device: str, sizes: Sizes) -> Iterator[dict[str, Any]]:
    """Measure at each number of members, largest but one first; a row that fails says why.

    Parameters
    ----------
    device : str
        As PyTorch names it.
    sizes : Sizes
        As for the engine.
    """
    counts = sorted(sizes.members, key=lambda count: (count != sizes.members[-2], count))
    for members in counts:
        for name, prepare in (("torch.func.vmap, compiled", _compiled), ("torch.func.vmap, CUDA graph", _graph)):
            if prepare is _graph and device == "cpu":
                continue
            row: dict[str, Any] = {"name": name, "members": members, "steps": sizes.steps, "error": None}
            try:
                start = time.perf_counter()
                run = prepare(Case(cells=members, n=sizes.n, epochs=sizes.epochs), device)
                run()
                row["first"] = time.perf_counter() - start
                seconds = [_seconds(run) for _ in range(sizes.repeats)]
                row |= {"seconds": seconds, "rate": members * sizes.steps / statistics.median(seconds)}
            except Exception as error:  # the row says so, and the others go on
                row["error"] = f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
            yield row


def _seconds(run: Callable[[], None]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _parts(case: Case, device: str) -> tuple[Any, Any, Any, Any, Callable[..., Any]]:
    """Give parameters, inputs, targets, the minibatches and one step of all members, everything on the device."""
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise RuntimeError("this PyTorch sees no CUDA device: install its build for CUDA")
    torch.backends.cuda.matmul.allow_tf32 = False
    inputs, targets = (torch.from_numpy(a).to(device) for a in case.examples(case.n))
    drawn, gradient = network.in_torch(case)
    params = tuple(p.to(device) for p in drawn)
    decay = (0.1 / case.n * torch.from_numpy(case.lmbdas).float()).repeat(case.seeds)[:, None, None].to(device)

    def step(params: tuple[Any, ...], x: Any, y: Any) -> tuple[Any, ...]:
        d1, c1, d2, c2 = gradient(params, x, y)
        w1, b1, w2, b2 = params
        return w1 - (decay * w1 + 0.1 * d1), b1 - 0.1 * c1, w2 - (decay * w2 + 0.1 * d2), b2 - 0.1 * c2

    return params, inputs, targets, torch.from_numpy(case.batches()).long().to(device), step


def _compiled(case: Case, device: str) -> Callable[[], None]:
    """Compile a step, as a user of PyTorch writes it."""
    import torch
    import torch._dynamo

    torch._dynamo.reset()
    params, inputs, targets, batches, plain = _parts(case, device)
    step = torch.compile(plain, dynamic=False)

    def run() -> None:
        now = params
        for _ in range(case.epochs):
            for batch in batches:
                now = step(now, inputs[batch], targets[batch])
        _wait(device)

    return run


def _graph(case: Case, device: str) -> Callable[[], None]:
    """Record the compiled step in a CUDA graph, parameters updated in place: nothing but launches is left to Python."""
    import torch
    import torch._dynamo

    torch._dynamo.reset()
    first, inputs, targets, batches, plain = _parts(case, device)
    compiled = torch.compile(plain, dynamic=False)
    params = tuple(p.clone() for p in first)
    place = batches[0].clone()

    def step() -> None:
        for kept, new in zip(params, compiled(params, inputs[place], targets[place]), strict=True):
            kept.copy_(new)

    beside = torch.cuda.Stream()
    beside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(beside):  # the first runs compile, which a graph cannot record
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(beside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()

    def run() -> None:
        for _ in range(case.epochs):
            for batch in batches:
                place.copy_(batch)
                graph.replay()
        _wait(device)

    return run


def _wait(device: str) -> None:
    if device == "cuda":
        import torch

        torch.cuda.synchronize()
