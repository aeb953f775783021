using static TorchSharp.torch;

namespace MiniMind.Training.Tests;

/// <summary>A run on several ranks in one process, each with a trainer and a model of its own, whose initial weights differ.</summary>
internal sealed class RankedRun : IAsyncDisposable
{
    private readonly int _formerThreads = get_num_threads();

    /// <param name="worldSize">How many ranks.</param>
    /// <param name="config">The model.</param>
    /// <param name="create">Makes a rank's trainer.</param>
    public RankedRun(int worldSize, LMConfig config, Func<MiniMindLM, ICollective, ReasonDistillTrainer> create)
    {
        Trainers = [.. InProcessCollective.Create(worldSize).Select(rank => create(new MiniMindLM(config, seed: 1 + rank.Rank), rank))];
    }

    public IReadOnlyList<ReasonDistillTrainer> Trainers { get; }

    /// <summary>Runs all to the end.</summary>
    /// <returns>What ended the run of each by an exception, or none.</returns>
    public Task<Exception?[]> RunAsync(Func<int, CancellationToken>? cancelled = null) => Task.WhenAll(Trainers.Select(async (trainer, rank) =>
    {
        try
        {
            await UseOneThreadAsync(trainer);
            await trainer.RunAsync(cancelled?.Invoke(rank) ?? TestContext.Current.CancellationToken);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }));

    public float[] Weights(int rank = 0) => WeightsOf(Trainers[rank].Model);

    public static float[] WeightsOf(MiniMindLM model)
    {
        using var scope = NewDisposeScope();
        return [.. model.named_parameters().SelectMany(p => p.parameter.detach().cpu().flatten().data<float>().ToArray())];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var trainer in Trainers)
        {
            await trainer.DisposeAsync();
            trainer.Model.Dispose();
        }

        set_num_threads(_formerThreads);
    }

    /// <summary>libtorch's workers of several ranks would wait for each other's processors. Sums of one thread differ in the last bits from those of two, so a run that is
    /// compared needs it too.</summary>
    public static Task<bool> UseOneThreadAsync(ReasonDistillTrainer trainer) => trainer.ComputeAsync(() =>
    {
        set_num_threads(1);
        return true;
    });
}
