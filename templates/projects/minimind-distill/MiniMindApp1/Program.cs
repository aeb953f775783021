// Trains a student on the conversations that appsettings.json names. Stop the program and start it again: it goes on from its last checkpoint.
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MiniMind.Training;

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });

builder.Services
    .AddReasonDistillation("student", builder.Configuration.GetSection("Distillation"))
    .AddCallback(_ => new ConsoleProgress(stepInterval: 20))
    .AddCallback(_ => new JsonlMetrics("metrics.jsonl"))
    .AddCallback(_ => new RunReport(new RunReportOptions { Path = "report.html" }))
    .RunInBackground();

await builder.Build().RunAsync();
