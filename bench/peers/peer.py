"""One peer of the benchmark: `python peer.py NAME THREADS`, driven by lines of JSON.

It imports `with_NAME` and first answers {"ready": versions} or {"missing": why}. Then it answers each
line of its input with one line:

{"configuration": {...}, "batch": n, "task": "train" | "logProb" | "sample", "warmSeconds": s}
    builds, and warms up for so long; answers {"parameters": count, "warmUpSeconds": s} or {"absent": why}; those in
    TypeScript add "multiplyAdds", and "last", the times of the last run so far
{"repeats": n}
    runs that task n times; answers {"seconds": wall, "cpuSeconds": of all threads} for the n together
"""

import importlib
import json
import os
import sys
import time
import warnings

WARM_UPS = 3


def main():
    # What libraries print goes to stderr, so that the answers are alone on stdout.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    name, threads = sys.argv[1], int(sys.argv[2])
    warnings.filterwarnings("ignore")
    try:
        module = importlib.import_module(f"with_{name}")
        module.set_threads(threads)
    except Exception as error:  # An import fails in as many ways as there are libraries.
        answer({"missing": one_line(error)})
        return
    answer({"ready": module.versions()})
    run = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "repeats" in request:
                answer(timed(run, request["repeats"]))
                continue
            run = None
            start = time.perf_counter()
            peer = module.prepare(request["configuration"], request["batch"], request["task"])
            if isinstance(peer, str):
                answer({"absent": peer})
                continue
            run, parameters = peer
            runs, warm = 0, time.perf_counter()
            while runs < WARM_UPS or time.perf_counter() - warm < request["warmSeconds"]:
                run()
                runs += 1
            answer({"parameters": parameters, "warmUpSeconds": time.perf_counter() - start})
        except Exception as error:
            run = None
            answer({"absent": f"it fails: {one_line(error)}"})


def timed(run, repeats):
    start, cpu = time.perf_counter(), time.process_time()
    for _ in range(repeats):
        run()
    return {"seconds": time.perf_counter() - start, "cpuSeconds": time.process_time() - cpu}


def one_line(error):
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


if __name__ == "__main__":
    main()
