using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MiniMind.Training;

namespace MiniMind.Extensions.Hosting;

/// <summary>Makes model, tokenizer and examples of a training as its configuration says.</summary>
internal static class ConfiguredParts
{
    public static MiniMindTokenizer Tokenizer(IServiceProvider services, string name)
    {
        var (student, data) = (Of<StudentOptions>(services, name), Of<TrainingDataOptions>(services, name));
        if (data.Tokenizer is { } directory)
            return MiniMindTokenizer.FromDirectory(directory);
        if (student.Path is { } path && Directory.Exists(path))
            return MiniMindTokenizer.FromDirectory(path);
        var texts = new ConversationReader(data.Reading.Reading).Read(data.Path).SelectMany(c => c.Turns)
            .SelectMany(t => t.ReasoningContent is { } reasoning ? (string[])[reasoning, t.Content] : [t.Content]);
        return new BpeTrainer(new BpeTrainerOptions { VocabSize = data.VocabSize }).Train(texts);
    }

    public static SftDataset Dataset(IServiceProvider services, string name)
    {
        var data = Of<TrainingDataOptions>(services, name);
        return SftDataset.Open(data.Path, services.GetRequiredKeyedService<MiniMindTokenizer>(name), data.Reading);
    }

    public static MiniMindLM Model(IServiceProvider services, string name)
    {
        var student = Of<StudentOptions>(services, name);
        if (student.Path is { } path)
            return ModelWeights.LoadModel(path);
        // Trainings may share a tokenizer.
        var tokenizer = TrainerParts.Find<MiniMindTokenizer>(services, name) ?? services.GetRequiredService<MiniMindTokenizer>();
        return new MiniMindLM(student.Config with { VocabSize = tokenizer.VocabSize }, student.Seed);
    }

    private static T Of<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(IServiceProvider services, string name)
        where T : class => services.GetRequiredService<IOptionsMonitor<T>>().Get(name);
}
