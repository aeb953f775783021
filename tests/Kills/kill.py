"""Kills training runs and model saves with SIGKILL at random moments, and checks what that leaves.

    dotnet build -c Release tests/MiniMind.Training.Tests
    python3 tests/Kills/kill.py train CONFIGURATION KILLS [SECONDS]
    python3 tests/Kills/kill.py save KIND KILLS [SECONDS]

CONFIGURATION: bf16-packed, bucketed (with accumulation and two workers), moe-dropout, fp16, dropped-groups, grown (whose data set grows
within an epoch), or large, whose kills wait for a checkpoint that is being written. KIND: single or sharded, with -notes for a folder that holds another file too. SECONDS: begins no further kill after
them (default 600).

train: after each kill the run is started again; once it reports its first step, nothing of the killed process may be left. In the end the weights must be
those of the run that nobody killed, to the last bit, and the metrics file must hold each step once, in whole lines.
save: after each kill the folder must load as one of the two models that are saved over each other, configuration and weights of the same; in the end one
more save must leave nothing but a model.
The exit code is the number of faults.
"""
import glob
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENT = dict(os.environ, OMP_NUM_THREADS="1", MINIMIND_FP32_LIBRARY="mkl")


def program():
    found = glob.glob(os.path.join(HERE, "../MiniMind.Training.Tests/bin/Release/net*/*/MiniMind.Training.Tests.dll"))
    if not found:
        sys.exit("build tests/MiniMind.Training.Tests in the configuration Release first")
    return ["dotnet", max(found, key=os.path.getmtime), "child"]


def start(*arguments):
    return subprocess.Popen([*program(), *arguments], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kill(process):
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.wait()
    return rest


def read_until(process, word):
    for line in process.stdout:
        if line.startswith(word):
            return line.split()
    return None


def leftovers(folder):
    """What is being written, or was when its writer was killed."""
    return [os.path.relpath(f, folder) for f in glob.glob(folder + "/**/*", recursive=True, include_hidden=True)
            if f.endswith((".tmp", ".lock", ".old")) or ".minimind-new" in f]


def train(configuration, kills, seconds, work):
    folder, reference, every = os.path.join(work, "run"), os.path.join(work, "whole"), "1" if configuration == "large" else "7"
    whole = start("train", reference, configuration, "1000000")
    output, errors = whole.communicate()
    expected = output.split("\n")[-2]
    if not expected.startswith("DONE"):
        return [f"the run without kills ended with {whole.returncode} after {expected}: {errors[-1000:]}"]
    faults, killed, in_write, seen_at_kill, began = [], 0, 0, set(), time.time()
    while True:
        process = start("train", folder, configuration, every)
        ready = read_until(process, "READY")
        if ready is None:
            faults.append("does not start: " + process.stderr.read()[-400:])
            break
        # What it has begun to write itself by now has the name of another step.
        faults += [f"left behind: {f}" for f in leftovers(folder) if f in seen_at_kill]
        if killed >= kills or time.time() - began > seconds:
            done = read_until(process, "DONE")
            process.wait()
            result = " ".join(done) if done else "nothing: " + process.stderr.read()[-400:]
            if result != expected:
                faults.append(f"the end is {result}; without kills {expected}")
            break
        if configuration == "large":
            wanted = random.randint(1, 3)
            until = time.time() + 5
            known = set()
            while process.poll() is None and time.time() < until and len(known) < wanted:
                known.update(f for f in os.listdir(folder + "/checkpoints") if f.endswith(".tmp")) if os.path.isdir(folder + "/checkpoints") else None
            time.sleep(random.random() * 0.03)
        else:
            time.sleep(random.random() * 0.8)
        rest = kill(process)
        seen_at_kill = set(leftovers(folder))
        if "DONE" in rest:
            shutil.rmtree(folder)
            seen_at_kill = set()
            continue
        killed += 1
        in_write += bool(seen_at_kill)
    metrics = os.path.join(folder, "metrics.jsonl")
    text = open(metrics).read()
    lines = [json.loads(line) for line in text.split("\n")[:-1]]
    if not text.endswith("\n"):
        faults.append("the metrics file does not end with a whole line")
    # A run that is killed before its first checkpoint is not resumed: another begins, and appends.
    steps = [line["step"] for line in lines if line["run_id"] == lines[-1]["run_id"]]
    if steps != list(range(1, len(steps) + 1)):
        faults.append(f"steps in the metrics file are not 1 to {len(steps)}, each once")
    if left := leftovers(folder):
        faults += [f"left behind in the end: {f}" for f in left]
    print(f"train {configuration}: {killed} kills, {in_write} of them while a file was being written, {len(steps)} steps, {len(faults)} faults,"
          f" {time.time() - began:.0f} s")
    return faults


def save(kind, kills, seconds, work):
    folder = os.path.join(work, "model")
    faults, killed, in_write, seen, began = [], 0, 0, {}, time.time()
    while killed < kills and time.time() - began < seconds:
        process = start("save", folder, kind)
        if read_until(process, "READY") is None:
            faults.append("does not start: " + process.stderr.read()[-400:])
            break
        time.sleep(random.random() * 0.4)
        kill(process)
        killed += 1
        in_write += bool(leftovers(work))
        found = start("check", folder).communicate()[0].strip()
        seen[found] = seen.get(found, 0) + 1
        if found not in ("theta 1000 weights 1", "theta 2000 weights 2"):
            faults.append(found)
        if kind.endswith("-notes") and not os.path.exists(os.path.join(folder, "notes.txt")):
            faults.append("the user's notes are gone")
    # The next save sweeps; it is killed behind it only.
    process = start("save", folder, kind + "-once")
    process.communicate()
    if left := leftovers(work):
        faults += [f"left behind: {f}" for f in left]
    print(f"save {kind}: {killed} kills, {in_write} of them within a save, {seen}, {len(faults)} faults, {time.time() - began:.0f} s")
    return faults


if __name__ == "__main__":
    what, which, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    work = tempfile.mkdtemp(prefix="minimind-kills-")
    random.seed(7)
    try:
        found = (train if what == "train" else save)(which, count, float(sys.argv[4]) if len(sys.argv) > 4 else 600, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for fault in found[:20]:
        print("  " + fault)
    sys.exit(min(len(found), 100))
