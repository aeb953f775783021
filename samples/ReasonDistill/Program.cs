// The whole loop: a teacher's written reasoning is harvested, verified, curated and distilled into a small language model. With no arguments it needs nothing but
// this repository; its teacher lives in this process:
//   dotnet run -c Release --project samples/ReasonDistill
// With a teacher and problems of your own:
//   dotnet run -c Release --project samples/ReasonDistill -- --teacher URL --teacher-model NAME --api-key-env VAR --problems FILE
// With data that is already written:
//   dotnet run -c Release --project samples/ReasonDistill -- --data FILE --tokenizer DIR --dim 512 --layers 8
// On several processes or machines (docs/distributed.md):
//   dotnet build -c Release samples/ReasonDistill
//   mpirun -n 2 dotnet run -c Release --no-build --project samples/ReasonDistill
using System.Globalization;
using MiniMind;
using MiniMind.Samples.ReasonDistill;
using MiniMind.Training.Mpi;

TorchRuntime.KeepFreedMemory();
TorchRuntime.LimitSpinning();
return await CommandLine.Create(async (settings, cancellationToken) =>
{
    try
    {
        // Alone, unless mpirun, srun or another launcher of MPI started this process as one of several.
        using var ranks = MpiCollective.StartIfLaunched();
        var (result, taught, before, after) = await TrainingRun.RunAsync(settings, ranks, cancellationToken);
        if (ranks.Rank != 0)
            return 0;
        var accuracy = before is null || after is null ? string.Empty : string.Create(
            CultureInfo.InvariantCulture,
            $" accuracy_before={before.Accuracy:F3} accuracy_after={after.Accuracy:F3} format={after.FormatCompliance:F3}");
        var teacher = taught is null ? string.Empty : string.Create(
            CultureInfo.InvariantCulture,
            $" teacher_accuracy={taught.Teacher.Accuracy:F3} asked={taught.Harvest.Asked} kept={taught.Harvest.Kept} teacher_tokens={taught.Harvest.InputTokens + taught.Harvest.OutputTokens}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"result: steps={result.Steps} loss_first={result.FirstLoss:F4} loss_last={result.LastLoss:F4} seconds={result.Elapsed.TotalSeconds:F1}{accuracy}{teacher} out={settings.Out}"));
        return 0;
    }
    catch (Exception e) when (e is MiniMindException or ArgumentException or IOException or Microsoft.Extensions.Options.OptionsValidationException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine($"cancelled; continue with --resume {settings.Out}");
        return 130;
    }
}).Parse(args).InvokeAsync();
