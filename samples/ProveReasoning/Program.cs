// Does written reasoning help a small student? Trains students that differ in nothing but what the teacher writes and how the loss weighs it, and
// examines them on problems they have not seen: dotnet run -c Release --project samples/ProveReasoning [-- --quick]
using System.CommandLine;
using System.Diagnostics;
using MiniMind;
using MiniMind.Samples.ProveReasoning;

TorchRuntime.KeepFreedMemory();
TorchRuntime.LimitSpinning();
var quick = new Option<bool>("--quick") { Description = "one seed, (a) and (b) only" };
var seeds = new Option<int>("--seeds") { DefaultValueFactory = _ => 3, Description = "seeds to average over" };
var problems = new Option<int>("--problems") { DefaultValueFactory = _ => 17000, Description = "problems to learn from" };
var epochs = new Option<int>("--epochs") { DefaultValueFactory = _ => 2, Description = "passes over them" };
var folder = new Option<string>("--out") { DefaultValueFactory = _ => "out/prove-reasoning", Description = "folder for the table and the picture" };
foreach (var number in (Option<int>[])[seeds, problems, epochs])
    number.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < 1)
            result.AddError($"{number.Name} is {result.GetValueOrDefault<int>()}; expected at least 1");
    });
var command = new RootCommand("Compares students taught with and without written reasoning.") { quick, seeds, problems, epochs, folder };
command.SetAction(async (parsed, cancellationToken) =>
{
    var watch = Stopwatch.StartNew();
    var variants = Variant.All.Take(parsed.GetValue(quick) ? 2 : Variant.All.Count).ToList();
    var lessons = Enumerable.Range(1, parsed.GetValue(quick) ? 1 : parsed.GetValue(seeds))
        .AsParallel().AsOrdered().Select(seed => (Seed: seed, Lessons: new Lessons(seed, parsed.GetValue(problems)))).ToList();
    var outcomes = new Outcome[variants.Count, lessons.Count];

    // So small a model does not share its products between threads well: one student a core instead.
    TorchRuntime.EnsureAvailable();
    TorchSharp.torch.set_num_threads(1);
    var students = lessons.SelectMany(l => variants.Index().Select(v => (v.Index, Variant: v.Item, l.Seed, l.Lessons)));
    await Parallel.ForEachAsync(
        students, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken }, async (student, token) =>
        {
            var outcome = await Student.TrainAsync(student.Lessons, student.Variant, student.Seed, parsed.GetValue(epochs), token);
            outcomes[student.Index, student.Seed - 1] = outcome;
            Console.WriteLine(FormattableString.Invariant(
                $"seed {student.Seed} {student.Variant.Name}: accuracy {outcome.Evaluation.Accuracy:P1}, format {outcome.Evaluation.FormatCompliance:P1}, {outcome.Seconds:F0} s"));
        });

    var results = variants.Index().Select(v => (v.Item, lessons.Select(l => outcomes[v.Index, l.Seed - 1]).ToArray())).ToList();
    var output = Directory.CreateDirectory(parsed.GetValue(folder)!).FullName;
    var table = Report.Table(results);
    await File.WriteAllTextAsync(Path.Combine(output, "table.md"), table, cancellationToken);
    Report.Draw(results, Path.Combine(output, "accuracy.png"));
    Console.WriteLine($"\n{table}\n{watch.Elapsed:m\\:ss} minutes; table.md and accuracy.png are in {output}");
    return 0;
});
return await command.Parse(args).InvokeAsync();
