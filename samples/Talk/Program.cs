// Talks with a student without libtorch:
//   dotnet run -c Release --project samples/Talk -- out/reason-distill
// As one file of machine code that needs nothing installed:
//   dotnet publish -c Release samples/Talk -o out/talk
//   out/talk/Talk out/reason-distill
// With a question behind the folder it answers that and ends. --weights Float32, BFloat16 or Int8, and --threads N.
using System.Diagnostics;
using MiniMind;
using MiniMind.Inference;

try
{
    var (folder, question, options) = Read(args);
    var start = Stopwatch.StartNew();
    using var model = InferenceModel.Load(folder, options);
    var tokenizer = MiniMindTokenizer.FromDirectory(folder);
    using var generator = new TextGenerator(model, tokenizer);
    Console.Error.WriteLine($"{model.Config.Dim} x {model.Config.NLayers}, weights in {model.Weights}, vectors of {model.Vectors}, {model.Threads} threads; loaded in {start.Elapsed.TotalSeconds:F2} s");

    var turns = new List<ChatTurn>();
    while ((question ?? Ask()) is { Length: > 0 } asked)
    {
        turns.Add(new ChatTurn("user", asked));
        var (reply, tokens, watch) = (string.Empty, 0, Stopwatch.StartNew());
        TimeSpan? first = null;
        await foreach (var piece in generator.StreamAsync(turns, new GenerationOptions { MaxNewTokens = 256 }))
        {
            first ??= watch.Elapsed;
            Console.Write(piece);
            (reply, tokens) = (reply + piece, tokens + 1);
        }

        Console.WriteLine();
        Console.Error.WriteLine($"first piece after {first?.TotalMilliseconds:F0} ms, {tokens / watch.Elapsed.TotalSeconds:F0} pieces a second");
        turns.Add(new ChatTurn("assistant", reply));
        if (question is not null)
            break;
    }

    return 0;
}
catch (Exception e) when (e is MiniMindException or ArgumentException or IOException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static string? Ask()
{
    Console.Write("you: ");
    return Console.ReadLine();
}

static (string Folder, string? Question, InferenceOptions Options) Read(string[] arguments)
{
    var (rest, options) = (new List<string>(), new InferenceOptions());
    for (var i = 0; i < arguments.Length; i++)
    {
        if (arguments[i] is "--weights" && i + 1 < arguments.Length && Enum.TryParse<WeightFormat>(arguments[i + 1], ignoreCase: true, out var weights))
            options = options with { Weights = weights };
        else if (arguments[i] is "--threads" && i + 1 < arguments.Length && int.TryParse(arguments[i + 1], out var threads))
            options = options with { Threads = threads };
        else if (arguments[i].StartsWith("--", StringComparison.Ordinal))
            throw new ArgumentException($"{arguments[i]} is not known, or its value is wrong; expected --weights Float32, BFloat16 or Int8, or --threads N");
        else
        {
            rest.Add(arguments[i]);
            continue;
        }

        i++;
    }

    return rest.Count is 1 or 2
        ? (rest[0], rest.Count == 2 ? rest[1] : null, options)
        : throw new ArgumentException("usage: Talk FOLDER [QUESTION] [--weights Float32|BFloat16|Int8] [--threads N]");
}
