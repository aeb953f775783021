using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using MiniMind.Extensions.AI;

namespace MiniMind.Benchmarks;

/// <summary>The curator on a made set: lines of which one in ten is an earlier one with some words changed, and one in ten shares half of an earlier one.</summary>
internal static class CurateBenchmark
{
    private const int Vocabulary = 20_000;
    private const double Threshold = 0.8;

    public static Command Command()
    {
        var lines = new Option<int>("--lines") { DefaultValueFactory = _ => 1_000_000, Description = "lines of the made set" };
        var near = new Option<bool>("--near-duplicates") { DefaultValueFactory = _ => true, Description = "whether near duplicates are looked for" };
        var command = new Command("curate", "Lines a second, memory, precision and recall of near duplicates.") { lines, near };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(lines), parsed.GetValue(near), cancellationToken));
        return command;
    }

    private static async Task RunAsync(int lines, bool near, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("minimind-curate-").FullName;
        try
        {
            var (input, output) = (Path.Combine(folder, "in.jsonl"), Path.Combine(folder, "out.jsonl"));
            var similarities = Make(input, lines);
            Figure.Print("megabytes", new FileInfo(input).Length / 1e6);
            var options = new CurationOptions { NearDuplicates = near ? new NearDuplicateRule { Threshold = Threshold } : null };
            var most = 0L;
            var progress = new Watching(() => most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false)));
            var watch = Stopwatch.StartNew();
            var report = await new DatasetCurator(options).RunAsync([input], output, progress, cancellationToken);
            Figure.Print("lines_per_second", lines / watch.Elapsed.TotalSeconds);
            Figure.Print("managed_memory_mb", most / 1e6);
            Figure.Print("peak_working_set_mb", Process.GetCurrentProcess().PeakWorkingSet64 / 1e6);
            Figure.Print("kept", report.Kept);
            if (near)
                Judge(output, similarities);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The exact similarity of each changed line with the line it was made of decides what is right.</summary>
    private static void Judge(string output, Dictionary<int, double> similarities)
    {
        var kept = File.ReadLines(output).Select(NumberOf).ToHashSet();
        var duplicates = similarities.Where(s => s.Value >= Threshold).Select(s => s.Key).ToList();
        var found = duplicates.Count(n => !kept.Contains(n));
        var wrong = Enumerable.Range(0, similarities.Keys.DefaultIfEmpty(0).Max() + 1).Count(n => !kept.Contains(n) && !(similarities.TryGetValue(n, out var s) && s >= Threshold));
        Figure.Print("near_duplicates", duplicates.Count);
        Figure.Print("recall", (double)found / duplicates.Count);
        Figure.Print("precision", (double)found / (found + wrong));
    }

    private static Dictionary<int, double> Make(string path, int lines)
    {
        var random = new Random(7);
        var recent = new List<string[]>();
        var similarities = new Dictionary<int, double>();
        using var writer = new StreamWriter(path);
        for (var n = 0; n < lines; n++)
        {
            string[] words = [.. Enumerable.Range(0, random.Next(40, 100)).Select(_ => Word(random))];
            var kind = random.Next(10);
            if (kind < 2 && recent.Count > 0)
            {
                var earlier = recent[random.Next(recent.Count)];
                words = [.. earlier];
                if (kind == 0)
                    for (var changes = random.Next(1, 6); changes > 0; changes--)
                        words[random.Next(words.Length)] = Word(random);
                else
                    for (var i = 0; i < words.Length / 2; i++)
                        words[i] = Word(random);
                similarities[n] = Jaccard(earlier, words);
            }
            else if (recent.Count < 5000)
                recent.Add(words);
            else
                recent[random.Next(recent.Count)] = words;
            writer.Write($"{{\"conversations\":[{{\"role\":\"user\",\"content\":\"{string.Join(' ', words)}\"}},{{\"role\":\"assistant\",\"content\":\"yes\"}}],\"n\":{n}}}\n");
        }

        return similarities;
    }

    private static string Word(Random random) => string.Create(CultureInfo.InvariantCulture, $"word{random.Next(Vocabulary)}");

    private static double Jaccard(string[] a, string[] b)
    {
        static HashSet<string> Passages(string[] words)
        {
            string[] all = [.. words, "yes"];
            return [.. Enumerable.Range(0, all.Length - 2).Select(i => string.Join(' ', all[i..(i + 3)]))];
        }

        var (x, y) = (Passages(a), Passages(b));
        var shared = x.Count(y.Contains);
        return (double)shared / (x.Count + y.Count - shared);
    }

    private static int NumberOf(string line) => int.Parse(line.AsSpan(line.LastIndexOf(':') + 1).TrimEnd('}'), CultureInfo.InvariantCulture);

    private sealed class Watching(Action see) : IProgress<CurationProgress>
    {
        public void Report(CurationProgress value) => see();
    }
}
