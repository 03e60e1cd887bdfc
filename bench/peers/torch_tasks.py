"""What the PyTorch peers share: the three tasks, over a flow of any library."""

import importlib.metadata

import numpy
import torch

LEARNING_RATE = 1e-5


def set_threads(threads):
    torch.set_num_threads(threads)


def versions(*packages):
    return {package: importlib.metadata.version(package) for package in ("torch", *packages)}


def task_of(flow, configuration, batch, task, compiled=False):
    """The task as a function without arguments, and the number of trained parameters.

    `flow` is a module with log_prob(x, context) [n] and sample(n, context) [n, dim]; context is None
    where there is none. Adam runs fused, the fastest of PyTorch's three.
    """
    random = numpy.random.default_rng(0)
    x = torch.from_numpy(random.standard_normal((batch, configuration["dim"]), dtype=numpy.float32))
    context = None
    if configuration["contextDim"] > 0:
        shape = (batch, configuration["contextDim"])
        context = torch.from_numpy(random.standard_normal(shape, dtype=numpy.float32))
    parameters = [p for p in flow.parameters() if p.requires_grad]
    count = sum(p.numel() for p in parameters)
    if task == "train":
        adam = torch.optim.Adam(parameters, lr=LEARNING_RATE, fused=True)

        def loss():
            return -flow.log_prob(x, context).mean()

        objective = torch.compile(loss, dynamic=False) if compiled else loss

        def run():
            adam.zero_grad(set_to_none=True)
            objective().backward()
            adam.step()

    else:
        density = torch.compile(flow.log_prob, dynamic=False) if compiled else flow.log_prob

        def run():
            with torch.no_grad():
                if task == "logProb":
                    density(x, context)
                else:
                    flow.sample(batch, context)

    return run, count
