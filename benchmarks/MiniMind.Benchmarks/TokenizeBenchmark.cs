using System.CommandLine;
using System.Diagnostics;
using System.Text;

namespace MiniMind.Benchmarks;

/// <summary><c>tokenize</c>: megabytes of UTF-8 a second on one thread and on several, and long texts without spaces.</summary>
internal static class TokenizeBenchmark
{
    private const int Runs = 5;
    private const int LongText = 1 << 20;

    private static readonly Option<string[]> Data = new("--data") { Required = true, AllowMultipleArgumentsPerToken = true, Description = "text files, read line by line" };
    private static readonly Option<string> Tokenizer = new("--tokenizer") { Required = true, Description = "the tokenizer's folder" };
    private static readonly Option<int> Threads = new("--threads") { DefaultValueFactory = _ => Environment.ProcessorCount, Description = "threads of the second figure" };

    public static Command Command()
    {
        var command = new Command("tokenize", "tokenizing text files") { Data, Tokenizer, Threads };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var tokenizer = MiniMindTokenizer.FromDirectory(parsed.GetValue(Tokenizer)!);
        var threads = parsed.GetValue(Threads);
        foreach (var path in parsed.GetValue(Data)!)
        {
            var lines = File.ReadAllLines(path);
            var megabytes = lines.Sum(line => (long)Encoding.UTF8.GetByteCount(line)) / 1e6;
            var name = Path.GetFileNameWithoutExtension(path);
            Figure.Print($"{name}_mb_per_second_1_thread", megabytes / Best(() => Encode(tokenizer, lines, 1)));
            Figure.Print($"{name}_mb_per_second_{threads}_threads", megabytes / Best(() => Encode(tokenizer, lines, threads)));
        }

        var random = new Random(1);
        string Text(int length, Func<char> next) => string.Create(length, next, (span, draw) =>
        {
            foreach (ref var c in span)
                c = draw();
        });
        foreach (var (name, text) in ((string, string)[])
        [
            ("chinese", Text(LongText / 3, () => (char)random.Next(0x4E00, 0x9FA6))),
            ("letters", Text(LongText, () => (char)random.Next('a', 'z' + 1))),
            ("spaces", new string(' ', LongText)),
        ])
            Figure.Print($"one_megabyte_of_{name}_seconds", Best(() => tokenizer.Encode(text)));
        return 0;
    }

    private static void Encode(MiniMindTokenizer tokenizer, string[] lines, int threads) =>
        Parallel.ForEach(lines, new ParallelOptions { MaxDegreeOfParallelism = threads }, line => tokenizer.Encode(line));

    private static double Best(Action work) => Enumerable.Range(0, Runs).Min(_ =>
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    });
}
