"""What comes of a job of two ranks when something befalls the second: what each rank printed, the exit code, the seconds until nothing of the job was left, and
the newest checkpoint. Prints a table in Markdown.

    dotnet build -c Release tests/MiniMind.Training.Mpi.Tests
    python3 tests/Ranks/failures.py openmpi|mpich [KIND ...]

The kind `cut` needs root: its ranks train in two network namespaces, whose link is taken down.
"""
import os
import re
import shutil
import sys
import tempfile
import time

from jobs import Job, Network, rank_program

BEFALLS = ["kill", "exit0", "exit3", "unhandled", "callback", "cancel", "nan", "stall", "cut"]
DIFFERS = ["count", "content", "options", "architecture"]
TAG = re.compile(r"^(?:\[1,(?P<open>[0-9])\]<std(?:out|err)>:|\[(?P<mpich>[0-9])\] ?)(?P<text>.*)$")
NOISE = re.compile(r"^\s*(rank [0-9] of [0-9], local|FAILING NOW|at |READY|\[?1h|$)")


def said(lines, rank):
    """The first line of a rank that tells a story."""
    for line in lines:
        match = TAG.match(line)
        if match and (match["open"] or match["mpich"]) == rank:
            text = re.sub(r"\x1b\[\??[0-9;]*[a-z]", "", match["text"])
            if not NOISE.match(text):
                return text[:230]
    return "nothing"


def fail(mpi, kind):
    folder = tempfile.mkdtemp(prefix="minimind-ranks-")
    network = Network() if kind == "cut" else None
    try:
        job = Job(mpi, 2, [*rank_program(), "failing-training", kind, folder], network)
        lines, failed_at = [], None
        if kind == "cut":
            while not os.listdir(folder):
                time.sleep(0.1)
            time.sleep(1)
            network.cut()
            failed_at = time.time()
        for line in job.lines():
            lines.append(line)
            if failed_at is None and ("FAILING NOW" in line or ("local" in line and kind in DIFFERS)):
                failed_at = time.time()
        code, left = job.end(60)
        seconds = time.time() - failed_at if failed_at else float("nan")
        checkpoints = sorted(f for f in os.listdir(folder) if f.startswith("step-") and not f.endswith(".tmp"))
        newest = checkpoints[-1] if checkpoints else "none"
        print(f"| {kind} | {said(lines, '0')} | {said(lines, '1')} | {code} | {seconds:.1f} | {newest}{', processes were left' if left else ''} |", flush=True)
        if os.environ.get("SHOW"):
            print("\n".join(lines))
    finally:
        if network:
            network.close()
        shutil.rmtree(folder)


if __name__ == "__main__":
    print("| what | rank 0 printed | rank 1 printed | exit code | seconds | newest checkpoint |\n|---|---|---|---|---|---|")
    for kind in sys.argv[2:] or BEFALLS + DIFFERS:
        fail(sys.argv[1], kind)
