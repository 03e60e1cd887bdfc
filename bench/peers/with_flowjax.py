"""flowjax (Ward) under jax.jit."""

import jax_tasks
from jax_tasks import set_threads as set_threads  # asked for by peer.py


def versions():
    return jax_tasks.versions("flowjax", "equinox", "optax")


def build(configuration):
    import jax
    import paramax
    from flowjax import bijections, distributions, flows
    from jax import numpy as jnp

    dim, context_dim = configuration["dim"], configuration["contextDim"] or None
    base = paramax.non_trainable(distributions.Normal(jnp.zeros(dim)))
    shared = {
        "base_dist": base,
        "cond_dim": context_dim,
        "flow_layers": configuration["layers"],
        "nn_width": configuration["hidden"][0],
        "nn_depth": len(configuration["hidden"]),
    }
    key = jax.random.key(0)
    if configuration["flow"] == "affineCoupling":
        return flows.coupling_flow(key, **shared)
    if configuration["flow"] == "maskedAffine":
        return flows.masked_autoregressive_flow(key, **shared)
    keys = jax.random.split(key, configuration["layers"])
    steps = []
    for i in range(configuration["layers"]):
        coupling = bijections.Coupling(
            keys[i],
            transformer=bijections.RationalQuadraticSpline(knots=7, interval=3),
            untransformed_dim=dim // 2,
            dim=dim,
            cond_dim=context_dim,
            nn_width=configuration["hidden"][0],
            nn_depth=len(configuration["hidden"]),
        )
        steps += [
            bijections.TriangularAffine(jnp.zeros(dim), jnp.eye(dim), lower=False),
            bijections.TriangularAffine(jnp.zeros(dim), jnp.eye(dim)),
            coupling,
            bijections.Flip((dim,)),
        ]
    return distributions.Transformed(base, bijections.Invert(bijections.Chain(steps)))


def prepare(configuration, batch, task):
    if configuration["networks"] == "separate":
        return "its couplings have one network for scale and shift"
    if configuration["residualBlocks"] > 0:
        return "its networks are not residual"
    import equinox
    import jax
    import paramax

    trained, fixed = equinox.partition(
        build(configuration),
        equinox.is_inexact_array,
        is_leaf=lambda leaf: isinstance(leaf, paramax.NonTrainable),
    )

    def flow(values):
        return paramax.unwrap(equinox.combine(values, fixed))

    def log_prob(values, x, context):
        return flow(values).log_prob(x, context)

    def sample(values, key, n, context):
        shape = (n,) if context is None else ()
        return flow(values).sample(key, shape, condition=context)

    return jax_tasks.task_of(trained, log_prob, sample, configuration, batch, task)
