using System.Diagnostics;

namespace MiniMind.Training.Tests.Children;

/// <summary>A program in a process of its own: this test assembly, started with <c>child NAME ARGUMENTS</c>.</summary>
internal static class ChildProgram
{
    public static Task<int> RunAsync(string name, string[] arguments) => name switch
    {
        "exit" => ExitChild.RunAsync(arguments[0]),
        "train" => TrainChild.RunAsync(arguments[0], arguments[1], int.Parse(arguments[2])),
        "save" => Task.FromResult(SaveChild.Save(arguments[0], arguments[1])),
        "check" => Task.FromResult(SaveChild.Check(arguments[0])),
        _ => throw new ArgumentException($"there is no child '{name}'", nameof(name)),
    };

    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ChildProgram).Assembly.Location, "child", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["MINIMIND_FP32_LIBRARY"] = "mkl";
        // The exit code is looked at, not a dump.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        return Process.Start(start)!;
    }
}
