using Microsoft.Extensions.Hosting;
using MiniMind.Extensions.Hosting;
using MiniMind.Training;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets a host train.</summary>
public static class TrainingWorkerExtensions
{
    /// <summary>Runs the training in the background of the host. When the host stops, the run ends after its optimizer step and saves a checkpoint where checkpoints are written
    /// (<see cref="ReasonDistillationBuilder.AddCheckpoints"/>); at the next start it goes on from the newest. The host's shutdown timeout must be longer than an optimizer step and a
    /// checkpoint take together.</summary>
    /// <param name="builder">The training.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>The builder.</returns>
    public static ReasonDistillationBuilder RunInBackground(this ReasonDistillationBuilder builder, Action<TrainingWorkerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddValidatedOptions<TrainingWorkerOptions>(builder.Name, o => o.Validate());
        if (configure is not null)
            builder.Services.Configure(builder.Name, configure);
        // One service for each training: AddHostedService would take two of the same class for one.
        builder.Services.AddSingleton<IHostedService>(services => ActivatorUtilities.CreateInstance<TrainingWorker>(services, builder.Name));
        return builder;
    }
}
