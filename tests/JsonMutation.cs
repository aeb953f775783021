using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniMind.Tests;

/// <summary>Changes JSON as JSON: values of other kinds and at the ends of ranges, entries lost, repeated, renamed, moved and nested deeply, and now and
/// then a text that is no JSON any more.</summary>
internal static class JsonMutation
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "2", "0.5", "-0.0", "1e308", "1e-400", "1e999", "2147483647", "2147483648", "-2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808", "1e10", "12345678901234567890123", "\"\"", "\"a\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\u0000\"",
        "\"../../x\"", "\"/etc/hostname\"", "\"NaN\"", "\"1\"", "[]", "{}", "[[]]", "[null]", "{\"a\":1}", "[1,2]", "[-1,-1]", "\"<|im_end|>\"", "\"llama\"",
        "\"yarn\"", "\"F64\"", "\"\\n\\r\\t\"", "\"İıſK\"", "\"\\uD83D\\uDE00\"", new string('[', 30) + new string(']', 30), new string('[', 200) + new string(']', 200),
    ];

    public static byte[] Of(ReadOnlySpan<byte> json, Random random)
    {
        var root = JsonNode.Parse(json)!;
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var nodes = new List<JsonNode>();
            Collect(root, nodes);
            if (nodes.Count > 0)
                Edit(nodes[random.Next(nodes.Count)], nodes[random.Next(nodes.Count)], random);
        }

        var text = Finish(root.ToJsonString());
        var bytes = Encoding.UTF8.GetBytes(random.Next(12) == 0 ? Break(text, random) : text);
        if (random.Next(20) == 0 && bytes.Length > 0)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    private static void Edit(JsonNode node, JsonNode other, Random random)
    {
        switch (random.Next(8))
        {
            case 0 or 1 or 2:
                Replace(node, Mark(random.Next(Values.Length)));
                break;
            case 3:
                if (node.Parent is JsonObject losing)
                    losing.Remove(node.GetPropertyName());
                else
                    node.Parent!.AsArray().RemoveAt(node.GetElementIndex());
                break;
            case 4:
                // Names that differ here and become the same in the text.
                if (node.Parent is JsonObject doubled)
                    doubled[$"@twice@{node.GetPropertyName()}"] = other.DeepClone();
                else
                    node.Parent!.AsArray().Add(node.DeepClone());
                break;
            case 5:
                Replace(node, other.DeepClone());
                break;
            case 6:
                if (node.Parent is JsonObject renamed)
                {
                    var (name, value) = (node.GetPropertyName(), node.DeepClone());
                    renamed.Remove(name);
                    renamed[name + "x"] = value;
                }

                break;
            default:
                Replace(node, Similar(node, random));
                break;
        }
    }

    private static JsonValue Similar(JsonNode node, Random random)
    {
        if (node is JsonValue number && number.GetValueKind() == JsonValueKind.Number && number.TryGetValue<long>(out var value))
            return JsonValue.Create(unchecked(value + ((random.Next(2) == 0 ? 1 : -1) * (1L << random.Next(40)))));
        if (node is JsonValue text && text.GetValueKind() == JsonValueKind.String)
        {
            var content = text.GetValue<string>();
            return JsonValue.Create(random.Next(6) switch
            {
                0 => content + content,
                1 => content.Length > 0 ? content[1..] : "x",
                2 => " " + content,
                3 => content + "\0",
                4 => new string('é', random.Next(300)),
                _ => string.Concat(content.Reverse().Where(c => !char.IsSurrogate(c))),
            });
        }

        return Mark(random.Next(Values.Length));
    }

    private static JsonValue Mark(int value) => JsonValue.Create($"@value{value}@");

    private static void Replace(JsonNode node, JsonNode by)
    {
        if (node.Parent is JsonObject parent)
            parent[node.GetPropertyName()] = by;
        else
            node.Parent!.AsArray()[node.GetElementIndex()] = by;
    }

    private static string Finish(string text)
    {
        for (var i = 0; text.Contains("\"@value", StringComparison.Ordinal) && i < Values.Length; i++)
            text = text.Replace($"\"@value{i}@\"", Values[i], StringComparison.Ordinal);
        return text.Replace("\"@twice@", "\"", StringComparison.Ordinal);
    }

    private static string Break(string text, Random random)
    {
        var at = random.Next(text.Length + 1);
        return random.Next(3) switch { 0 => text[..at], 1 => text.Insert(at, Values[random.Next(Values.Length)]), _ => text.Insert(at, ",") };
    }

    private static void Collect(JsonNode? node, List<JsonNode> nodes)
    {
        if (node is null)
            return;
        if (node.Parent is not null)
            nodes.Add(node);
        IEnumerable<JsonNode?> children = node switch { JsonObject o => o.Take(400).Select(e => e.Value), JsonArray a => a.Take(400), _ => [] };
        foreach (var child in children.ToList())
            Collect(child, nodes);
    }
}
