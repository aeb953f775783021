using System.ComponentModel;
using System.Diagnostics;

namespace MiniMind.Training.Mpi.Tests.Jobs;

/// <summary>A job started by an mpirun of this machine.</summary>
internal sealed record MpiJob(int ExitCode, string Output, string Errors, TimeSpan Elapsed)
{
    private static readonly Dictionary<string, string?> Launchers = new()
    {
        ["Open MPI"] = Find("Open MPI", "mpirun.openmpi", "mpirun"),
        ["MPICH"] = Find("HYDRA", "mpiexec.hydra", "mpirun.mpich", "mpirun"),
    };

    public static string[] Mpis => [.. Launchers.Keys];

    /// <summary>Runs a job to its end, or skips the test where the MPI is not installed.</summary>
    public static MpiJob Run(string mpi, int ranks, params string[] job) => Run(mpi, ranks, library: null, job);

    /// <inheritdoc cref="Run(string, int, string[])"/>
    public static MpiJob Run(string mpi, int ranks, string? library, string[] job)
    {
        Assert.SkipWhen(Launchers[mpi] is null, $"{mpi} is not installed (apt-get install openmpi-bin, mpich)");
        var mark = Guid.NewGuid().ToString("N");
        string[] flags = mpi == "Open MPI" ? ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"] : [];
        var start = new ProcessStartInfo(Launchers[mpi]!, [.. flags, "-n", $"{ranks}", "dotnet", typeof(MpiJob).Assembly.Location, "job", .. job])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment["MINIMIND_TEST_JOB"] = mark;
        start.Environment["MINIMIND_MPI_LIBRARY"] = library ?? string.Empty;
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(TimeSpan.FromSeconds(90)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"the job {string.Join(' ', job)} on {mpi} does not end");
        }

        var result = new MpiJob(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult(), Stopwatch.GetElapsedTime(began));
        TestContext.Current.TestOutputHelper?.WriteLine($"{result.Elapsed.TotalSeconds:F1} s, exit code {result.ExitCode}\n{result.Output}\n{result.Errors}");
        RequireNoOrphans(mark);
        return result;
    }

    private static void RequireNoOrphans(string mark)
    {
        if (!Directory.Exists("/proc/self"))
            return;
        var left = new List<string>();
        for (var i = 0; i < 50; i++)
        {
            left = [.. Directory.GetDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _) && IsOf(d, mark))];
            if (left.Count == 0)
                return;
            Thread.Sleep(100);
        }

        Assert.Fail($"processes of the job are left: {string.Join(", ", left)}");
    }

    private static bool IsOf(string process, string mark)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "environ")).Contains(mark, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? Find(string says, params string[] commands) => Array.Find(commands, command =>
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return text.Contains(says, StringComparison.OrdinalIgnoreCase);
        }
        catch (Win32Exception)
        {
            return false;
        }
    });
}
