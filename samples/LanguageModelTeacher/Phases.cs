using System.Diagnostics;
using System.Globalization;

namespace MiniMind.Samples.LanguageModelTeacher;

/// <summary>Says what is going on and how long it took.</summary>
internal sealed class Phases
{
    private readonly Stopwatch _watch = new();
    private string? _name;

    public void Begin(string name)
    {
        End();
        Console.WriteLine($"== {name}");
        _name = name;
        _watch.Restart();
    }

    public void End()
    {
        if (_name is not null)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   {_name}: {_watch.Elapsed.TotalSeconds:F1} s{Environment.NewLine}"));
        _name = null;
    }
}
