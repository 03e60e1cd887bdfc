"""PyTorch by hand: each configuration written directly with the fewest operations that eager PyTorch
needs for it, which is the yardstick for the libraries too."""

import math

import torch
from torch import nn
from torch.nn import functional

import torch_networks
from torch_tasks import set_threads, task_of
from torch_tasks import versions as versions  # asked for by peer.py

LOG_TWO_PI = math.log(2 * math.pi)
LOG_SCALE_BOUND = 2.0
SPLINE_BOUND = 3.0
BINS = 8
LEAST = 1e-3


def perceptron(inputs, hidden, outputs):
    widths = [inputs, *hidden]
    layers = []
    for before, after in zip(widths, widths[1:]):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], outputs))


class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)

    def forward(self, h):
        return h + self.second(functional.relu(self.first(functional.relu(h))))


def network(configuration, inputs, outputs):
    hidden, blocks = configuration["hidden"], configuration["residualBlocks"]
    if blocks == 0:
        return perceptron(inputs, hidden, outputs)
    (width,) = hidden
    return nn.Sequential(
        nn.Linear(inputs, width),
        *(ResidualBlock(width) for _ in range(blocks)),
        nn.Linear(width, outputs),
    )


class AffineCoupling(nn.Module):
    def __init__(self, configuration, kept, moved):
        super().__init__()
        inputs = kept + configuration["contextDim"]
        self.separate = configuration["networks"] == "separate"
        if self.separate:
            self.scale = network(configuration, inputs, moved)
            self.shift = network(configuration, inputs, moved)
        else:
            self.both = network(configuration, inputs, 2 * moved)

    def condition(self, kept):
        raw, shift = (
            (self.scale(kept), self.shift(kept)) if self.separate else self.both(kept).chunk(2, 1)
        )
        return LOG_SCALE_BOUND * torch.tanh(raw / LOG_SCALE_BOUND), shift

    def forward(self, kept, moved):
        log_scale, shift = self.condition(kept)
        return moved * log_scale.exp() + shift, log_scale

    def inverse(self, kept, moved):
        log_scale, shift = self.condition(kept)
        return (moved - shift) * (-log_scale).exp()


class SplineCoupling(nn.Module):
    def __init__(self, configuration, kept, moved):
        super().__init__()
        self.moved = moved
        self.net = network(
            configuration, kept + configuration["contextDim"], moved * (3 * BINS - 1)
        )

    def knots(self, kept):
        # Bins before columns: eager PyTorch is quicker over a long last dimension.
        raw = self.net(kept).unflatten(1, (3 * BINS - 1, self.moved))
        widths, heights, slopes = raw.split((BINS, BINS, BINS - 1), 1)

        def positions(shares):
            shares = LEAST + (1 - LEAST * BINS) * functional.softmax(shares, 1)
            inner = 2 * SPLINE_BOUND * shares[:, :-1].cumsum(1) - SPLINE_BOUND
            first = inner.new_full((inner.shape[0], 1, inner.shape[2]), -SPLINE_BOUND)
            return torch.cat((first, inner, -first), 1)

        offset = math.log(math.expm1(1 - LEAST))
        slopes = LEAST + functional.softplus(slopes + offset)
        one = torch.ones_like(slopes[:, :1])
        return positions(widths), positions(heights), torch.cat((one, slopes, one), 1)

    def bin(self, knots, at, x, y, slopes):
        index = (at.unsqueeze(1) >= knots[:, 1:-1]).sum(1, keepdim=True)
        both = torch.cat((index, index + 1), 1)
        return (t.gather(1, both).unbind(1) for t in (x, y, slopes))

    def forward(self, kept, moved):
        x, y, slopes = self.knots(kept)
        at = moved.clamp(-SPLINE_BOUND, SPLINE_BOUND)
        (x0, x1), (y0, y1), (d0, d1) = self.bin(x, at, x, y, slopes)
        width, height = x1 - x0, y1 - y0
        s = height / width
        z = (at - x0) / width
        rest = z * (1 - z)
        denominator = s + (d0 + d1 - 2 * s) * rest
        out = y0 + height * (s * z * z + d0 * rest) / denominator
        numerator = s * s * (d1 * z * z + 2 * s * rest + d0 * (1 - z) ** 2)
        log_slope = numerator.log() - 2 * denominator.log()
        inside = moved.abs() <= SPLINE_BOUND
        return torch.where(inside, out, moved), torch.where(inside, log_slope, 0.0)

    def inverse(self, kept, moved):
        x, y, slopes = self.knots(kept)
        at = moved.clamp(-SPLINE_BOUND, SPLINE_BOUND)
        (x0, x1), (y0, y1), (d0, d1) = self.bin(y, at, x, y, slopes)
        width, height = x1 - x0, y1 - y0
        s = height / width
        bend = (at - y0) * (d0 + d1 - 2 * s)
        a = height * (s - d0) + bend
        b = height * d0 - bend
        c = -s * (at - y0)
        z = 2 * c / (-b - (b * b - 4 * a * c).clamp(min=0).sqrt())
        return torch.where(moved.abs() <= SPLINE_BOUND, x0 + z * width, moved)


