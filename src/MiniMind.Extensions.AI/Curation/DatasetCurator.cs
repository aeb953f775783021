using System.Collections;
using System.Diagnostics;
using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>Leaves out of training data what a student should not learn from, and says what and why.</summary>
/// <remarks>
/// <para>Lines that are kept are written as they were, byte for byte, in their order. The result does not depend on how many processors there are.</para>
/// <para>Files may be larger than memory: they are read twice, and of each line only hashes are kept, about 40 bytes without and 40 + 32 × bands bytes with
/// near duplicates (21 bands at the defaults).</para>
/// </remarks>
public sealed class DatasetCurator
{
    private const int LinesAtATime = 4096;
    private const int LongestLine = 1 << 26;

    private readonly CurationOptions _options;
    private readonly MiniMindTokenizer? _tokenizer;

    /// <summary>Creates a curator.</summary>
    /// <param name="options">The filters.</param>
    /// <param name="tokenizer">The student's tokenizer, for lengths; without one, <see cref="CurationOptions.PerProblem"/> counts characters.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings are wrong; all are named.</exception>
    /// <exception cref="ArgumentException">A length in tokens is asked for, and there is no tokenizer.</exception>
    public DatasetCurator(CurationOptions options, MiniMindTokenizer? tokenizer = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.Length is not null && tokenizer is null)
            throw new ArgumentException($"{nameof(CurationOptions.Length)} counts the student's tokens; expected its tokenizer", nameof(tokenizer));
        (_options, _tokenizer) = (options with { }, tokenizer);
    }

    /// <summary>Curates one file, or several as if they were one.</summary>
    /// <param name="inputs">Files of conversations, as <see cref="SftDataset"/> reads them; nobody may change them meanwhile.</param>
    /// <param name="output">The file to write; it is replaced as a whole when all is done.</param>
    /// <param name="progress">Told how far it is; none by default.</param>
    /// <param name="cancellationToken">Ends the work; nothing is written then.</param>
    /// <returns>What each filter took.</returns>
    /// <exception cref="DatasetException">A file cannot be read, or a line is no conversation and <see cref="CurationOptions.InvalidLines"/> does not skip it.</exception>
    /// <exception cref="IOException">The output cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public Task<CurationReport> RunAsync(
        IReadOnlyList<string> inputs, string output, IProgress<CurationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentException.ThrowIfNullOrEmpty(output);
        return Task.Run(() => Run(inputs, output, progress, cancellationToken), cancellationToken);
    }

    private CurationReport Run(IReadOnlyList<string> inputs, string output, IProgress<CurationProgress>? progress, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var pass = new CurationPass(_options);
        using var files = new CurationFiles(inputs, LongestLine);
        var filters = new LineFilters(_options, _tokenizer);
        var choice = new LineChoice(_options, files);
        foreach (var batch in files.ReadLines().Chunk(LinesAtATime))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var lines = new CurationLine?[batch.Length];
            var faults = new DatasetException?[batch.Length];
            Parallel.For(0, batch.Length, i =>
            {
                try
                {
                    lines[i] = files.Parse(batch[i]);
                    filters.Look(lines[i]!);
                }
                catch (DatasetException e)
                {
                    faults[i] = e;
                }
            });
            for (var i = 0; i < batch.Length; i++)
                if (lines[i] is { } line)
                    choice.Choose(line, batch[i].File, pass);
                else if (_options.InvalidLines == InvalidExamplePolicy.Skip)
                    pass.Add(LineFilters.Invalid, faults[i]!.Message);
                else
                    throw faults[i]!;
            progress?.Report(new CurationProgress { Lines = pass.Seen, Taken = pass.Taken });
        }

        choice.ChooseAmongKept(pass);
        var kept = pass.Kept;
        Write(files, output, kept, cancellationToken);
        return pass.Report(kept.Cast<bool>().LongCount(k => k), watch.Elapsed);
    }

    private static void Write(CurationFiles files, string output, BitArray kept, CancellationToken cancellationToken) => AtomicFile.Write(output, stream =>
    {
        var index = 0;
        foreach (var line in files.ReadLines())
        {
            if (index % LinesAtATime == 0)
                cancellationToken.ThrowIfCancellationRequested();
            if (!kept[index++])
                continue;
            stream.Write(line.Bytes);
            stream.WriteByte((byte)'\n');
        }
    });
}
