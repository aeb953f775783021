using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace MiniMind.Training;

/// <summary>Reads one turn of a row's list of turns: <c>role</c> and <c>content</c>, or <c>from</c> and <c>value</c> as ShareGPT has them.</summary>
internal static class TurnParser
{
    /// <summary>The role of turns whose text is a call, in ShareGPT's layout with tools; in OpenAI's older one, the key of a call.</summary>
    private const string FunctionCall = "function_call";

    /// <summary>Reads the turn at which the reader stands, and adds it to the turns, if there are any to add to.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? Read(ref Utf8JsonReader reader, string? positionRole, EmptyReplyPolicy emptyReplies, List<ChatTurn>? turns, out string? role)
    {
        role = positionRole;
        string? text = null, reasoning = null;
        string? roleKey = null, contentKey = null, reasoningKey = null;
        string? toolKey = null;
        IReadOnlyList<ChatToolCall> calls = [];
        bool isEmpty = false, isNull = false, isWithoutReasoning = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string? fault = null;
            if (positionRole is null && Is(ref reader, out var key, "role", "from"))
                fault = Once(ref roleKey, key) ?? ReadRole(ref reader, key, out role);
            else if (Is(ref reader, out key, "content", "value"))
                fault = Once(ref contentKey, key) ?? TurnText.Read(ref reader, key, turns is not null || role is FunctionCall or null, out text, out isEmpty, out isNull);
            else if (Is(ref reader, out key, "reasoning_content", "reasoning", "thinking"))
                fault = Once(ref reasoningKey, key) ?? TurnText.Read(ref reader, key, turns is not null, out reasoning, out isWithoutReasoning, out _);
            else if (Is(ref reader, out key, "tool_calls", FunctionCall))
                fault = Once(ref toolKey, key) ?? ReadCalls(ref reader, key, ref calls);
            else
                reader.Skip();
            if (fault is not null)
                return fault;
        }

        if (role is null)
            return $"has no \"role\"; {RoleOrder.Expected}";
        if (calls.Count > 0 && (positionRole is not null || role != RoleOrder.Assistant))
            return $"calls tools (\"{toolKey}\"); expected that of an assistant's turn, with roles that are declared (RolePolicy.Declared)";
        if (contentKey is null && calls.Count == 0)
            return "has no \"content\"; expected a string";
        if (isNull && calls.Count == 0)
            return $"has a \"{contentKey}\" that is null; expected a string";
        if (role == FunctionCall)
        {
            (calls, var fault) = ToolParser.ParseCalls(text ?? string.Empty);
            if (fault is not null)
                return fault;
            (role, text, isEmpty) = (RoleOrder.Assistant, string.Empty, true);
        }

