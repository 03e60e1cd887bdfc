"""FrEIA (Ardizzone and others)."""

import math

import FrEIA
import torch
from torch import nn

import torch_tasks
from torch_tasks import set_threads as set_threads  # asked for by peer.py


def versions():
    return torch_tasks.versions("FrEIA")


def build(configuration):
    def network(inputs, outputs):
        layers = []
        for before, after in zip([inputs, *configuration["hidden"]], configuration["hidden"]):
            layers += [nn.Linear(before, after), nn.ReLU()]
        return nn.Sequential(*layers, nn.Linear(configuration["hidden"][-1], outputs))

    dim = configuration["dim"]
    flow = FrEIA.framework.SequenceINN(dim)
    for _ in range(configuration["layers"]):
        flow.append(
            FrEIA.modules.AffineCouplingOneSided,
            subnet_constructor=network,
            clamp=2.0,
            clamp_activation="TANH",
        )
        flow.append(FrEIA.modules.PermuteRandom, seed=0)
    return flow


class Adapter(nn.Module):
    def __init__(self, flow, dim):
        super().__init__()
        self.flow = flow
        self.dim = dim

    def log_prob(self, x, context):
        z, log_det = self.flow(x)
        return log_det - 0.5 * (z * z).sum(1) - 0.5 * self.dim * math.log(2 * math.pi)

    def sample(self, n, context):
        return self.flow(torch.randn(n, self.dim), rev=True)[0]


def prepare(configuration, batch, task):
    if configuration["flow"] != "affineCoupling":
        return "it has affine couplings alone in common with us"
    if configuration["networks"] == "separate":
        return "its one-sided couplings have one network for scale and shift"
    flow = Adapter(build(configuration), configuration["dim"])
    return torch_tasks.task_of(flow, configuration, batch, task)
