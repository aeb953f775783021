using System.Diagnostics;

namespace MiniMind.Training.Mpi.Tests.Jobs;

/// <summary>What may end a rank's process.</summary>
internal static class ProcessFault
{
    /// <summary>Ends this process if the fault is one that does.</summary>
    /// <param name="what">kill, exit0, exit3 or unhandled.</param>
    /// <param name="story">What the unhandled exception says.</param>
    public static void Befall(string what, string story)
    {
        switch (what)
        {
            case "kill":
                Process.GetCurrentProcess().Kill();
                break;
            case "exit0":
                Environment.Exit(0);
                break;
            case "exit3":
                Environment.Exit(3);
                break;
            case "unhandled":
                var thread = new Thread(() => throw new InvalidDataException(story));
                thread.Start();
                thread.Join();
                break;
        }
    }
}
