"""Updates of other libraries on one weight without gradient, written out from their documentation, in plain Python."""

from collections.abc import Callable, Sequence

Path = list[float]


def adamw(value: float, lrs: Sequence[float]) -> Path:
    """w <- (1 - lr*value) w."""
    path = [1.0]
    for lr in lrs:
        path.append(path[-1] - lr * value * path[-1])
    return path


def adan(value: float, lrs: Sequence[float]) -> Path:
    """w <- w/(1 + lr*value)."""
    path = [1.0]
    for lr in lrs:
        path.append(path[-1] / (1 + lr * value))
    return path


def adafactor(value: float, lrs: Sequence[float]) -> Path:
    """w <- (1 - value) w."""
    path = [1.0]
    for _ in lrs:
        path.append(path[-1] * (1 - value))
    return path


def composer(value: float, lrs: Sequence[float]) -> Path:
    """w <- (1 - value*lr/first lr) w."""
    path = [1.0]
    for lr in lrs:
        path.append(path[-1] - value * (lr / lrs[0]) * path[-1])
    return path


def sgd(momentum: float, nesterov: bool = False, dampening: float = 0.0) -> Callable[[float, Sequence[float]], Path]:
    """torch.optim.SGD: the buffer starts as the first gradient, undamped."""

    def run(value: float, lrs: Sequence[float]) -> Path:
        path, buffer = [1.0], None
        for lr in lrs:
            g = value * path[-1]
            buffer = g if buffer is None else momentum * buffer + (1 - dampening) * g
            path.append(path[-1] - lr * (g + momentum * buffer if nesterov else buffer))
        return path

    return run


def mlp(rows: int, momentum: float = 0.9, nesterov: bool = True) -> Callable[[float, Sequence[float]], Path]:
    """sklearn's MLP: velocity <- momentum*velocity - lr*alpha*w/rows; w moves by it, or by one more of the same."""

    def run(value: float, lrs: Sequence[float]) -> Path:
        path, velocity = [1.0], 0.0
        for lr in lrs:
            step = -lr * value * path[-1] / rows
            velocity = momentum * velocity + step
            path.append(path[-1] + (momentum * velocity + step if nesterov else velocity))
        return path

    return run


def chainer_nesterov(value: float, lrs: Sequence[float], momentum: float = 0.9) -> Path:
    """chainer.optimizers.NesterovAG with the hook WeightDecay: w += mu^2 v - (1 + mu) lr g, with the new v."""
    path, velocity = [1.0], 0.0
    for lr in lrs:
        g = value * path[-1]
        velocity = momentum * velocity - lr * g
        path.append(path[-1] + momentum * momentum * velocity - (1 + momentum) * lr * g)
    return path


def lookahead(value: float, lrs: Sequence[float], k: int = 6, alpha: float = 0.5) -> Path:
    """AdamW whose weights go back half-way to slow ones every six steps."""
    path, slow = [1.0], 1.0
    for step, lr in enumerate(lrs, start=1):
        path.append(path[-1] * (1 - lr * value))
        if step % k == 0:
            slow = (1 - alpha) * slow + alpha * path[-1]
            path[-1] = slow
    return path


def schedule_free(value: float, lrs: Sequence[float], beta: float = 0.9) -> Path:
    """Schedule-free AdamW: z <- z - lr*value*y, y between z and the mean x of all z; the path of x."""
    z, path, total, top = 1.0, [1.0], 0.0, 0.0
    for lr in lrs:
        y = beta * path[-1] + (1 - beta) * z
        z = z - lr * value * y
        top = max(top, lr)
        total += top**2
        share = top**2 / total if total else 0.0
        path.append((1 - share) * path[-1] + share * z)
    return path
