using MiniMind.Training.Tests.Children;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace MiniMind.Training.Tests;

/// <summary>Runs the tests, or, for tests that need a process of their own to be killed or to end, one of <see cref="Children"/>.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments) =>
        arguments is ["child", var name, .. var rest] ? await ChildProgram.RunAsync(name, rest)
        : arguments.Any(a => a is "--server" or "--internal-msbuild-node")
            ? await TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(arguments);
}
