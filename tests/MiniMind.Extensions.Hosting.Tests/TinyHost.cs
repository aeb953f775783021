using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MiniMind.Training;

namespace MiniMind.Extensions.Hosting.Tests;

/// <summary>A host whose configuration describes a training of twelve steps.</summary>
internal static class TinyHost
{
    public const int Steps = 12;

    public static string Student(string folder) => Path.Combine(folder, "student");

    public static string Checkpoints(string folder) => Path.Combine(folder, "checkpoints");

    /// <summary>Twelve conversations in a file.</summary>
    public static string WriteData(string folder)
    {
        var path = Path.Combine(folder, "lessons.jsonl");
        if (!File.Exists(path))
            File.WriteAllLines(path, Enumerable.Range(0, 12).Select(i => JsonSerializer.Serialize(new
            {
                conversations = new object[]
                {
                    new { role = "user", content = $"{i}+1?" },
                    new { role = "assistant", content = $"<think>\n{i}\n</think>\n<answer>\n{i + 1}\n</answer>" },
                },
            })));
        return path;
    }

    /// <summary>The settings of a training, in the section <c>Trainings:</c> and its name.</summary>
    public static Dictionary<string, string?> Settings(string folder, string name = "Tiny")
    {
        var values = new Dictionary<string, string?>
        {
            ["Data:Path"] = WriteData(folder),
            ["Data:VocabSize"] = "300",
            ["Data:Reading:MaxLength"] = "120",
            ["Model:Config:Dim"] = "32",
            ["Model:Config:NLayers"] = "1",
            ["Model:Config:NHeads"] = "2",
            ["Model:Config:MaxSeqLen"] = "128",
            ["Training:Device"] = "cpu",
            ["Training:Epochs"] = "2",
            ["Training:Sampling:BatchSize"] = "2",
            ["Training:Sampling:Order"] = "Shuffled",
            ["Schedule:LearningRate"] = "0.001",
            ["Checkpoints:Directory"] = Checkpoints(folder),
            ["Checkpoints:StepInterval"] = "3",
            ["Worker:OutputDirectory"] = Student(folder),
            ["Worker:StopHostWhenDone"] = "true",
        };
        return values.ToDictionary(v => $"Trainings:{name}:{v.Key}", v => v.Value);
    }

    /// <summary>A host with a training of each name that the settings have.</summary>
    public static IHost Build(Dictionary<string, string?> settings, Action<ReasonDistillationBuilder>? more = null, LogRecorder? logs = null, bool runs = true)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings);
        if (logs is not null)
            builder.Logging.AddProvider(logs);
        foreach (var section in builder.Configuration.GetSection("Trainings").GetChildren())
        {
            var training = builder.Services.AddReasonDistillation(section.Key, section);
            if (runs)
                training.RunInBackground();
            more?.Invoke(training);
        }

        return builder.Build();
    }

    public static string TemporaryFolder() => Directory.CreateTempSubdirectory("minimind-hosting-").FullName;
}
