"""Kills whole jobs of two ranks with SIGKILL at random moments and resumes them, with the same and with another number of ranks.

    dotnet build -c Release tests/MiniMind.Training.Mpi.Tests
    python3 tests/Ranks/kill.py openmpi|mpich CONFIGURATION KILLS

CONFIGURATION is one of TrainChild's, such as moe-dropout or dropped-groups. In the end the weights must be those of the job that nobody killed, to the last bit.
After every fifth kill a copy of the folder is resumed with four ranks: it must begin at an epoch's end, and end. Rank 0 alone has the folder. The exit code is the
number of faults.
"""
import json
import os
import random
import shutil
import sys
import tempfile
import time

from jobs import Job, rank_program

CHECKPOINT_EVERY = "7"


def start(mpi, ranks, folder, configuration):
    return Job(mpi, ranks, [*rank_program(), "train", folder, configuration, CHECKPOINT_EVERY])


def finish(job):
    """What all ranks have in the end, or what went wrong."""
    lines = list(job.lines())
    code, left = job.end(30)
    done = {line.split("DONE ")[1].split()[0] for line in lines if "DONE " in line}
    if code == 0 and len(done) == 1 and not left:
        return done.pop()
    return f"exit code {code}, {len(done)} results, {len(left)} processes left: " + " / ".join(lines[-3:])


def epoch_ends(folder):
    """Steps of the whole checkpoints at epochs' ends."""
    found = []
    for name in sorted(os.listdir(folder + "/checkpoints")):
        try:
            with open(f"{folder}/checkpoints/{name}/trainer.json") as file:
                state = json.load(file)
        except OSError:
            continue
        if not name.endswith(".tmp") and state["batch"] == 0:
            found.append(state["step"])
    return found


def elsewhere(mpi, folder, configuration, faults):
    """Resumes a copy with four ranks."""
    ends = epoch_ends(folder)
    if not ends:
        return None
    copy = folder + "-copy"
    shutil.copytree(folder, copy)
    job = start(mpi, 4, copy, configuration)
    ready = job.read_until("READY")
    at = int(ready.split("READY ")[1]) if ready else None
    result = finish(job)
    if at != max(ends) or len(result) != 64:
        faults.append(f"with four ranks, epochs' ends {ends}: begins at {at}, and ends with {result}")
    shutil.rmtree(copy)
    return at


def main(mpi, configuration, kills):
    work = tempfile.mkdtemp(prefix="minimind-ranks-")
    folder, faults, killed, starts, others, began = work + "/run", [], 0, [], [], time.time()
    try:
        expected = finish(start(mpi, 2, work + "/whole", configuration))
        while killed < kills:
            job = start(mpi, 2, folder, configuration)
            ready = job.read_until("READY")
            if not ready:
                faults.append("does not start")
                break
            starts.append(int(ready.split("READY ")[1]))
            time.sleep(random.random() * 0.5)
            if "DONE" in job.kill():
                shutil.rmtree(folder)
                continue
            killed += 1
            if killed % 5 == 0 and os.path.isdir(folder + "/checkpoints"):
                others.append(elsewhere(mpi, folder, configuration, faults))
        found = finish(start(mpi, 2, folder, configuration))
        if found != expected:
            faults.append(f"the end is {found}; without kills {expected}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{mpi} {configuration}: {killed} kills, resumed at steps {starts}; with four ranks at {others}; {len(faults)} faults, {time.time() - began:.0f} s")
    for fault in faults:
        print("  " + fault)
    return len(faults)


if __name__ == "__main__":
    random.seed(7)
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
