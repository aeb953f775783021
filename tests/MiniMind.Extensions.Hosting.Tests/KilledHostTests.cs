using MiniMind.Training;

namespace MiniMind.Extensions.Hosting.Tests;

/// <summary>The process of a host is killed, which nothing in it can notice.</summary>
public sealed class KilledHostTests : IDisposable
{
    private readonly string _folder = TinyHost.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_new_host_goes_on_from_the_last_checkpoint_and_ends_with_the_weights_of_a_run_that_was_not_killed()
    {
        var killed = Directory.CreateDirectory(Path.Combine(_folder, "killed")).FullName;
        var whole = Directory.CreateDirectory(Path.Combine(_folder, "whole")).FullName;
        Assert.Equal(["START 0", .. Enumerable.Range(1, TinyHost.Steps).Select(i => $"STEP {i}")], await RunAsync(whole));

        // Its checkpoints are of steps 3 and 6.
        await KillAsync(killed, pauseAt: 8);
        Assert.Equal("step-00000006", Path.GetFileName(CheckpointWriter.FindLatest(TinyHost.Checkpoints(killed))));
        Assert.False(Directory.Exists(TinyHost.Student(killed)));
        Assert.Equal(["START 6", .. Enumerable.Range(7, TinyHost.Steps - 6).Select(i => $"STEP {i}")], await RunAsync(killed));

        Assert.Equal(await WeightsAsync(whole), await WeightsAsync(killed));
    }

    private static async Task KillAsync(string folder, int pauseAt)
    {
        using var child = ChildHost.Start(folder, pauseAt);
        var errors = child.StandardError.ReadToEndAsync(Cancel);
        var last = string.Empty;
        while (last != $"STEP {pauseAt}")
            last = await child.StandardOutput.ReadLineAsync(Cancel) ?? throw new InvalidOperationException($"the child ended after '{last}'\n{await errors}");
        child.Kill();
        await child.WaitForExitAsync(Cancel);
        Assert.NotEqual(0, child.ExitCode);
    }

    private static async Task<List<string>> RunAsync(string folder)
    {
        using var child = ChildHost.Start(folder, pauseAt: 0);
        var errors = child.StandardError.ReadToEndAsync(Cancel);
        var lines = await child.StandardOutput.ReadToEndAsync(Cancel);
        await child.WaitForExitAsync(Cancel);
        Assert.True(child.ExitCode == 0, await errors);
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static Task<byte[]> WeightsAsync(string folder) => File.ReadAllBytesAsync(Path.Combine(TinyHost.Student(folder), "model.safetensors"), Cancel);
}
