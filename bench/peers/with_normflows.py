"""normflows (Stimper and others), whose flows run from the latent to the data."""

import normflows
import torch
from torch import nn

import torch_tasks
from torch_tasks import set_threads as set_threads  # asked for by peer.py


def versions():
    return torch_tasks.versions("normflows")


def affine_coupling(configuration, i):
    dim, hidden = configuration["dim"], configuration["hidden"]
    if configuration["networks"] == "separate":
        mask = ((torch.arange(dim) < dim // 2) == (i % 2 == 0)).float()
        nets = (normflows.nets.MLP([dim, *hidden, dim]) for _ in range(2))
        return [normflows.flows.MaskedAffineFlow(mask, *nets)]
    half = dim // 2
    net = normflows.nets.MLP([half, *hidden, 2 * (dim - half)])
    return [normflows.flows.AffineCouplingBlock(net), normflows.flows.Permute(dim, mode="swap")]


def build(configuration):
    dim, kind = configuration["dim"], configuration["flow"]
    steps = []
    for i in range(configuration["layers"]):
        if kind == "affineCoupling":
            steps += affine_coupling(configuration, i)
        elif kind == "splineCoupling":
            steps.append(
                normflows.flows.CoupledRationalQuadraticSpline(
                    dim,
                    configuration["residualBlocks"],
                    configuration["hidden"][0],
                    num_bins=8,
                    reverse_mask=i % 2 == 1,
                )
            )
            steps.append(normflows.flows.LULinearPermute(dim))
    base = normflows.distributions.DiagGaussian(dim, trainable=False)
    return normflows.NormalizingFlow(base, steps)


class Adapter(nn.Module):
    def __init__(self, flow):
        super().__init__()
        self.flow = flow

    def log_prob(self, x, context):
        return self.flow.log_prob(x)

    def sample(self, n, context):
        return self.flow.sample(n)[0]


def prepare(configuration, batch, task):
    if configuration["flow"] == "splineCoupling" and configuration["residualBlocks"] == 0:
        return "the networks of its splines are residual"
    if configuration["flow"] == "maskedAffine":
        return "its masked maps go from the latent to the data in one pass: they are an IAF"
    return torch_tasks.task_of(Adapter(build(configuration)), configuration, batch, task)
