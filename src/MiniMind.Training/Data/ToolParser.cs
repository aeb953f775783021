using System.Text.Json;

namespace MiniMind.Training;

/// <summary>Reads the tools that a row offers, and those that a turn calls.</summary>
internal static class ToolParser
{
    /// <summary>The usual name of the column of tools.</summary>
    public const string Key = "tools";

    private const string ExpectedCall = "expected an object with \"name\" and \"arguments\", which are a JSON object";

    /// <summary>Reads the value of <c>tool_calls</c> (a list of calls) or of <c>function_call</c> (one), which may be null.</summary>
    /// <returns>The calls, or what is wrong with them.</returns>
    public static (IReadOnlyList<ChatToolCall> Calls, string? Fault) ReadCalls(ref Utf8JsonReader reader, string key)
    {
        reader.Read();
        using var document = JsonDocument.ParseValue(ref reader);
        var value = document.RootElement;
        if (value.ValueKind == JsonValueKind.Null)
            return ([], null);
        var calls = new List<ChatToolCall>();
        foreach (var element in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToList() : [value])
        {
            if (Call(element) is not { } call)
                return ([], FormattableString.Invariant($"has a call {calls.Count + 1} under \"{key}\" that cannot be read; {ExpectedCall}"));
            calls.Add(call);
        }

        return (calls, null);
    }

    /// <summary>Reads a call that is the text of a turn, as the role <c>function_call</c> has it.</summary>
    public static (IReadOnlyList<ChatToolCall> Calls, string? Fault) ParseCalls(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (Call(document.RootElement) is { } call)
                return ([call], null);
        }
        catch (JsonException)
        {
            // The message below says what is expected.
        }

        return ([], $"calls a function in a text that cannot be read; {ExpectedCall}");
    }

    /// <summary>Reads the tools of a row: a list of objects, the JSON text of one, or null.</summary>
    /// <returns>The tools, or what is wrong with them.</returns>
    public static (IReadOnlyList<string> Tools, string? Fault) ReadTools(ref Utf8JsonReader reader, string key)
    {
        reader.Read();
        using var document = JsonDocument.ParseValue(ref reader);
        return Tools(document.RootElement, key);
    }

    private static (IReadOnlyList<string> Tools, string? Fault) Tools(JsonElement value, string key)
    {
        if (value.ValueKind == JsonValueKind.Null || (value.ValueKind == JsonValueKind.String && string.IsNullOrWhiteSpace(value.GetString())))
            return ([], null);
        if (value.ValueKind == JsonValueKind.String)
            return Text(value.GetString()!, key);
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(tool => tool.ValueKind != JsonValueKind.Object))
            return ([], $"\"{key}\" is no list of objects; expected the tools that are offered (Columns.Tools = \"\" leaves the column out)");
        return ([.. value.EnumerateArray().Select(tool => tool.GetRawText())], null);
    }

    private static (IReadOnlyList<string> Tools, string? Fault) Text(string text, string key)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Array)
                return Tools(document.RootElement, key);
        }
        catch (JsonException)
        {
            // The message below says what is expected.
        }

        return ([], $"\"{key}\" is a text that is no JSON list; expected the tools that are offered (Columns.Tools = \"\" leaves the column out)");
    }

    private static ChatToolCall? Call(JsonElement call)
    {
        if (call.ValueKind != JsonValueKind.Object)
            return null;
        if (call.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object)
            call = function;
        return call.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String && call.TryGetProperty("arguments", out var arguments) && Arguments(arguments) is { } json
            ? new ChatToolCall(name.GetString()!, json)
            : null;
    }

    /// <summary>Arguments are an object, or its JSON text as OpenAI's interface gives it, which is empty where there are none.</summary>
    private static string? Arguments(JsonElement arguments)
    {
        if (arguments.ValueKind == JsonValueKind.Object)
            return arguments.GetRawText();
        if (arguments.ValueKind != JsonValueKind.String)
            return null;
        var text = arguments.GetString()!;
        if (string.IsNullOrWhiteSpace(text))
            return "{}";
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object ? text.Trim() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
