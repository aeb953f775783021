using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace MiniMind.Extensions.Hosting.Tests;

/// <summary>Runs the tests, or, for tests that kill a host, <see cref="ChildHost"/>.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments) =>
        arguments is ["child", var folder, var pauseAt] ? await ChildHost.RunAsync(folder, int.Parse(pauseAt))
        : arguments.Any(a => a is "--server" or "--internal-msbuild-node")
            ? await TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(arguments);
}
