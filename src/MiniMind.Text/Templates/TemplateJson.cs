using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MiniMind;

/// <summary>JSON as chat templates write it: the form of Python's <c>json.dumps</c> with <c>ensure_ascii=False</c>.</summary>
internal static class TemplateJson
{
    private const int IndentWidth = 4;

    /// <summary>An object on one line, or with every member on a line of its own, four spaces deep.</summary>
    /// <exception cref="ChatTemplateException">The text is not a JSON object.</exception>
    public static string Object(string json, string what, bool indented = false)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                var text = new StringBuilder();
                Write(text, document.RootElement, indented ? 0 : null);
                return text.ToString();
            }

            throw new ChatTemplateException($"{what} is {document.RootElement.Shown()}; expected a JSON object");
        }
        catch (Exception e) when (JsonFault.Is(e))
        {
            throw new ChatTemplateException($"{what} is {MessageText.Quoted(json)}, which is not valid JSON; expected a JSON object");
        }
    }

    /// <summary>A text in quotation marks.</summary>
    public static string Text(string text)
    {
        var quoted = new StringBuilder();
        Quote(quoted, text);
        return quoted.ToString();
    }

    private static void Write(StringBuilder text, JsonElement value, int? depth)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                List(text, '{', '}', value.EnumerateObject(), depth, (member, inner) =>
                {
                    Quote(text, member.Name);
                    text.Append(": ");
                    Write(text, member.Value, inner);
                });
                break;
            case JsonValueKind.Array:
                List(text, '[', ']', value.EnumerateArray(), depth, (element, inner) => Write(text, element, inner));
                break;
            case JsonValueKind.String:
                Quote(text, value.GetString()!);
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void List<T>(StringBuilder text, char open, char close, IEnumerable<T> values, int? depth, Action<T, int?> write)
    {
        var count = 0;
        text.Append(open);
        foreach (var value in values)
        {
            if (count++ > 0)
                text.Append(depth is null ? ", " : ",");
            Break(text, depth + 1);
            write(value, depth + 1);
        }

        if (count > 0)
            Break(text, depth);
        text.Append(close);
    }

    private static void Break(StringBuilder text, int? depth)
    {
        if (depth is { } deep)
            text.Append('\n').Append(' ', IndentWidth * deep);
    }

    private static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        text.Append('"');
    }
}
