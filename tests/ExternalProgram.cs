using System.ComponentModel;
using System.Diagnostics;

namespace MiniMind.Tests;

/// <summary>Programs that optional tests compare with.</summary>
internal static class ExternalProgram
{
    /// <summary>Whether a command runs and ends well.</summary>
    public static bool Works(string command, params string[] arguments)
    {
        try
        {
            return Start(command, arguments).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Runs a command; its failure is the test's.</summary>
    public static void Run(string command, params string[] arguments)
    {
        var (exitCode, output) = Start(command, arguments);
        Assert.True(exitCode == 0, $"{command} {string.Join(' ', arguments)} ended with {exitCode}:\n{output}");
    }

    private static (int ExitCode, string Output) Start(string command, string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Tests have the other core.
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.GetAwaiter().GetResult());
    }
}
