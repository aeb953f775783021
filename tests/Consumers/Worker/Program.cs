// A service that trains; it is killed and started again.
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MiniMind.Training;

Directory.SetCurrentDirectory(args[0]);
var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
builder.Services.AddReasonDistillation("doubles", builder.Configuration.GetSection("Trainings:Doubles"))
    .AddCallback(_ => new ConsoleProgress(stepInterval: 10))
    .RunInBackground();
await builder.Build().RunAsync();
