// A service that trains. Stop it (Ctrl+C, SIGTERM) and start it again: it goes on where it was. Everything is said in appsettings.json.
// With --Telemetry true the OpenTelemetry console exporter shows what the training measures.
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MiniMind.Training;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
Directory.SetCurrentDirectory(builder.Configuration["Folder"] ?? AppContext.BaseDirectory);

builder.Services
    .AddReasonDistillation("doubles", builder.Configuration.GetSection("Trainings:Doubles"))
    .AddCallback(_ => new ConsoleProgress(stepInterval: 20))
    .RunInBackground();

if (builder.Configuration.GetValue<bool>("Telemetry"))
    builder.Services.AddOpenTelemetry()
        .WithMetrics(metrics => metrics.AddMeter("MiniMind.*").AddConsoleExporter())
        .WithTracing(traces => traces.AddSource("MiniMind.*").AddConsoleExporter());

await builder.Build().RunAsync();
