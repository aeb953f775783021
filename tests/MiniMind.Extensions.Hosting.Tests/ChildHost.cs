using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace MiniMind.Extensions.Hosting.Tests;

/// <summary>A host in a process of its own, for a test that kills it: prints START with the step that its training begins at, and STEP for each step.</summary>
internal static class ChildHost
{
    /// <param name="folder">Gets the data, the checkpoints and the student.</param>
    /// <param name="pauseAt">The step after which it goes on no more; 0 for none.</param>
    public static async Task<int> RunAsync(string folder, int pauseAt)
    {
        using var host = TinyHost.Build(TinyHost.Settings(folder), training => training.AddCallback(_ => new TrainingWatch
        {
            OnStarted = step => Console.WriteLine($"START {step}"),
            OnStep = async (step, _) =>
            {
                Console.WriteLine($"STEP {step}");
                if (step == pauseAt)
                    await Task.Delay(Timeout.Infinite, CancellationToken.None);
            },
        }));
        await host.RunAsync();
        return 0;
    }

    public static Process Start(string folder, int pauseAt)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ChildHost).Assembly.Location, "child", folder, $"{pauseAt}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Not of the platform's choice, so that all processes compute the same.
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["MINIMIND_FP32_LIBRARY"] = "mkl";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        return Process.Start(start)!;
    }
}
