"""Measures data-parallel training by turns: one process of two threads, two of one on this machine, and two in network namespaces whose link has 10 and 1 Gbit/s.

    dotnet build -c Release benchmarks/MiniMind.Benchmarks
    python3 benchmarks/ranks/measure.py openmpi|mpich [--turns N] [OPTIONS OF THE VERB ranks]

Prints the median of each figure. The namespaces need root, ip and tc.
"""
import os
import statistics
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/Ranks"))
from jobs import Job, Network, assembly  # noqa: E402

PROGRAM = assembly("benchmarks/MiniMind.Benchmarks", "MiniMind.Benchmarks")
SETTINGS = {"1 process, 2 threads": (1, 2, None), "2 ranks, this machine": (2, 1, None), "2 ranks, 10 Gbit/s": (2, 1, "10gbit"), "2 ranks, 1 Gbit/s": (2, 1, "1gbit")}


def once(mpi, ranks, threads, rate, options):
    network = Network(rate) if rate else None
    try:
        job = Job(mpi, ranks, [*PROGRAM, "ranks", "--threads", str(threads), *options], network, {"OMP_NUM_THREADS": str(threads)})
        text = "\n".join(job.lines())
        job.end(10)
        figures = dict(f.split(">:")[-1].split("] ")[-1].split("=") for f in text.split("\n") if "=" in f)
        if "tokens_per_second" not in figures:
            sys.exit(text)
        return {name: float(value) for name, value in figures.items()}
    finally:
        if network:
            network.close()


def main(mpi, turns, options):
    found = {name: [] for name in SETTINGS}
    for turn in range(turns):
        for name, (ranks, threads, rate) in SETTINGS.items():
            # One process waits for nobody, whatever launched it.
            found[name].append(once(mpi, ranks, threads, rate, options))
    names = ["tokens_per_second", "step_milliseconds", "waiting_milliseconds", "reducing_milliseconds", "reduction_milliseconds"]
    print(f"{mpi} {' '.join(options)}\n| | " + " | ".join(names) + " |\n|---|" + "---|" * len(names))
    for name, figures in found.items():
        print(f"| {name} | " + " | ".join(f"{statistics.median(f[n] for f in figures):.0f}" for n in names) + " |", flush=True)


if __name__ == "__main__":
    rest, turns = sys.argv[2:], 3
    if rest[:1] == ["--turns"]:
        turns, rest = int(rest[1]), rest[2:]
    main(sys.argv[1], turns, rest)
