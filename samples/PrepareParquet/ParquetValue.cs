using System.Collections;
using System.Globalization;
using System.Text.Json;

namespace MiniMind.Samples.PrepareParquet;

/// <summary>A value of a Parquet column as JSON.</summary>
internal static class ParquetValue
{
    /// <summary>Writes a text, number, date, list or structure.</summary>
    /// <exception cref="InvalidDataException">It is bytes, a number without a value, or of a type that JSON has no form for; the message names the column.</exception>
    public static void Write(Utf8JsonWriter json, string column, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(text); break;
            case ReadOnlyMemory<char> text: json.WriteStringValue(text.Span); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            case float number when float.IsFinite(number): json.WriteNumberValue(number); break;
            case sbyte or byte or short or ushort or int or long or uint: json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case ulong number: json.WriteNumberValue(number); break;
            case decimal number: json.WriteNumberValue(number); break;
            case DateTime time: json.WriteStringValue(time); break;
            case Guid or TimeSpan or DateOnly or TimeOnly: json.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"{value}")); break;
            case IDictionary<string, object?> fields: WriteFields(json, column, fields.Select(field => (field.Key, field.Value))); break;
            case IDictionary map: WriteFields(json, column, map.Keys.Cast<object>().Select(key => (key is ReadOnlyMemory<char> text ? text.ToString() : $"{key}", map[key]))); break;
            case not (byte[] or ReadOnlyMemory<byte>) and IEnumerable items:
                json.WriteStartArray();
                foreach (var item in items)
                    Write(json, column, item);
                json.WriteEndArray();
                break;
            default:
                throw new InvalidDataException($"the column \"{column}\" holds {value} ({value.GetType().Name}), which JSON has no form for; leave it out (--columns names those that are written)");
        }
    }

    private static void WriteFields(Utf8JsonWriter json, string column, IEnumerable<(string Name, object? Value)> fields)
    {
        json.WriteStartObject();
        foreach (var (name, value) in fields)
        {
            json.WritePropertyName(name);
            Write(json, $"{column}.{name}", value);
        }

        json.WriteEndObject();
    }
}