class LuLinear(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.lu = nn.Parameter(torch.zeros(dim, dim))
        self.bias = nn.Parameter(torch.zeros(dim))
        self.register_buffer("one", torch.eye(dim))

    def factors(self):
        diagonal = self.lu.diagonal()
        upper = self.lu.triu(1) + torch.diag_embed(diagonal.exp())
        return self.lu.tril(-1) + self.one, upper, diagonal.sum()

    def forward(self, x):
        lower, upper, log_det = self.factors()
        return functional.linear(x, lower @ upper, self.bias), log_det

    def inverse(self, y):
        lower, upper, _ = self.factors()
        half = torch.linalg.solve_triangular(lower, (y - self.bias).T, upper=False, unitriangular=True)
        return torch.linalg.solve_triangular(upper, half, upper=True).T


class CouplingFlow(nn.Module):
    """Couplings of the two halves in turn; before each of the splines a linear map."""

    def __init__(self, configuration):
        super().__init__()
        self.dim = configuration["dim"]
        self.half = self.dim // 2
        halves = (self.half, self.dim - self.half)
        spline = configuration["flow"] == "splineCoupling"
        make = SplineCoupling if spline else AffineCoupling
        steps = range(configuration["layers"])
        self.couplings = nn.ModuleList(
            make(configuration, halves[i % 2], halves[1 - i % 2]) for i in steps
        )
        self.linears = nn.ModuleList(LuLinear(self.dim) for _ in steps) if spline else None

    def log_prob(self, x, context):
        first, second = x[:, : self.half], x[:, self.half :]
        log_slopes = []
        log_det = -0.5 * self.dim * LOG_TWO_PI
        for i, coupling in enumerate(self.couplings):
            if self.linears is not None:
                x, volume = self.linears[i](torch.cat((first, second), 1) if i > 0 else x)
                first, second = x[:, : self.half], x[:, self.half :]
                log_det = log_det + volume
            kept, moved = (first, second) if i % 2 == 0 else (second, first)
            if context is not None:
                kept = torch.cat((kept, context), 1)
            moved, log_slope = coupling(kept, moved)
            first, second = (first, moved) if i % 2 == 0 else (moved, second)
            log_slopes.append(log_slope)
        z = torch.cat((first, second), 1)
        return torch.cat(log_slopes, 1).sum(1) - 0.5 * (z * z).sum(1) + log_det

    def sample(self, n, context):
        z = torch.randn(n, self.dim)
        first, second = z[:, : self.half], z[:, self.half :]
        for i in reversed(range(len(self.couplings))):
            kept, moved = (first, second) if i % 2 == 0 else (second, first)
            if context is not None:
                kept = torch.cat((kept, context), 1)
            moved = self.couplings[i].inverse(kept, moved)
            first, second = (first, moved) if i % 2 == 0 else (moved, second)
            if self.linears is not None:
                x = self.linears[i].inverse(torch.cat((first, second), 1))
                first, second = x[:, : self.half], x[:, self.half :]
        return torch.cat((first, second), 1)


class MaskedAffine(nn.Module):
    """One masked autoregressive map; the dimensions come in ascending order, or in descending."""

    def __init__(self, configuration, ascending):
        super().__init__()
        dim, hidden = configuration["dim"], configuration["hidden"]
        order = torch.arange(dim) if ascending else torch.arange(dim).flip(0)
        self.order = order.tolist()
        rank = order.argsort()
        degrees = [rank + 1] + [1 + torch.arange(width) * (dim - 1) // width for width in hidden]
        degrees.append(torch.cat((rank, rank)))
        self.layers = nn.ModuleList(
            nn.Linear(len(a), len(b)) for a, b in zip(degrees, degrees[1:])
        )
        for i, (a, b) in enumerate(zip(degrees, degrees[1:])):
            self.register_buffer(f"mask{i}", (b[:, None] >= a[None, :]).float())

    def weights(self):
        return [layer.weight * getattr(self, f"mask{i}") for i, layer in enumerate(self.layers)]

    def hidden(self, x, weights):
        for weight, layer in zip(weights[:-1], self.layers):
            x = functional.relu(functional.linear(x, weight, layer.bias))
        return x

    def forward(self, x):
        weights = self.weights()
        out = functional.linear(self.hidden(x, weights), weights[-1], self.layers[-1].bias)
        raw, shift = out.chunk(2, 1)
        log_scale = LOG_SCALE_BOUND * torch.tanh(raw / LOG_SCALE_BOUND)
        return x * log_scale.exp() + shift, log_scale

    def inverse(self, y):
        weights = self.weights()
        dim = y.shape[1]
        x = torch.zeros_like(y)
        for column in self.order:
            rows = [column, dim + column]
            hidden = self.hidden(x, weights)
            out = functional.linear(hidden, weights[-1][rows], self.layers[-1].bias[rows])
            log_scale = LOG_SCALE_BOUND * torch.tanh(out[:, 0] / LOG_SCALE_BOUND)
            x[:, column] = (y[:, column] - out[:, 1]) * (-log_scale).exp()
        return x


class MaskedFlow(nn.Module):
    def __init__(self, configuration):
        super().__init__()
        self.dim = configuration["dim"]
        self.maps = nn.ModuleList(
            MaskedAffine(configuration, i % 2 == 0) for i in range(configuration["layers"])
        )

    def log_prob(self, x, context):
        log_scales = []
        for map_ in self.maps:
            x, log_scale = map_(x)
            log_scales.append(log_scale)
        log_det = torch.stack(log_scales).sum((0, 2))
        return log_det - 0.5 * (x * x).sum(1) - 0.5 * self.dim * LOG_TWO_PI

    def sample(self, n, context):
        x = torch.randn(n, self.dim)
        for map_ in reversed(self.maps):
            x = map_.inverse(x)
        return x


def build(configuration):
    masked = configuration["flow"] == "maskedAffine"
    return (MaskedFlow if masked else CouplingFlow)(configuration)


def prepare(configuration, batch, task):
    if "network" in configuration:
        return torch_networks.prepare(configuration)
    return task_of(build(configuration), configuration, batch, task)
