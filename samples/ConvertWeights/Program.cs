// Converts a model's weights between the reference's names, Hugging Face's directories and llama.cpp's files:
//   dotnet run -c Release --project samples/ConvertWeights -- MODEL student.gguf --type f16
//   dotnet run -c Release --project samples/ConvertWeights -- MODEL hf-student
//   dotnet run -c Release --project samples/ConvertWeights -- full_sft_512.pth student --heads 8 --to Reference
// MODEL is a directory or a file: safetensors, whole or with an index, or what torch.save wrote.
using System.CommandLine;
using MiniMind;
using MiniMind.Samples.ConvertWeights;

var input = new Argument<string>("input") { Description = "model directory, or weight file" };
var output = new Argument<string>("output") { Description = "directory, or a file that ends in .gguf" };
var to = new Option<TargetFormat?>("--to") { Description = "HuggingFace, Reference or Gguf (Gguf if the output ends in .gguf, else HuggingFace)" };
var type = new Option<GgufType>("--type") { Description = "F32, F16, BF16, or for GGUF Q8; rounded to", DefaultValueFactory = _ => GgufType.F32 };
var tokenizer = new Option<string?>("--tokenizer") { Description = "tokenizer directory (the input's own)" };
var config = new Option<string?>("--config") { Description = "config.json of weights that have none beside them" };
var heads = new Option<int?>("--heads") { Description = "instead of a config.json: take sizes from the weights of a MiniMind model with so many heads (8)" };
var shard = new Option<long?>("--max-shard-bytes") { Description = "split directories' weights beyond so many bytes (5000000000)" };

var command = new RootCommand("Converts a model's weights between the reference's names, Hugging Face and GGUF.") { input, output, to, type, tokenizer, config, heads, shard };
command.SetAction(parsed =>
{
    var target = parsed.GetRequiredValue(output);
    try
    {
        var summary = new Conversion
        {
            Input = parsed.GetRequiredValue(input),
            Output = target,
            Format = parsed.GetValue(to) ?? (target.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? TargetFormat.Gguf : TargetFormat.HuggingFace),
            Type = parsed.GetValue(type),
            Tokenizer = parsed.GetValue(tokenizer),
            Config = parsed.GetValue(config),
            Heads = parsed.GetValue(heads),
            MaxShardBytes = parsed.GetValue(shard),
        }.Run();
        Console.WriteLine(summary);
        return 0;
    }
    catch (Exception e) when (e is MiniMindException or ArgumentException or NotSupportedException or IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
});
return command.Parse(args).Invoke();
