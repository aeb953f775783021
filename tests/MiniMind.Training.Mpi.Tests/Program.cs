using MiniMind.Training.Mpi.Tests.Jobs;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace MiniMind.Training.Mpi.Tests;

/// <summary>Runs the tests, or, started by mpirun with <c>job NAME ARGUMENTS</c>, one rank of a job.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments) =>
        arguments is ["job", var name, .. var rest] ? await RankProgram.RunAsync(name, rest)
        : arguments.Any(a => a is "--server" or "--internal-msbuild-node")
            ? await TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(arguments);
}
