using System.Globalization;
using Spectre.Console;
using TorchSharp;

namespace MiniMind.Samples.ConvertWeights;

/// <summary>One conversion: everything is read, then everything is written.</summary>
internal sealed record Conversion
{
    public required string Input { get; init; }

    public required string Output { get; init; }

    public required TargetFormat Format { get; init; }

    public required GgufType Type { get; init; }

    public required string? Tokenizer { get; init; }

    public required string? Config { get; init; }

    public required int? Heads { get; init; }

    public required long? MaxShardBytes { get; init; }

    /// <returns>A line that says what was done.</returns>
    public string Run()
    {
        if (Type == GgufType.Q8 && Format != TargetFormat.Gguf)
            throw new ArgumentException("--type Q8 exists in GGUF only.");
        var tokenizer = ReadTokenizer();
        return Console.IsOutputRedirected
            ? Convert(tokenizer, null, null)
            : AnsiConsole.Progress().Start(bars => Convert(tokenizer, new TensorProgress(bars.AddTask("reading")), new TensorProgress(bars.AddTask("writing"))));
    }

    private string Convert(MiniMindTokenizer? tokenizer, TensorProgress? reading, TensorProgress? writing)
    {
        var config = Config is not null ? LMConfig.FromFile(Config) : Heads is { } heads ? ModelWeights.InferConfig(Input, heads) : null;
        if (config is null && !File.Exists(Path.Combine(Folder, ModelWeights.ConfigFile)))
            throw new ArgumentException($"There is no {ModelWeights.ConfigFile} beside {Input}; give --config, or --heads for a MiniMind model's weights.");
        using var model = ModelWeights.LoadModel(Input, config, reading);
        if (Format == TargetFormat.Gguf)
            model.SaveGguf(
                Output,
                tokenizer ?? throw new ArgumentException($"GGUF needs a tokenizer, and there is none beside {Input}; give --tokenizer."),
                new GgufOptions { Type = Type, Progress = writing });
        else
            model.SaveModel(Output, Directory(tokenizer, writing));
        return string.Create(CultureInfo.InvariantCulture, $"result: parameters={model.ParameterCount} format={Format} type={Type} out={Output}");
    }

    private ModelSaveOptions Directory(MiniMindTokenizer? tokenizer, TensorProgress? progress)
    {
        var options = new ModelSaveOptions
        {
            Naming = Format == TargetFormat.HuggingFace ? WeightNaming.HuggingFace : WeightNaming.Reference,
            DType = Type switch { GgufType.F16 => torch.ScalarType.Float16, GgufType.BF16 => torch.ScalarType.BFloat16, _ => torch.ScalarType.Float32 },
            Tokenizer = tokenizer,
            Progress = progress,
        };
        return MaxShardBytes is { } bytes ? options with { MaxShardBytes = bytes } : options;
    }

    private string Folder => System.IO.Directory.Exists(Input) ? Input : Path.GetDirectoryName(Path.GetFullPath(Input))!;

    private MiniMindTokenizer? ReadTokenizer()
    {
        var folder = Tokenizer ?? Folder;
        if (Tokenizer is null && !File.Exists(Path.Combine(folder, MiniMindTokenizer.TokenizerFileName)))
            return null;
        try
        {
            return MiniMindTokenizer.FromDirectory(folder);
        }
        catch (TokenizerException e) when (Tokenizer is null && Format != TargetFormat.Gguf)
        {
            Console.Error.WriteLine($"the tokenizer is left out: {e.Message}");
            return null;
        }
    }
}
