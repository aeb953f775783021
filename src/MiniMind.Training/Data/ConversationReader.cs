using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>Reads conversations from JSONL, one JSON object in each line, or from one JSON array of objects, strictly, one by one.</summary>
/// <remarks>
/// <para>A file or stream is JSONL or one JSON array, as it is or packed with gzip, whatever its name: its first bytes tell. A folder is the files in it, in the order of
/// their names and the numbers in them, without hidden files, READMEs and dataset_infos.json; parts of several sets, several splits, or a set of numbered parts of which one
/// is missing, are refused.</para>
/// <para>The text is UTF-8; a byte order mark may open it. A line ends with \n or \r\n only: a lone \r and U+2028 are content. Blank lines
/// are skipped.</para>
/// <para>An object has its turns under <c>conversations</c> or <c>messages</c>, each with <c>role</c> and <c>content</c>, or with <c>from</c> and <c>value</c> (human, gpt), and an
/// assistant's reasoning in its content or under <c>reasoning_content</c>, <c>reasoning</c> or <c>thinking</c>; a content may be an array of text parts; <c>system</c> beside the turns is the first of
/// them. Calls stand under <c>tool_calls</c> or <c>function_call</c>, or are the text of a turn whose role is function_call; roles of what tools answer are tool, function and observation; <c>tools</c> beside
/// the turns are the tools offered. Or it has question and answer, and reasoning if there is some, in columns (<see cref="DatasetColumns"/>). Other keys are ignored, whatever they hold.</para>
/// <para>A <see cref="DatasetException"/> with the file and the line is thrown for bad JSON, invalid UTF-8, half surrogate pairs, a missing or
/// repeated <c>conversations</c>, <c>role</c> or <c>content</c>, values of the wrong type, conversations without turns, unknown roles, roles
/// that do not alternate (see <see cref="RolePolicy"/>), replies that say nothing (see <see cref="EmptyReplyPolicy"/>), a row that can be read in two ways, a last turn that is not the assistant's, and a line over
/// <see cref="ConversationReaderOptions.MaxLineBytes"/>; without a line, for a file that cannot be opened, is of another kind (Parquet, Arrow, other archives, UTF-16, a git-lfs pointer), or is damaged. An
/// element of an array takes the line's place in messages.</para>
/// <para>The reader has no state: it may be used by several threads.</para>
/// </remarks>
public sealed class ConversationReader
{
    private readonly ConversationParser _parser;
    private readonly int _maxRowBytes;

    /// <summary>Creates a reader.</summary>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <exception cref="OptionsValidationException">The options hold values out of range.</exception>
    public ConversationReader(ConversationReaderOptions? options = null)
    {
        options ??= new ConversationReaderOptions();
        options.Validate();
        _maxRowBytes = options.MaxLineBytes;
        _parser = new ConversationParser(options.Copy());
    }

    /// <summary>Reads a file, or the files of a folder, while it is enumerated.</summary>
    /// <exception cref="DatasetException">While enumerating: the file cannot be opened, or a line is wrong.</exception>
    public IEnumerable<Conversation> Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ReadFile(path);
    }

    /// <summary>Reads a stream while it is enumerated; the stream stays open.</summary>
    /// <param name="stream">JSONL or a JSON array in UTF-8, packed with gzip or not, read from where it stands.</param>
    /// <param name="name">What exceptions and <see cref="Conversation.File"/> call the stream.</param>
    /// <exception cref="DatasetException">While enumerating: a line is wrong.</exception>
    public IEnumerable<Conversation> Read(Stream stream, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ReadStream(stream, name);
    }

    /// <summary>Reads a file, or the files of a folder, while it is enumerated.</summary>
    /// <exception cref="DatasetException">While enumerating: the file cannot be opened, or a line is wrong.</exception>
    /// <exception cref="OperationCanceledException">While enumerating: <paramref name="cancellationToken"/> was cancelled.</exception>
    public IAsyncEnumerable<Conversation> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ReadFileAsync(path, cancellationToken);
    }

    /// <summary>Reads one line of JSON.</summary>
    /// <param name="json">The line, without its end.</param>
    /// <param name="file">What exceptions and <see cref="Conversation.File"/> name as the file.</param>
    /// <param name="line">The line's number there, counted from 1.</param>
    /// <exception cref="DatasetException">The line is wrong.</exception>
    public Conversation Parse(string json, string? file = null, long line = 1)
    {
        ArgumentNullException.ThrowIfNull(json);
        var bytes = Encoding.UTF8.GetBytes(json);
        return Convert(new TextLine(line, 0, bytes.Length, bytes.Length > _maxRowBytes ? default : bytes), new RowPlace(file, line));
    }

    private IEnumerable<Conversation> ReadFile(string path)
    {
        foreach (var file in ShardFolder.FilesOf(path))
        {
            using var stream = DataFile.Open(file, FileOptions.SequentialScan);
            foreach (var conversation in ReadStream(stream, file))
                yield return conversation;
        }
    }

    private IEnumerable<Conversation> ReadStream(Stream stream, string? name)
    {
        var rows = RowStream.Open(stream, name, _maxRowBytes);
        while (rows.TryNext(out var row))
            yield return Convert(row, rows.PlaceOf(row));
    }

    private async IAsyncEnumerable<Conversation> ReadFileAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var file in ShardFolder.FilesOf(path))
        {
            var stream = DataFile.Open(file, FileOptions.SequentialScan | FileOptions.Asynchronous);
            await using (stream.ConfigureAwait(false))
            {
                var rows = await RowStream.OpenAsync(stream, file, _maxRowBytes, cancellationToken).ConfigureAwait(false);
                while (await rows.NextAsync(cancellationToken).ConfigureAwait(false) is { } row)
                    yield return Convert(row, rows.PlaceOf(row));
            }
        }
    }

    private Conversation Convert(in TextLine row, RowPlace place)
    {
        _parser.RejectTooLong(row, place);
        return _parser.Parse(row.Bytes.Span, place);
    }
}
