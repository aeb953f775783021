using System.Text.Json;
using Microsoft.Extensions.Options;

namespace MiniMind;

/// <summary>Reads how a model is meant to speak: Hugging Face's <c>generation_config.json</c>, and the end tokens of <c>config.json</c> where it is missing.</summary>
internal sealed class GenerationConfigFile
{
    public const string FileName = "generation_config.json";

    private const int MostBytes = 1 << 20;

    // What this library does not do, and the value with which it is not asked for.
    private static readonly Dictionary<string, double> NotDone = new()
    {
        ["num_beams"] = 1,
        ["num_beam_groups"] = 1,
        ["penalty_alpha"] = 0,
        ["typical_p"] = 1,
        ["epsilon_cutoff"] = 0,
        ["eta_cutoff"] = 0,
        ["no_repeat_ngram_size"] = 0,
        ["encoder_repetition_penalty"] = 1,
        ["length_penalty"] = 1,
    };

    private readonly string _path;
    private readonly JsonElement _root;

    private GenerationConfigFile(string path, JsonElement root) => (_path, _root) = (path, root);

    /// <summary>Reads the files of a folder.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="endTokens">The tokens that end a reply by the tokenizer and its template.</param>
    /// <param name="vocabulary">The number of ids that the model has.</param>
    /// <returns>How text is generated, and the keys that ask for what is not done here.</returns>
    /// <exception cref="LMConfigException">A file's JSON is malformed, or a value is of the wrong type or out of range.</exception>
    public static (GenerationOptions Options, IReadOnlyList<string> Unused) Read(string directory, IEnumerable<int> endTokens, int vocabulary)
    {
        var path = Path.Combine(directory, FileName);
        var hasOwn = Path.Exists(path);
        if (!hasOwn && !Path.Exists(path = Path.Combine(directory, LMConfig.FileName)))
            return (WithEnds(new GenerationOptions(), endTokens), []);
        var json = RegularFile.ReadAllBytes(path, MostBytes, (problem, cause) => new LMConfigException(path, problem, cause));
        try
        {
            using var document = JsonDocument.Parse(json.AsMemory(json.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new LMConfigException(path, $"the file holds {document.RootElement.Shown()}; expected a JSON object");
            var file = new GenerationConfigFile(path, document.RootElement);
            var ends = file.EndTokens(vocabulary).Concat(endTokens);
            return hasOwn ? (WithEnds(file.Options(), ends), [.. file.Unused()]) : (WithEnds(new GenerationOptions(), ends), []);
        }
        catch (Exception e) when (JsonFault.Is(e))
        {
            throw new LMConfigException(path, $"the file is not valid JSON: {e.Message}", e);
        }
    }

    private static GenerationOptions WithEnds(GenerationOptions options, IEnumerable<int> ends) =>
        ends.Distinct().ToList() is { Count: > 0 } tokens ? options with { StopTokens = tokens } : options;

    /// <summary>Without <c>do_sample</c> Hugging Face's library takes the most likely token, whatever else is there; with it, it samples from 50 tokens by
    /// default.</summary>
    private GenerationOptions Options()
    {
        var samples = Value("do_sample").ValueKind == JsonValueKind.True;
        var options = new GenerationOptions
        {
            MaxNewTokens = (int)Number("max_new_tokens", new GenerationOptions().MaxNewTokens),
            Temperature = samples ? Number("temperature", 1) : 0,
            TopK = samples ? (int)Number("top_k", 50) : 0,
            TopP = samples ? Number("top_p", 1) : 1,
            MinP = samples ? Number("min_p", 0) : 0,
            RepetitionPenalty = Number("repetition_penalty", 1),
            RepetitionPenaltyForm = RepetitionPenaltyForm.Standard,
        };
        try
        {
            options.Validate();
            return options;
        }
        catch (OptionsValidationException e)
        {
            throw new LMConfigException(_path, [.. e.Failures], e);
        }
    }

    private IEnumerable<string> Unused()
    {
        foreach (var (key, without) in NotDone)
            if (Number(key, without) != without)
                yield return key;
        foreach (var key in (string[])["bad_words_ids", "force_words_ids", "suppress_tokens", "begin_suppress_tokens", "forced_bos_token_id", "forced_eos_token_id", "sequence_bias"])
            if (Value(key).ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
                yield return key;
    }

    private IEnumerable<int> EndTokens(int vocabulary)
    {
        const string key = "eos_token_id";
        var value = Value(key);
        IEnumerable<JsonElement> ids = value.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => [],
            JsonValueKind.Array => value.EnumerateArray(),
            _ => [value],
        };
        return
        [
            .. ids.Select(id => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out var token) && token >= 0 && token < vocabulary
                ? token
                : throw new LMConfigException(_path, $"{key} has {id.Shown()}; expected ids below {vocabulary}, the model's vocabulary")),
        ];
    }

    private double Number(string key, double otherwise) => Value(key) is var value && value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => true,
        JsonValueKind.Number => false,
        _ => throw new LMConfigException(_path, $"{key} is {value.Shown()}; expected a number"),
    } ? otherwise : value.GetDouble();

    private JsonElement Value(string key) => _root.TryGetProperty(key, out var value) ? value : default;
}
