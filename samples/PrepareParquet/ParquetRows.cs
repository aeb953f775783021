using System.Text.Encodings.Web;
using System.Text.Json;
using Parquet;
using Parquet.Serialization;

namespace MiniMind.Samples.PrepareParquet;

/// <summary>Writes the rows of Parquet files as lines of JSON, one group of rows at a time.</summary>
public static class ParquetRows
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a file, or the .parquet files of a folder in the order of their names; the output appears when it is whole. What a row
    /// has no value for is left out of it.</summary>
    /// <param name="input">The file or folder.</param>
    /// <param name="output">The JSONL file, which is replaced.</param>
    /// <param name="columns">The columns that are written; null for all.</param>
    /// <param name="cancellationToken">Stops the writing; the output is then as it was.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="InvalidDataException">The input is missing or no Parquet file, has no such column, or holds what JSON has no form for; the message names the file.</exception>
    public static async Task<long> WriteJsonlAsync(string input, string output, IReadOnlyCollection<string>? columns = null, CancellationToken cancellationToken = default)
    {
        var temporary = output + ".tmp";
        var rows = 0L;
        try
        {
            await using (var stream = File.Create(temporary))
            {
                foreach (var file in FilesOf(input))
                    rows += await WriteFileAsync(file, stream, columns, cancellationToken);
            }

            File.Move(temporary, output, overwrite: true);
            return rows;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static IReadOnlyList<string> FilesOf(string input)
    {
        if (File.Exists(input))
            return [input];
        var files = Directory.Exists(input) ? Directory.GetFiles(input, "*.parquet") : [];
        return files.Length > 0 ? [.. files.Order(StringComparer.Ordinal)] : throw new InvalidDataException($"{input}: there is no such file, and no folder with .parquet files");
    }

    private static async Task<long> WriteFileAsync(string file, Stream output, IReadOnlyCollection<string>? columns, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file);
        try
        {
            int groups;
            await using (var reader = await ParquetReader.CreateAsync(stream, leaveStreamOpen: true, cancellationToken: cancellationToken))
            {
                groups = reader.RowGroupCount;
                var names = reader.Schema.Fields.Select(field => field.Name).ToList();
                if (columns?.FirstOrDefault(column => !names.Contains(column)) is { } missing)
                    throw new InvalidDataException($"there is no column \"{missing}\", only {string.Join(", ", names)}");
            }

            var rows = 0L;
            for (var group = 0; group < groups; group++)
            {
                stream.Position = 0;
                var found = await ParquetSerializer.DeserializeUntypedAsync(stream, rowGroupIndex: group, cancellationToken: cancellationToken);
                foreach (var row in found.Data)
                {
                    WriteRow(row, output, columns);
                    rows++;
                }
            }

            return rows;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ParquetException)
        {
            throw new InvalidDataException($"{file}: {e.Message}", e);
        }
    }

    private static void WriteRow(Dictionary<string, object> row, Stream output, IReadOnlyCollection<string>? columns)
    {
        using (var json = new Utf8JsonWriter(output, Json))
        {
            json.WriteStartObject();
            foreach (var (name, value) in row)
            {
                if (columns?.Contains(name) == false)
                    continue;
                json.WritePropertyName(name);
                ParquetValue.Write(json, name, value);
            }

            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }
}
