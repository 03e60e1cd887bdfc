"""JAX by hand, under jax.jit: the affine couplings."""

import math

import jax_tasks
from jax_tasks import set_threads as set_threads  # asked for by peer.py

LOG_SCALE_BOUND = 2.0


def versions():
    return jax_tasks.versions("optax")


def prepare(configuration, batch, task):
    if configuration["flow"] != "affineCoupling":
        return "by hand there are affine couplings alone"
    import jax
    from jax import numpy as jnp

    dim = configuration["dim"]
    half = dim // 2
    separate = configuration["networks"] == "separate"
    keys = iter(jax.random.split(jax.random.key(0), 1000))

    def network(inputs, outputs):
        widths = [inputs, *configuration["hidden"], outputs]
        return [
            (jax.random.normal(next(keys), (a, b)) / math.sqrt(a), jnp.zeros(b))
            for a, b in zip(widths, widths[1:])
        ]

    def coupling(kept, moved):
        if separate:
            return network(kept, moved), network(kept, moved)
        return (network(kept, 2 * moved),)

    halves = (half, dim - half)
    trained = [coupling(halves[i % 2], halves[1 - i % 2]) for i in range(configuration["layers"])]

    def apply(net, h):
        for weight, bias in net[:-1]:
            h = jax.nn.relu(h @ weight + bias)
        weight, bias = net[-1]
        return h @ weight + bias

    def condition(nets, kept):
        outputs = [apply(net, kept) for net in nets]
        raw, shift = outputs if separate else jnp.split(outputs[0], 2, 1)
        return LOG_SCALE_BOUND * jnp.tanh(raw / LOG_SCALE_BOUND), shift

    def log_prob(trained, x, context):
        parts = [x[:, :half], x[:, half:]]
        log_det = 0.0
        for i, nets in enumerate(trained):
            log_scale, shift = condition(nets, parts[i % 2])
            parts[1 - i % 2] = parts[1 - i % 2] * jnp.exp(log_scale) + shift
            log_det += log_scale.sum(1)
        squares = (parts[0] ** 2).sum(1) + (parts[1] ** 2).sum(1)
        return log_det - 0.5 * squares - 0.5 * dim * math.log(2 * math.pi)

    def sample(trained, key, n, context):
        z = jax.random.normal(key, (n, dim))
        parts = [z[:, :half], z[:, half:]]
        for i in reversed(range(len(trained))):
            log_scale, shift = condition(trained[i], parts[i % 2])
            parts[1 - i % 2] = (parts[1 - i % 2] - shift) * jnp.exp(-log_scale)
        return jnp.concatenate(parts, 1)

    return jax_tasks.task_of(trained, log_prob, sample, configuration, batch, task)
