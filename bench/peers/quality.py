"""Fits peers' flows to tables for `npm run bench:quality`, driven by lines of JSON as peer.py is:
{"peer", "model", "settings", "folder", "dim", "seed"} is answered by what bench/qualityFit.ts calls
Fitted, or by {"error": why}. The fit is that of qualityFit.ts."""

import json
import math
import os
import sys
import time
import warnings

import numpy
import torch
import zuko
from nflows import distributions, flows, transforms

import with_nflows
import with_zuko


def with_nflows_presets(model, dim):
    """The layers of our presets, one for one."""
    configuration = {"hidden": model["hidden"], "contextDim": 0, "residualBlocks": 0}
    steps = []

    def mix():
        steps.append(transforms.RandomPermutation(dim))
        steps.append(transforms.LULinear(dim))

    for i in range(model["layers"]):
        if model["name"] == "nsf":
            mix()
            mask = torch.where((torch.arange(dim) >= dim // 2) == (i % 2 == 0), 1, -1)
            steps.append(
                transforms.PiecewiseRationalQuadraticCouplingTransform(
                    mask,
                    with_nflows.network(configuration),
                    num_bins=model["bins"],
                    tails="linear",
                    tail_bound=model["bound"],
                )
            )
        else:
            steps.append(transforms.ActNorm(dim))
            steps.append(
                transforms.MaskedAffineAutoregressiveTransform(
                    dim,
                    model["hidden"][0],
                    num_blocks=len(model["hidden"]) - 1,
                    use_residual_blocks=False,
                )
            )
            steps.append(transforms.ReversePermutation(dim))
    if model["name"] == "nsf":
        mix()
    flow = flows.Flow(transforms.CompositeTransform(steps), distributions.StandardNormal([dim]))
    return with_nflows.Adapter(flow)


def with_zuko_flows(model, dim):
    """Its own MAF, and couplings with its splines and linear maps; it has no ActNorm."""
    kind = "splineCoupling" if model["name"] == "nsf" else "maskedAffine"
    configuration = {"flow": kind, "dim": dim, "contextDim": 0, **model}
    return with_zuko.Adapter(with_zuko.build(configuration))


BUILD = {"nflows": with_nflows_presets, "zuko": with_zuko_flows}


def fit(peer, model, settings, folder, dim, seed):
    start = time.perf_counter()
    torch.manual_seed(seed)
    random = numpy.random.default_rng(seed)
    train, validation, test = (
        torch.from_numpy(numpy.fromfile(os.path.join(folder, f"{name}.f32"), numpy.float32)).view(-1, dim)
        for name in ("train", "validation", "test")
    )
    flow = BUILD[peer](model, dim)
    parameters = [p for p in flow.parameters() if p.requires_grad]
    adam = torch.optim.Adam(parameters, lr=settings["learningRate"], fused=True)
    batch, steps = settings["batch"], settings["steps"]
    order, at = random.permutation(len(train)), 0
    best, best_step, best_state = -math.inf, 0, flow.state_dict()
    for step in range(1, steps + 1):
        if at + batch > len(train):
            order, at = random.permutation(len(train)), 0
        rows = train[order[at : at + batch]]
        at += batch
        for group in adam.param_groups:
            group["lr"] = settings["learningRate"] * (1 + math.cos(math.pi * (step - 1) / steps)) / 2
        adam.zero_grad(set_to_none=True)
        (-flow.log_prob(rows, None).mean()).backward()
        torch.nn.utils.clip_grad_norm_(parameters, settings["clipNorm"])
        adam.step()
        if step % settings["every"] != 0:
            continue
        value = mean_log_likelihood(flow, validation)
        if value > best:
            best, best_step = value, step
            best_state = {name: tensor.clone() for name, tensor in flow.state_dict().items()}
        elif step - best_step >= settings["every"] * settings["patience"]:
            break
    flow.load_state_dict(best_state)
    return {
        "test": mean_log_likelihood(flow, test),
        "validation": best,
        "bestStep": best_step,
        "parameters": sum(p.numel() for p in parameters),
        "seconds": time.perf_counter() - start,
    }


def mean_log_likelihood(flow, rows):
    flow.eval()
    with torch.no_grad():
        value = flow.log_prob(rows, None).mean().item()
    flow.train()
    return value


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)

    def answer(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    answer({"ready": {"zuko": zuko.__version__}})
    for line in sys.stdin:
        try:
            answer(fit(**json.loads(line)))
        except Exception as error:
            answer({"error": " ".join(f"{type(error).__name__}: {error}".split())[:200]})


if __name__ == "__main__":
    main()
