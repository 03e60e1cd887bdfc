"""The flows and networks of with_torch.py under torch.compile, whose inductor writes and compiles C++."""

import torch_networks
import with_torch
from torch_tasks import set_threads as set_threads  # these two are asked for by peer.py
from torch_tasks import task_of
from torch_tasks import versions as versions


def prepare(configuration, batch, task):
    if "network" in configuration:
        return torch_networks.prepare(configuration, compiled=True)
    if task == "sample":
        return "samples are held against eager peers"
    return task_of(with_torch.build(configuration), configuration, batch, task, compiled=True)
