"""The flows of with_torch.py under torch.compile, whose inductor writes and compiles C++."""

import with_torch
from torch_tasks import set_threads as set_threads  # these two are asked for by peer.py
from torch_tasks import task_of
from torch_tasks import versions as versions


def prepare(configuration, batch, task):
    if task == "sample":
        return "samples are held against eager peers"
    return task_of(with_torch.build(configuration), configuration, batch, task, compiled=True)
