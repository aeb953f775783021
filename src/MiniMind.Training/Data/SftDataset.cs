using System.Collections;
using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>Conversations as examples for supervised fine-tuning: ids, labels shifted once and only here, and the reference's loss mask.</summary>
/// <remarks>
/// <para>An example equals the reference's <c>SFTDataset</c> row (<c>X, Y, loss_mask</c>, each padded to <c>MaxLength − 1</c>) without the
/// trailing padding that is not learned: the loss is the same.</para>
/// <para>From files, only the place of each line, or element of a JSON array, is in memory (32 bytes for each); it is read, parsed and tokenized when its example is
/// asked for, by any number of threads. What is packed with gzip is unpacked once, to a temporary file that is gone with the dataset. From other sources the token ids are kept (5 bytes for each token).</para>
/// <para>When faults are found. Opening a file checks the JSON and the roles of every line. Whether anything is left to learn after
/// truncation, whether a conversation is too long, and whether its template can write its reasoning shows only in tokenizing: if something is to be
/// skipped (<see cref="InvalidExamplePolicy.Skip"/>, <see cref="TruncationPolicy.Skip"/>) opening tokenizes every line too (on all cores, and
/// <see cref="Measure"/> is then free), otherwise it is found by <see cref="Measure"/>, which a trainer calls before the first step, or else when the
/// example is read. A dataset without any example is a fault.</para>
/// <para>What somebody in a conversation wrote is text (<see cref="SftDatasetOptions.ContentAsPlainText"/>): an assistant's turn begins and ends where the
/// template writes so and nowhere else, so a user's text is never marked as supervised, whatever it spells.</para>
/// </remarks>
/// <example>
/// <!-- snippet: example-dataset -->
/// <code>
/// using var dataset = SftDataset.Open("reasoning.jsonl", tokenizer, new SftDatasetOptions { MaxLength = 512 });
/// DatasetMeasurement measurement = dataset.Measure();
/// Console.WriteLine($"{dataset.Count} examples, {measurement.SupervisedTokenCount} tokens to learn, {measurement.TruncatedCount} examples cut");
/// </code>
/// </example>
public sealed class SftDataset : IReadOnlyList<SftExample>, IDisposable
{
    private const int RowsPerReport = 1000;

    private readonly RowSource _rows;
    private readonly Lock _measuring = new();
    private DatasetMeasurement? _measurement;

    private SftDataset(RowSource rows, ConversationEncoder encoder, TokenCache.Skipped skipped, DatasetMeasurement? measurement)
    {
        _rows = rows;
        _measurement = measurement;
        MaxLength = encoder.MaxLength;
        Tokenizer = encoder.Tokenizer;
        PadTokenId = encoder.PadTokenId;
        SkippedCount = skipped.Count;
        Skipped = skipped.First;
    }

    /// <summary>The number of examples.</summary>
    public int Count => _rows.Count;

    /// <summary>The most tokens kept of a conversation; an example has at most one less.</summary>
    public int MaxLength { get; }

    /// <summary>The id that pads a batch.</summary>
    public int PadTokenId { get; }

    /// <summary>Hash of the tokenizer that made the examples, in hexadecimal digits; none if it is not known.</summary>
    internal string? TokenizerSha256 => Tokenizer is { } tokenizer ? Convert.ToHexStringLower(tokenizer.Fingerprint()) : null;

    /// <summary>The tokenizer that made the examples; none if it is not known.</summary>
    internal MiniMindTokenizer? Tokenizer { get; }

    /// <summary>The conversations left out, by <see cref="InvalidExamplePolicy.Skip"/> or <see cref="TruncationPolicy.Skip"/>.</summary>
    public long SkippedCount { get; }

    /// <summary>The first of them by line, at most <see cref="SftDatasetOptions.MaxSkippedReasons"/>.</summary>
    public IReadOnlyList<SkippedExample> Skipped { get; }

