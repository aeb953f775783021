using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>Collects everything wrong with an options object, so that its user sees all faults at once.</summary>
internal sealed class OptionsFaults(Type optionsType)
{
    private readonly List<string> _faults = [];

    public OptionsFaults Require(bool condition, string fault)
    {
        if (!condition)
            _faults.Add($"{optionsType.Name}.{fault}");
        return this;
    }

    /// <summary>Adds the faults of an options object that is a property of this one.</summary>
    public OptionsFaults Nest(string property, Action? validate)
    {
        if (validate is null)
            return Require(false, $"{property} is null; expected settings.");
        try
        {
            validate();
        }
        catch (OptionsValidationException e)
        {
            _faults.AddRange(e.Failures.Select(f => $"{optionsType.Name}.{property}: {f}"));
        }

        return this;
    }

    public void ThrowIfAny()
    {
        if (_faults.Count > 0)
            throw new OptionsValidationException(Options.DefaultName, optionsType, _faults);
    }
}
