"""What the JAX peers share: threads, and the three tasks under jax.jit."""

import importlib.metadata
import os

LEARNING_RATE = 1e-5


def set_threads(threads):
    """Makes XLA's pools that size: they count the processors that the process may use when it starts.
    The threads are then set free to run on any processor, as everyone else's are."""
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(every)[:threads]))
    flags = os.environ.get("XLA_FLAGS", "")
    if threads == 1:
        flags += " --xla_cpu_multi_thread_eigen=false"
    os.environ["XLA_FLAGS"] = f"{flags} intra_op_parallelism_threads={threads}"
    import jax

    jax.block_until_ready(jax.jit(lambda x: x @ x)(jax.numpy.ones((64, 64))))
    for thread in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(thread), every)


def versions(*packages):
    return {package: importlib.metadata.version(package) for package in ("jax", *packages)}


def task_of(trained, log_prob, sample, configuration, batch, task):
    """The task as a function without arguments, and the number of trained parameters.

    `trained` is the tree of parameters; log_prob(trained, x, context) is [n], and
    sample(trained, key, n, context) [n, dim].
    """
    import jax
    import numpy
    import optax

    random = numpy.random.default_rng(0)
    x = jax.numpy.asarray(random.standard_normal((batch, configuration["dim"]), dtype=numpy.float32))
    context = None
    if configuration["contextDim"] > 0:
        shape = (batch, configuration["contextDim"])
        context = jax.numpy.asarray(random.standard_normal(shape, dtype=numpy.float32))
    count = sum(leaf.size for leaf in jax.tree.leaves(trained))
    if task == "train":
        adam = optax.adam(LEARNING_RATE)

        def step(trained, state, x, context):
            def loss(values):
                return -log_prob(values, x, context).mean()

            value, gradient = jax.value_and_grad(loss)(trained)
            updates, state = adam.update(gradient, state)
            return optax.apply_updates(trained, updates), state, value

        compiled = jax.jit(step, donate_argnums=(0, 1))
        held = [trained, adam.init(trained)]

        def run():
            held[0], held[1], value = compiled(*held, x, context)
            value.block_until_ready()

    elif task == "logProb":
        compiled = jax.jit(log_prob)

        def run():
            compiled(trained, x, context).block_until_ready()

    else:
        compiled = jax.jit(lambda trained, key, context: sample(trained, key, batch, context))
        key = jax.random.key(0)

        def run():
            compiled(trained, key, context).block_until_ready()

    return run, count
