namespace MiniMind.Tests;

public sealed class TorchRuntimeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("minimind-torch-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void EnsureAvailable_returns_where_libtorch_is_and_from_many_threads()
    {
        Parallel.For(0, 16, _ => TorchRuntime.EnsureAvailable());
    }

    [Fact]
    public void Keeping_freed_memory_is_done_on_glibc_and_harmless_elsewhere()
    {
        var done = TorchRuntime.KeepFreedMemory();

        Assert.True(OperatingSystem.IsLinux() || !done);
        Assert.Equal(done, TorchRuntime.KeepFreedMemory());
        TorchRuntime.EnsureAvailable();
    }

    [Fact]
    public void Spinning_cannot_be_limited_any_more_once_libtorch_is_loaded()
    {
        TorchRuntime.EnsureAvailable();

        Assert.False(TorchRuntime.LimitSpinning());
    }

    [Fact]
    public void A_program_without_libtorch_is_told_which_package_to_add()
    {
        var message = TorchRuntime.Describe([_folder.FullName], _ => null, "linux-x64", new NotSupportedException());

        Assert.Contains("TorchSharp-cpu", message, StringComparison.Ordinal);
        Assert.Contains("TorchSharp-cuda-linux", message, StringComparison.Ordinal);
        Assert.Contains("0.107.0", message, StringComparison.Ordinal);
        Assert.Contains($"no libtorch_cpu.so in {_folder.FullName}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_old_standard_library_points_at_the_build_step()
    {
        Create("libtorch_cpu.so", "libLibTorchSharp.so");
        var reason = TorchRuntime.LoaderReason(
            "Unable to load shared library '/app/libLibTorchSharp.so' or one of its dependencies. In order to help diagnose loading problems, " +
            "consider using a tool like strace. If you're using glibc, consider setting the LD_DEBUG environment variable: \n" +
            "/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)\n");

        var message = TorchRuntime.Describe(
            [_folder.FullName],
            path => path.EndsWith("libLibTorchSharp.so", StringComparison.Ordinal) ? reason : null,
            "linux-x64",
            new NotSupportedException());

        Assert.StartsWith(
            "libtorch does not load, because this system's libstdc++ is older than libLibTorchSharp.so asks for: " +
            "/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so).",
            message,
            StringComparison.Ordinal);
        Assert.Contains("MiniMindFixTorchSharpLoad", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("win-x64", "torch_cpu.dll", "LibTorchSharp.dll")]
    [InlineData("osx-arm64", "libtorch_cpu.dylib", "libLibTorchSharp.dylib")]
    public void A_library_that_does_not_load_is_named_with_the_loaders_reason(string platform, string torch, string bridge)
    {
        Create(torch, bridge);

        var message = TorchRuntime.Describe([_folder.FullName], _ => "uv.dll: not found", platform, new NotSupportedException());

        Assert.Contains($"{Path.Combine(_folder.FullName, torch)} does not load: uv.dll: not found.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_platform_without_a_bridge_is_named()
    {
        Create("libtorch_cpu.so");

        var message = TorchRuntime.Describe([_folder.FullName], _ => null, "linux-arm64", new NotSupportedException());

        Assert.Contains("no native library for linux-arm64", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_after_loading_tells_the_innermost_cause()
    {
        Create("libtorch_cpu.so", "libLibTorchSharp.so");

        var message = TorchRuntime.Describe(
            [_folder.FullName], _ => null, "linux-x64", new TypeInitializationException("T", new InvalidOperationException("the innermost")));

        Assert.EndsWith("could not start it: the innermost", message, StringComparison.Ordinal);
    }

    private void Create(params string[] files)
    {
        foreach (var file in files)
            File.WriteAllText(Path.Combine(_folder.FullName, file), string.Empty);
    }
}