        if (role == RoleOrder.Assistant && isEmpty && isWithoutReasoning && calls.Count == 0 && emptyReplies == EmptyReplyPolicy.Refuse)
            return EmptyReply.Problem;
        turns?.Add(Turn(role, text ?? string.Empty, reasoning) with { ToolCalls = calls });
        return null;
    }

    /// <summary>Reads a turn that is a text only.</summary>
    public static string? ReadText(ref Utf8JsonReader reader, string role, EmptyReplyPolicy emptyReplies, List<ChatTurn>? turns)
    {
        var text = reader.GetString()!;
        if (role == RoleOrder.Assistant && emptyReplies == EmptyReplyPolicy.Refuse && EmptyReply.Is(text))
            return EmptyReply.Problem;
        turns?.Add(Turn(role, text, null));
        return null;
    }

    /// <summary>OpenThoughts marks reasoning with words of its own.</summary>
    private static ChatTurn Turn(string role, string content, string? reasoning)
    {
        if (role != RoleOrder.Assistant || reasoning is not null || content.IndexOf(ThoughtMarks.Begin, StringComparison.Ordinal) is not (>= 0 and var begin))
            return new ChatTurn(role, content) { ReasoningContent = reasoning };
        var end = content.IndexOf(ThoughtMarks.End, StringComparison.Ordinal);
        if (end < begin)
            return new ChatTurn(role, content);
        var rest = content[..begin] + content[(end + ThoughtMarks.End.Length)..]
            .Replace(ThoughtMarks.BeginSolution, string.Empty, StringComparison.Ordinal).Replace(ThoughtMarks.EndSolution, string.Empty, StringComparison.Ordinal);
        return new ChatTurn(role, rest.Trim()) { ReasoningContent = content[(begin + ThoughtMarks.Begin.Length)..end].Trim() };
    }

    private static bool Is(ref Utf8JsonReader reader, out string key, params ReadOnlySpan<string> keys)
    {
        foreach (var name in keys)
            if (JsonName.Is(ref reader, name))
            {
                key = name;
                return true;
            }

        key = string.Empty;
        return false;
    }

    private static string? Once(ref string? seen, string key)
    {
        var before = seen;
        seen = key;
        return before is null ? null : before == key ? $"has \"{key}\" twice; expected it once" : $"has \"{before}\" and \"{key}\"; expected one of them";
    }

    private static string? ReadRole(ref Utf8JsonReader reader, string key, out string? role)
    {
        reader.Read();
        role = null;
        if (reader.TokenType != JsonTokenType.String)
            return $"has a \"{key}\" that is {JsonKind.Name(reader.TokenType)}; expected a string";
        role = reader.ValueTextEquals("user"u8) || reader.ValueTextEquals("human"u8) ? RoleOrder.User
            : reader.ValueTextEquals("assistant"u8) || reader.ValueTextEquals("gpt"u8) || reader.ValueTextEquals("model"u8) || reader.ValueTextEquals("bot"u8) ? RoleOrder.Assistant
            : reader.ValueTextEquals("system"u8) ? RoleOrder.System
            : reader.ValueTextEquals("tool"u8) || reader.ValueTextEquals("function"u8) || reader.ValueTextEquals("observation"u8) ? RoleOrder.Tool
            : reader.GetString();
        return null;
    }

    private static string? ReadCalls(ref Utf8JsonReader reader, string key, ref IReadOnlyList<ChatToolCall> calls)
    {
        (calls, var fault) = ToolParser.ReadCalls(ref reader, key);
        return fault;
    }

    /// <summary>A text, which is only made where it is wanted.</summary>
    private static class TurnText
    {
        /// <summary>A string, an array of strings and of text parts, or null.</summary>
        public static string? Read(ref Utf8JsonReader reader, string key, bool keep, out string? text, out bool isEmpty, out bool isNull)
        {
            reader.Read();
            isNull = reader.TokenType == JsonTokenType.Null;
            (text, isEmpty) = (null, true);
            if (isNull)
                return null;
            if (reader.TokenType == JsonTokenType.StartArray)
                return ReadParts(ref reader, key, out text, out isEmpty);
            if (reader.TokenType != JsonTokenType.String)
                return $"has a \"{key}\" that is {JsonKind.Name(reader.TokenType)}; expected a string";
            // An escape may be half a surrogate pair, and bytes may be no UTF-8, which only reading it tells.
            text = keep || reader.ValueIsEscaped || !Utf8.IsValid(reader.ValueSpan) ? reader.GetString() : null;
            isEmpty = reader.ValueIsEscaped ? EmptyReply.Is(text!) : EmptyReply.Is(reader.ValueSpan);
            return null;
        }

        private static string? ReadParts(ref Utf8JsonReader reader, string key, out string? text, out bool isEmpty)
        {
            var joined = new StringBuilder();
            (text, isEmpty) = (null, true);
            for (var part = 1; reader.Read() && reader.TokenType != JsonTokenType.EndArray; part++)
            {
                using var document = JsonDocument.ParseValue(ref reader);
                var value = document.RootElement;
                if (value.ValueKind == JsonValueKind.Object)
                {
                    var type = value.TryGetProperty("type", out var kind) ? kind : default;
                    if (!(type.ValueKind == JsonValueKind.String && type.ValueEquals("text")) || !value.TryGetProperty("text", out value))
                        return string.Create(CultureInfo.InvariantCulture, $"has a \"{key}\" whose part {part} is of the type {type.Shown()}; expected text");
                }

                if (value.ValueKind != JsonValueKind.String)
                    return string.Create(CultureInfo.InvariantCulture, $"has a \"{key}\" whose part {part} is {value.Shown()}; expected text");
                joined.Append(value.GetString());
            }

            text = joined.ToString();
            isEmpty = EmptyReply.Is(text);
            return null;
        }
    }
}
