"""nflows (Durkan, Bekasov, Murray and Papamakarios)."""

import torch
from nflows import distributions, flows, transforms
from nflows.nn import nets
from torch import nn
from torch.nn import functional

import torch_tasks
from torch_tasks import set_threads as set_threads  # asked for by peer.py


def versions():
    return torch_tasks.versions("nflows")


class Perceptron(nn.Module):
    """A plain network with the call of nflows' own: net(inputs, context)."""

    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.hidden_features = hidden[-1]  # By whose root the splines divide what they get.
        layers = []
        for before, after in zip([inputs, *hidden], hidden):
            layers += [nn.Linear(before, after), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Linear(hidden[-1], outputs))

    def forward(self, inputs, context=None):
        return self.layers(inputs if context is None else torch.cat((inputs, context), 1))


def network(configuration):
    hidden, context_dim = configuration["hidden"], configuration["contextDim"]

    def make(inputs, outputs):
        if configuration["residualBlocks"] == 0:
            return Perceptron(inputs + context_dim, hidden, outputs)
        return nets.ResidualNet(
            inputs,
            outputs,
            hidden_features=hidden[0],
            context_features=context_dim or None,
            num_blocks=configuration["residualBlocks"],
            activation=functional.relu,
        )

    return make


def build(configuration):
    dim = configuration["dim"]
    kind = configuration["flow"]
    steps = []
    for i in range(configuration["layers"]):
        # Above 0 is what is transformed: the second half first, as in the other peers.
        mask = torch.where((torch.arange(dim) >= dim // 2) == (i % 2 == 0), 1, -1)
        if kind == "affineCoupling":
            steps.append(transforms.AffineCouplingTransform(mask, network(configuration)))
        elif kind == "splineCoupling":
            steps.append(transforms.LULinear(dim))
            steps.append(
                transforms.PiecewiseRationalQuadraticCouplingTransform(
                    mask, network(configuration), num_bins=8, tails="linear", tail_bound=3.0
                )
            )
        else:
            steps.append(
                transforms.MaskedAffineAutoregressiveTransform(
                    dim,
                    configuration["hidden"][0],
                    num_blocks=len(configuration["hidden"]) - 1,
                    use_residual_blocks=False,
                )
            )
            steps.append(transforms.ReversePermutation(dim))
    return flows.Flow(transforms.CompositeTransform(steps), distributions.StandardNormal([dim]))


class Adapter(nn.Module):
    def __init__(self, flow):
        super().__init__()
        self.flow = flow

    def log_prob(self, x, context):
        return self.flow.log_prob(x, context)

    def sample(self, n, context):
        # Its own sample(1, context) would draw one row for each row of the context, reshaped thrice.
        z = torch.randn(n, self.flow._distribution._shape[0])
        return self.flow._transform.inverse(z, context)[0]


def prepare(configuration, batch, task):
    if configuration["networks"] == "separate":
        return "its couplings have one network for scale and shift"
    return torch_tasks.task_of(Adapter(build(configuration)), configuration, batch, task)
