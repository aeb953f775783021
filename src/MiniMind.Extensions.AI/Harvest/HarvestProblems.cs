using System.Runtime.CompilerServices;
using System.Text.Json;
using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>Reads problems from JSONL.</summary>
public static class HarvestProblems
{
    private const int LongestLine = 1 << 24;

    private static readonly string[] Questions = ["question", "problem", "prompt", "instruction"];
    private static readonly string[] Answers = ["answer", "solution", "expected_answer", "final_answer"];

    /// <summary>Reads a file of one JSON object in each line: a question under <c>question</c>, <c>problem</c>, <c>prompt</c> or <c>instruction</c>, or turns
    /// under <c>messages</c> or <c>conversations</c>, whose last assistant turn, if it ends them, is the expected answer; an expected answer under
    /// <c>answer</c>, <c>solution</c>, <c>expected_answer</c> or <c>final_answer</c> (GSM8K's, with its solution before <c>####</c>, as published);
    /// <c>id</c> and <c>category</c> if they are there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The problems in the order of the file; without an <c>id</c>, one is called by its line's number.</returns>
    /// <exception cref="DatasetException">The file cannot be read, or a line is wrong or can be read in two ways; file and line are named.</exception>
    public static async IAsyncEnumerable<HarvestProblem> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var stream = Open(path);
        await using (stream.ConfigureAwait(false))
        {
            var scanner = new LineScanner(LongestLine);
            while (!scanner.Ended)
                if (!scanner.TryTake(out var line))
                    await scanner.FillAsync(stream, cancellationToken).ConfigureAwait(false);
                else if (!line.Blank)
                    yield return Parse(line, path);
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            return RegularFile.OpenStream(path, problem => new DatasetException($"{problem} of problems", path), new FileStreamOptions { BufferSize = 0 });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"the file cannot be opened ({e.Message.TrimEnd('.')}); expected a JSONL file of problems", path, null, e);
        }
    }

    private static HarvestProblem Parse(in TextLine line, string path)
    {
        if (line.TooLong)
            throw new DatasetException($"the line has {line.Length} bytes; expected at most {LongestLine}", path, line.Number);
        try
        {
            using var document = JsonDocument.Parse(line.Bytes);
            return Read(document.RootElement, line.Number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        catch (FormatException e)
        {
            throw new DatasetException(e.Message, path, line.Number, e);
        }
        catch (Exception e) when (JsonFault.Is(e))
        {
            throw new DatasetException($"bad JSON: {e.Message.TrimEnd('.')}; expected one JSON object", path, line.Number, e);
        }
    }

    /// <exception cref="FormatException">What is wrong with it, and what was expected.</exception>
    private static HarvestProblem Read(JsonElement root, string number)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new FormatException($"the line is {root.Shown()}; expected an object");
        var (question, answer) = (Text(root, Questions), Text(root, Answers));
        List<ChatTurn> turns = [.. ((string[])["messages", "conversations"]).SelectMany(key => Turns(root, key))];
        if (question is not null == turns.Count > 0)
            throw new FormatException(question is null
                ? $"it has neither a question ({string.Join(", ", Questions)}) nor turns (messages, conversations); expected one of them"
                : "it has a question and turns; expected one of them");
        if (question is not null)
            turns.Add(new ChatTurn("user", question));
        else if (turns[^1] is { Role: "assistant" } last)
        {
            answer ??= ReasoningReply.Parse(last.Content).Answer;
            turns.RemoveAt(turns.Count - 1);
        }

        if (turns is not [.., { Role: "user" }])
            throw new FormatException("its turns do not end with a user's and an assistant's; expected a question");
        return new HarvestProblem(turns) { Answer = answer, Id = Text(root, ["id"]) ?? number, Category = Text(root, ["category"]) };
    }

    private static string? Text(JsonElement root, string[] keys)
    {
        var found = keys.Where(key => root.TryGetProperty(key, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number).ToList();
        if (found.Count > 1)
            throw new FormatException($"it has {string.Join(" and ", found)}; expected one of them");
        return found.Count == 0 ? null : root.GetProperty(found[0]) is { ValueKind: JsonValueKind.String } text ? text.GetString() : root.GetProperty(found[0]).GetRawText();
    }

    private static IEnumerable<ChatTurn> Turns(JsonElement root, string key)
    {
        if (!root.TryGetProperty(key, out var turns))
            yield break;
        if (turns.ValueKind != JsonValueKind.Array)
            throw new FormatException($"{key} is {turns.Shown()}; expected an array of turns");
        foreach (var turn in turns.EnumerateArray())
            yield return turn.ValueKind == JsonValueKind.Object
                && turn.TryGetProperty("role", out var role) && role.ValueKind == JsonValueKind.String
                && turn.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String
                ? new ChatTurn(role.GetString()!, content.GetString()!)
                : throw new FormatException($"{key} holds {turn.Shown()}; expected objects with role and content");
    }
}