    /// <summary>The example at an index; from a file it is read and tokenized now. May be called by several threads.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    /// <exception cref="DatasetException">Nothing of the conversation can be learned, or the file, or the row in the cache of token ids, is not what it
    /// was.</exception>
    /// <exception cref="ObjectDisposedException">The dataset is disposed.</exception>
    public SftExample this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return _rows.Read(index).ToExample();
        }
    }

    /// <summary>Opens a JSONL file, a JSON array, one of them packed with gzip, or a folder of such files as one dataset (see <see cref="ConversationReader"/>). The
    /// files stay open until the dataset is disposed.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="tokenizer">Renders and tokenizes the conversations; must have a padding or an end token, unless <see cref="SftDatasetOptions.PadTokenId"/> names one.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the first pass over the file.</param>
    /// <exception cref="DatasetException">The file cannot be opened, a line is wrong, or no example is left.</exception>
    /// <exception cref="OptionsValidationException">The options hold values out of range.</exception>
    /// <exception cref="ArgumentException">The tokenizer has neither a padding nor an end token, and the options name none; or they name an id that it does not have.</exception>
    /// <exception cref="IOException">The cache of <see cref="SftDatasetOptions.CacheDirectory"/> cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static SftDataset Open(
        string path, MiniMindTokenizer tokenizer, SftDatasetOptions? options = null, CancellationToken cancellationToken = default) =>
        Open(path, tokenizer, options, progress: null, cancellationToken);

    /// <summary>Opens files as <see cref="Open(string, MiniMindTokenizer, SftDatasetOptions?, CancellationToken)"/> does, on a thread of the pool.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="tokenizer">Renders and tokenizes the conversations; must have a padding or an end token, unless <see cref="SftDatasetOptions.PadTokenId"/> names one.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="progress">Told the number of rows read so far, every thousand rows and at the end; none for no progress. From a cache no row is read.</param>
    /// <param name="cancellationToken">Stops the first pass over the file.</param>
    /// <returns>The dataset.</returns>
    /// <inheritdoc cref="Open(string, MiniMindTokenizer, SftDatasetOptions?, CancellationToken)" path="/exception"/>
    public static Task<SftDataset> OpenAsync(
        string path,
        MiniMindTokenizer tokenizer,
        SftDatasetOptions? options = null,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default) =>
        Task.Run(() => Open(path, tokenizer, options, progress, cancellationToken), cancellationToken);

    private static SftDataset Open(
        string path, MiniMindTokenizer tokenizer, SftDatasetOptions? options, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options = Checked(options);
        var encoder = EncoderFor(tokenizer, options);
        return options.CacheDirectory is { } directory
            ? FromCache(path, directory, tokenizer, encoder, options, progress, cancellationToken)
            : Open(path, encoder, options, progress, cancellationToken);
    }

    /// <summary>Tokenizes conversations from any source and keeps the ids in memory.</summary>
    /// <param name="conversations">The conversations; enumerated once. Their roles are checked as a file's are.</param>
    /// <param name="tokenizer">Renders and tokenizes them; must have a padding or an end token, unless <see cref="SftDatasetOptions.PadTokenId"/> names one.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="DatasetException">A conversation is wrong, or no example is left; the line is the conversation's number from 1.</exception>
    /// <exception cref="OptionsValidationException">The options hold values out of range.</exception>
    /// <exception cref="ArgumentException">The tokenizer has neither a padding nor an end token, and the options name none; or they name an id that it does not have.</exception>
    public static SftDataset FromConversations(
        IEnumerable<Conversation> conversations, MiniMindTokenizer tokenizer, SftDatasetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(conversations);
        options = Checked(options);
        return FromConversations(conversations, EncoderFor(tokenizer, options), options);
    }

    /// <summary>Tokenizes conversations as they arrive, from a teacher for instance, and keeps the ids in memory.</summary>
    /// <inheritdoc cref="FromConversations(IEnumerable{Conversation}, MiniMindTokenizer, SftDatasetOptions?)" path="/exception"/>
    /// <param name="conversations">The conversations; enumerated once. Their roles are checked as a file's are.</param>
    /// <param name="tokenizer">Renders and tokenizes them; must have a padding or an end token, unless <see cref="SftDatasetOptions.PadTokenId"/> names one.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the enumeration.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static Task<SftDataset> FromConversationsAsync(
        IAsyncEnumerable<Conversation> conversations,
        MiniMindTokenizer tokenizer,
        SftDatasetOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversations);
        options = Checked(options);
        return FromConversationsAsync(conversations, EncoderFor(tokenizer, options), options, cancellationToken);
    }

    /// <summary>Tokenizes every example once, on all cores, and tells lengths and token counts. The result is kept, 20 bytes for each example: a second
    /// call is free.</summary>
    /// <param name="cancellationToken">Stops the measuring.</param>
    /// <exception cref="DatasetException">Nothing of some conversation can be learned (the first such is named), or the file changed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public DatasetMeasurement Measure(CancellationToken cancellationToken = default)
    {
        lock (_measuring)
            return _measurement ??= RowMeter.Measure(_rows, cancellationToken);
    }

    /// <summary>T of every example, in order, as length bucketing needs it; the same as <c>Measure().Lengths</c>.</summary>
    /// <inheritdoc cref="Measure"/>
    public IReadOnlyList<int> MeasureLengths(CancellationToken cancellationToken = default) => Measure(cancellationToken).Lengths;

    /// <summary>The examples in order, each read when it is reached.</summary>
    public IEnumerator<SftExample> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    /// <summary>Where the conversation of an example stands.</summary>
    internal RowPlace PlaceOf(int index) => _rows.PlaceOf(index);

    /// <summary>Closes the file; its examples cannot be read any more.</summary>
    public void Dispose() => _rows.Dispose();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static SftDataset Open(
        string path, ConversationEncoder encoder, SftDatasetOptions options, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        return FromFiles(path, ShardFolder.FilesOf(path), encoder, options, progress, cancellationToken);
    }

    private static SftDataset FromFiles(
        string path, IReadOnlyList<string> paths, ConversationEncoder encoder, SftDatasetOptions options, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var log = new SkipLog(options);
        var parser = new ConversationParser(options.Reading.Copy());
        var rows = 0L;
        var files = RowFiles.Index(
            paths,
            options.MaxLineBytes,
            options.CacheDirectory,
            (row, place) =>
            {
                if (++rows % RowsPerReport == 0)
                    progress?.Report(rows);
                return log.Accepts(() => parser.Validate(row, place));
            },
            cancellationToken);
        progress?.Report(rows);
        try
        {
            return Create(new RowSource.Files(files, parser, encoder), encoder, log, path, cancellationToken);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    private static SftDataset FromCache(
        string path, string directory, MiniMindTokenizer tokenizer, ConversationEncoder encoder, SftDatasetOptions options, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var paths = ShardFolder.FilesOf(path);
        var cachePath = TokenCache.PathFor(directory, paths, tokenizer.Fingerprint(), options);
        if (TokenCache.TryOpen(cachePath, paths, encoder) is not { } cache)
        {
            using (var dataset = FromFiles(path, paths, encoder, options, progress, cancellationToken))
            {
                WriteFault.Wrap(cachePath, () => Directory.CreateDirectory(Path.GetDirectoryName(cachePath)!));
                TokenCache.Write(cachePath, paths, dataset._rows, new TokenCache.Skipped(dataset.SkippedCount, dataset.Skipped), cancellationToken);
            }

            cache = TokenCache.TryOpen(cachePath, paths, encoder) ?? throw new DatasetException("the cache of token ids was changed while it was written", cachePath);
        }

        return new SftDataset(cache.Rows, encoder, cache.Skipped, measurement: null);
    }

    internal static SftDataset FromConversations(
        IEnumerable<Conversation> conversations, ConversationEncoder encoder, SftDatasetOptions options)
    {
        var rows = new RowCollector(encoder, options);
        foreach (var conversation in conversations)
            rows.Add(conversation);
        return Create(rows.ToSource(), encoder, rows.Log, null, CancellationToken.None);
    }

    internal static async Task<SftDataset> FromConversationsAsync(
        IAsyncEnumerable<Conversation> conversations, ConversationEncoder encoder, SftDatasetOptions options, CancellationToken cancellationToken)
    {
        var rows = new RowCollector(encoder, options);
        await foreach (var conversation in conversations.WithCancellation(cancellationToken).ConfigureAwait(false))
            rows.Add(conversation);
        return Create(rows.ToSource(), encoder, rows.Log, null, cancellationToken);
    }

    private static SftDataset Create(RowSource rows, ConversationEncoder encoder, SkipLog log, string? path, CancellationToken cancellationToken)
    {
        DatasetMeasurement? measurement = null;
        if (log.MaySkip)
        {
            (measurement, var good) = RowMeter.MeasureGood(rows, log, cancellationToken);
            if (good.Length < rows.Count)
                rows = rows.Only(good);
        }
        log.ThrowIfEmpty(rows.Count, path);
        return new SftDataset(rows, encoder, new TokenCache.Skipped(log.Count, [.. log.First]), measurement);
    }

    private static SftDatasetOptions Checked(SftDatasetOptions? options)
    {
        options ??= new SftDatasetOptions();
        options.Validate();
        return options;
    }

    private static ConversationEncoder EncoderFor(MiniMindTokenizer tokenizer, SftDatasetOptions options)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return ConversationEncoder.For(tokenizer, options);
    }
}
