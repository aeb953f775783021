namespace MiniMind.LlamaCpp.Tests;

public sealed class BackendTests
{
    [Fact]
    public void The_library_loads_beside_libtorch()
    {
        Assert.SkipUnless(LlamaCppBackend.IsExpected, "a machine that is not Linux on x64 may lack llama.cpp's library; the other tests say whether it does");

        Assert.Null(LlamaCppBackend.Fault);
    }

    [Fact]
    public void One_OpenMP_runtime_serves_both()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads the process's mappings from /proc");
        LlamaCppBackend.Require();

        var runtimes = File.ReadLines("/proc/self/maps").Where(line => line.Contains("libgomp", StringComparison.Ordinal)).Select(line => line[line.IndexOf('/')..]).Distinct();

        Assert.Single(runtimes);
    }
}
