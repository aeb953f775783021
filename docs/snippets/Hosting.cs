using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace MiniMind.Training.Snippets;

internal static class Hosting
{
    public static async Task WorkerAsync(string[] args)
    {
        #region hosting-worker
        var builder = Host.CreateApplicationBuilder(args);

        builder.Services
            .AddReasonDistillation("doubles", builder.Configuration.GetSection("Trainings:Doubles"))
            .AddCallback(_ => new ConsoleProgress(stepInterval: 20))
            .RunInBackground();

        await builder.Build().RunAsync();
        #endregion
    }

    public static void Builder(IServiceCollection services)
    {
        #region hosting-builder
        services.AddReasonDistillation("arithmetic")
            .Configure(training =>
            {
                training.Epochs = 3;
                training.Sampling.BatchSize = 16;
            })
            .ConfigureSchedule(schedule => schedule.LearningRate = 2e-3)
            .ConfigureLoss(loss => loss.Matching = TagMatching.Sequence)
            .UseTokenizer(_ => MiniMindTokenizer.FromDirectory("tokenizer"))
            .UseDataset(provider => SftDataset.Open("train.jsonl", provider.GetRequiredKeyedService<MiniMindTokenizer>("arithmetic")))
            .UseModel(_ => new MiniMindLM(LMConfig.Small, seed: 1337))
            .AddCheckpoints(checkpoints => checkpoints.Directory = "checkpoints")
            .AddCallback<ConsoleProgress>();
        #endregion
    }

    #region hosting-factory
    public sealed class TrainingEndpoint(IReasonDistillTrainerFactory trainers)
    {
        public async Task<double?> TrainAsync(string name, CancellationToken cancellationToken)
        {
            await using var trainer = trainers.Create(name);
            var result = await trainer.RunAsync(cancellationToken);
            return result.LastLoss;
        }
    }
    #endregion

    public static void Names(HostApplicationBuilder builder)
    {
        #region hosting-names
        var trainings = builder.Configuration.GetSection("Trainings");
        builder.Services.AddReasonDistillation("arithmetic", trainings.GetSection("Arithmetic")).RunInBackground();
        builder.Services.AddReasonDistillation("units", trainings.GetSection("Units"));   // made by the factory when somebody asks for it
        #endregion
    }

    public static void Shutdown(HostApplicationBuilder builder)
    {
        #region hosting-shutdown
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(2));
        #endregion
    }

    public static void Telemetry(HostApplicationBuilder builder)
    {
        #region telemetry-console
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter("MiniMind.*").AddConsoleExporter())
            .WithTracing(traces => traces.AddSource("MiniMind.*").AddConsoleExporter());
        #endregion
    }

    public static void TelemetryNames(HostApplicationBuilder builder)
    {
        #region telemetry-names
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(ReasonDistillTrainer.TelemetryName, TextGenerator.TelemetryName))
            .WithTracing(traces => traces.AddSource(ReasonDistillTrainer.TelemetryName, TextGenerator.TelemetryName));
        #endregion
    }
}
