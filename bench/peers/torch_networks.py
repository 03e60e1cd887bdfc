"""The networks of bench/networks.json in PyTorch, with the fewest operations that we know for each.

Images lie with their channels last, which oneDNN convolves sooner than PyTorch's own order.
"""

import torch
from torch import nn
from torch.nn import functional

from torch_tasks import LEARNING_RATE


def prepare(configuration, compiled=False):
    """A step of training as a function without arguments, and the number of trained parameters."""
    build = globals()[f"_{configuration['network']}"]
    return build(configuration, (lambda f: torch.compile(f, dynamic=False)) if compiled else (lambda f: f))


def _adam(parameters):
    return torch.optim.Adam(parameters, lr=LEARNING_RATE, fused=True)


def _step(adam, loss):
    adam.zero_grad(set_to_none=True)
    loss().backward()
    adam.step()


def _count(*models):
    return sum(p.numel() for model in models for p in model.parameters() if p.requires_grad)


def _perceptron(configuration, compile):
    widths, batch = configuration["widths"], configuration["batch"]
    layers = []
    for before, after in zip(widths[:-2], widths[1:-1]):
        layers += [nn.Linear(before, after), nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(widths[-2], widths[-1]))
    x = torch.randn(batch, widths[0])
    labels = torch.arange(batch) % widths[-1]
    adam = _adam(model.parameters())
    loss = compile(lambda: functional.cross_entropy(model(x), labels))
    return lambda: _step(adam, loss), _count(model)


def _halve(inputs, outputs, bias=True):
    return nn.Conv2d(inputs, outputs, 4, 2, 1, bias=bias)


def _double(inputs, outputs, bias=True):
    return nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=bias)


def _gan(configuration, compile):
    side, latents, batch = (configuration[key] for key in ("side", "latents", "batch"))
    first, second = configuration["channels"]
    inner = side // 4
    size = inner * inner * second
    generator = nn.Sequential(
        nn.Linear(latents, size, bias=False),
        nn.BatchNorm1d(size),
        nn.ReLU(inplace=True),
        nn.Unflatten(1, (second, inner, inner)),
        _double(second, first, bias=False),
        nn.BatchNorm2d(first),
        nn.ReLU(inplace=True),
        _double(first, 1),
        nn.Tanh(),
    ).to(memory_format=torch.channels_last)
    critic = nn.Sequential(
        _halve(1, first),
        nn.LeakyReLU(0.2, inplace=True),
        _halve(first, second, bias=False),
        nn.BatchNorm2d(second),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Flatten(),
        nn.Linear(size, 1),
    ).to(memory_format=torch.channels_last)
    count = _count(generator, critic)
    real = torch.rand(batch, 1, side, side).to(memory_format=torch.channels_last)
    critic_adam, generator_adam = _adam(critic.parameters()), _adam(generator.parameters())

    def critic_loss():
        with torch.no_grad():
            fake = generator(torch.randn(batch, latents))
        return functional.softplus(-critic(real)).mean() + functional.softplus(critic(fake)).mean()

    def generator_loss():
        return functional.softplus(-critic(generator(torch.randn(batch, latents)))).mean()

    critic_loss, generator_loss = compile(critic_loss), compile(generator_loss)

    def run():
        critic.requires_grad_(True)
        _step(critic_adam, critic_loss)
        # The generator's step asks nothing of the critic's weights.
        critic.requires_grad_(False)
        _step(generator_adam, generator_loss)

    return run, count


def _autoencoder(configuration, compile):
    side, latents, batch = (configuration[key] for key in ("side", "latents", "batch"))
    first, second = configuration["channels"]
    inner = side // 4
    size = inner * inner * second
    encoder = nn.Sequential(
        _halve(1, first),
        nn.ReLU(inplace=True),
        _halve(first, second),
        nn.ReLU(inplace=True),
        nn.Flatten(),
        nn.Linear(size, 2 * latents),
    ).to(memory_format=torch.channels_last)
    decoder = nn.Sequential(
        nn.Linear(latents, size),
        nn.ReLU(inplace=True),
        nn.Unflatten(1, (second, inner, inner)),
        _double(second, first),
        nn.ReLU(inplace=True),
        _double(first, 1),
    ).to(memory_format=torch.channels_last)
    x = torch.rand(batch, 1, side, side).to(memory_format=torch.channels_last)
    adam = _adam([*encoder.parameters(), *decoder.parameters()])

    def loss():
        mean, log_variance = encoder(x).chunk(2, 1)
        logits = decoder(mean + torch.randn(batch, latents) * (0.5 * log_variance).exp())
        reconstruction = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        divergence = 0.5 * (log_variance.exp() - log_variance - 1 + mean * mean).sum()
        return (reconstruction + divergence) / batch

    loss = compile(loss)
    return lambda: _step(adam, loss), _count(encoder, decoder)


class _Regression(nn.Module):
    def __init__(self, inputs, units):
        super().__init__()
        self.lstm = nn.LSTM(inputs, units, batch_first=True)
        # PyTorch adds two biases, of which one is enough.
        nn.init.zeros_(self.lstm.bias_hh_l0).requires_grad_(False)
        self.linear = nn.Linear(units, 1)

    def forward(self, x):
        return self.linear(self.lstm(x)[0][:, -1])


def _lstm(configuration, compile):
    inputs, units, steps, batch = (configuration[key] for key in ("inputs", "units", "steps", "batch"))
    model = _Regression(inputs, units)
    x, y = torch.randn(batch, steps, inputs), torch.randn(batch, 1)
    adam = _adam([p for p in model.parameters() if p.requires_grad])
    loss = compile(lambda: functional.mse_loss(model(x), y))
    return lambda: _step(adam, loss), _count(model)


def _matrixProduct(configuration, compile):
    a = torch.randn(configuration["batch"], configuration["inner"])
    b = torch.randn(configuration["inner"], configuration["columns"])
    product = compile(lambda: a @ b)
    return product, 0
