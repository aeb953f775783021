// Does written reasoning help a small student? Trains students that differ in nothing but what the teacher writes, and compares them on problems
// they have not seen: dotnet run -c Release --project samples/ProveReasoning [-- --quick]
using System.CommandLine;
using MiniMind.Samples.ProveReasoning;

var quick = new Option<bool>("--quick") { Description = "one seed, (a) and (b) only" };
var seeds = new Option<int>("--seeds") { DefaultValueFactory = _ => 3, Description = "seeds to average over" };
var problems = new Option<int>("--problems") { DefaultValueFactory = _ => 4000, Description = "problems to learn from" };
var epochs = new Option<int>("--epochs") { DefaultValueFactory = _ => 6, Description = "passes over them" };
var folder = new Option<string>("--out") { DefaultValueFactory = _ => "out/prove-reasoning", Description = "folder for the table and the picture" };
var command = new RootCommand("Compares students taught with and without written reasoning.") { quick, seeds, problems, epochs, folder };
command.SetAction(async (parsed, cancellationToken) =>
{
    var isQuick = parsed.GetValue(quick);
    var results = Variant.All.Take(isQuick ? 2 : Variant.All.Count).Select(v => (Variant: v, Outcomes: new List<Outcome>())).ToList();
    for (var seed = 1; seed <= (isQuick ? 1 : parsed.GetValue(seeds)); seed++)
    {
        var experiment = new Experiment(seed, parsed.GetValue(problems), parsed.GetValue(epochs));
        foreach (var (variant, outcomes) in results)
        {
            var outcome = await experiment.TrainAsync(variant, cancellationToken);
            outcomes.Add(outcome);
            Console.WriteLine(FormattableString.Invariant(
                $"seed {seed} {variant.Name}: accuracy {outcome.Evaluation.Accuracy:P1} format {outcome.Evaluation.FormatCompliance:P1} seconds {outcome.Seconds:F0}"));
        }
    }

    var table = Report.Table(results);
    Console.WriteLine($"\n{table}");
    Directory.CreateDirectory(parsed.GetValue(folder)!);
    File.WriteAllText(Path.Combine(parsed.GetValue(folder)!, "table.md"), table + "\n");
    Report.Draw(results, Path.Combine(parsed.GetValue(folder)!, "accuracy.png"));
    return 0;
});
return await command.Parse(args).InvokeAsync();
