"""zuko (Rozet and others)."""

import torch
import zuko
from torch import nn

import torch_tasks
from torch_tasks import set_threads as set_threads  # asked for by peer.py


def versions():
    return torch_tasks.versions("zuko")


def spline_coupling(configuration):
    """LU linear maps and spline couplings; zuko has both and leaves it to its user to compose them."""
    dim = configuration["dim"]
    steps = []
    for i in range(configuration["layers"]):
        steps.append(
            zuko.lazy.UnconditionalTransform(zuko.transforms.LULinearTransform, torch.eye(dim))
        )
        steps.append(
            zuko.flows.coupling.GeneralCouplingTransform(
                dim,
                configuration["contextDim"],
                mask=(torch.arange(dim) < dim // 2) == (i % 2 == 0),
                univariate=zuko.transforms.MonotonicRQSTransform,
                shapes=[(8,), (8,), (7,)],
                hidden_features=configuration["hidden"],
            )
        )
    base = zuko.lazy.UnconditionalDistribution(
        zuko.distributions.DiagNormal, torch.zeros(dim), torch.ones(dim), buffer=True
    )
    return zuko.lazy.Flow(steps, base)


def build(configuration):
    kind = configuration["flow"]
    if kind == "splineCoupling":
        return spline_coupling(configuration)
    make = zuko.flows.RealNVP if kind == "affineCoupling" else zuko.flows.MAF
    return make(
        configuration["dim"],
        configuration["contextDim"],
        transforms=configuration["layers"],
        hidden_features=configuration["hidden"],
    )


class Adapter(nn.Module):
    def __init__(self, flow):
        super().__init__()
        self.flow = flow

    def log_prob(self, x, context):
        return self.flow(context).log_prob(x)

    def sample(self, n, context):
        return self.flow(context).sample((n,) if context is None else ())


def prepare(configuration, batch, task):
    if configuration["networks"] == "separate":
        return "its couplings have one network for scale and shift"
    if configuration["residualBlocks"] > 0:
        return "its networks are not residual"
    return torch_tasks.task_of(Adapter(build(configuration)), configuration, batch, task)
