"""Starts jobs of tests/MiniMind.Training.Mpi.Tests with Open MPI or MPICH, on this machine or on two network namespaces of it, which stand for two machines."""
import glob
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
MARK = "MINIMIND_TEST_JOB"
LAUNCHERS = {
    "openmpi": ["mpirun.openmpi", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none"],
    "mpich": ["mpiexec.hydra"],
}


def assembly(project, name):
    found = glob.glob(os.path.join(HERE, "../..", project, "bin/Release/net*/*", name + ".dll"))
    if not found:
        sys.exit(f"build {project} in the configuration Release first")
    return ["dotnet", max(found, key=os.path.getmtime)]


def rank_program():
    return [*assembly("tests/MiniMind.Training.Mpi.Tests", "MiniMind.Training.Mpi.Tests"), "job"]


class Job:
    """A running job; its lines of output and errors come as one stream, each with its rank in front."""

    def __init__(self, mpi, ranks, program, network=None, environment=()):
        self.mark = uuid.uuid4().hex
        settings = {"TERM": "dumb", "OMP_NUM_THREADS": "1", "DOTNET_DbgEnableMiniDump": "0", "MINIMIND_FP32_LIBRARY": "mkl", MARK: self.mark, **dict(environment)}
        command = list(LAUNCHERS[mpi])
        if mpi == "openmpi":
            command += ["--tag-output"]
            if network:
                command += [f for name in settings for f in ("-x", name)]
        else:
            command += ["-l"]
            if network:
                # Namespaces of one machine could also read each other's memory.
                settings.update(UCX_TLS="tcp,self", UCX_NET_DEVICES=network.link)
        if network:
            command = ["ip", "netns", "exec", network.names[0], *command, *network.flags(mpi, ranks)]
        self.process = subprocess.Popen(
            [*command, "-n", str(ranks), *program], env=dict(os.environ, **settings), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)

    def lines(self):
        for line in self.process.stdout:
            yield line.rstrip("\n")

    def read_until(self, word):
        """The line that has the word, or none if the job ends before."""
        for line in self.lines():
            if word in line:
                return line
        return None

    def processes(self):
        """All processes of the job: the launcher, its helpers, the ranks."""
        found = []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open(f"/proc/{entry}/environ", "rb") as file:
                        if self.mark.encode() in file.read():
                            found.append(int(entry))
                except OSError:
                    pass
        return found

    def kill(self):
        """All of it at once, by SIGKILL; the rest of its output."""
        for process in self.processes():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        rest = self.process.stdout.read()
        self.process.wait()
        return rest

    def end(self, seconds):
        """Waits until nothing of the job is left: the exit code of the launcher, and the processes that had to be killed."""
        until = time.time() + seconds
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        while time.time() < until and self.processes():
            time.sleep(0.05)
        left = self.processes()
        if left:
            self.kill()
        return code, left


class Network:
    """Two network namespaces with a link between them. Needs root, and the command ip; a rate also tc."""

    def __init__(self, rate=None, patience=5):
        suffix = uuid.uuid4().hex[:5]
        self.names = [f"mm{suffix}a", f"mm{suffix}b"]
        self.link = f"mm{suffix}"
        self.addresses = ["10.77.31.1", "10.77.31.2"]
        for name in self.names:
            run("ip", "netns", "add", name)
        run("ip", "link", "add", self.link, "netns", self.names[0], "type", "veth", "peer", "name", self.link, "netns", self.names[1])
        for name, address in zip(self.names, self.addresses):
            run("ip", "-n", name, "addr", "add", address + "/24", "dev", self.link)
            run("ip", "-n", name, "link", "set", self.link, "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
            # For how long the kernel sends again what is not confirmed: 15 steps, a quarter of an hour, unless told otherwise.
            run("ip", "netns", "exec", name, "sh", "-c", f"echo {patience} > /proc/sys/net/ipv4/tcp_retries2")
            if rate:
                run("ip", "netns", "exec", name, "tc", "qdisc", "add", "dev", self.link, "root", "tbf", "rate", rate, "burst", "128kb", "latency", "50ms")
        while any(" UP " not in subprocess.check_output(["ip", "-n", n, "-br", "link", "show", self.link], text=True) for n in self.names):
            time.sleep(0.1)
        # A machine has a name of its own, and a launcher reaches it with ssh; a namespace, with this.
        self.agent = tempfile.mktemp(prefix="minimind-agent-")
        with open(self.agent, "w") as file:
            file.write(f"""#!/bin/sh
while [ "${{1#-}}" != "$1" ]; do shift; done
host=$1
shift
case $host in {self.addresses[0]}) name={self.names[0]} ;; *) name={self.names[1]} ;; esac
exec ip netns exec $name unshare --uts sh -c "hostname $name; $*"
""")
        os.chmod(self.agent, os.stat(self.agent).st_mode | stat.S_IXUSR)

    def flags(self, mpi, ranks):
        each = ranks // 2
        if mpi == "openmpi":
            return ["--mca", "plm_rsh_agent", self.agent, "--mca", "btl_tcp_if_include", "10.77.31.0/24", "--mca", "oob_tcp_if_include", "10.77.31.0/24",
                    "--mca", "btl", "self,tcp", "--mca", "pml", "ob1", "--host", ",".join(f"{a}:{each}" for a in self.addresses)]
        return ["-launcher", "ssh", "-launcher-exec", self.agent, "-hosts", ",".join(f"{a}:{each}" for a in self.addresses), "-iface", self.link]

    def cut(self):
        run("ip", "-n", self.names[1], "link", "set", self.link, "down")

    def close(self):
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], check=False)
        os.unlink(self.agent)


def run(*command):
    subprocess.run(command, check=True)
