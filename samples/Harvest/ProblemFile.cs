using MiniMind.Extensions.AI;

namespace MiniMind.Samples.Harvest;

/// <summary>A file of problems that was read once, so that a wrong line is found before anything is paid for.</summary>
internal sealed record ProblemFile(string FilePath, int Count, int Answered)
{
    /// <exception cref="ArgumentException">There is no problem in it, or the limit allows none.</exception>
    public static async Task<ProblemFile> ReadAsync(string path, int? limit, CancellationToken cancellationToken)
    {
        if (limit < 1)
            throw new ArgumentException($"--limit is {limit}; expected 1 or more");
        var (count, answered) = (0, 0);
        await foreach (var problem in HarvestProblems.ReadAsync(path, cancellationToken))
            if (count < (limit ?? int.MaxValue))
            {
                count++;
                answered += problem.Answer is null ? 0 : 1;
            }

        return count > 0 ? new ProblemFile(path, count, answered) : throw new ArgumentException($"{path} has no problem to ask; expected one in each line");
    }

    public IAsyncEnumerable<HarvestProblem> First(int count, CancellationToken cancellationToken) =>
        HarvestProblems.ReadAsync(FilePath, cancellationToken).Take(Math.Min(count, Count));

    public IAsyncEnumerable<HarvestProblem> All(CancellationToken cancellationToken) => First(Count, cancellationToken);
}
