using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace MiniMind;

/// <summary>Collects everything wrong with an options object and throws it as one exception.</summary>
internal sealed class OptionsFaults(Type optionsType)
{
    private readonly FieldFaults _faults = new($"{optionsType.Name}.", ".");

    /// <inheritdoc cref="FieldFaults.Require"/>
    public OptionsFaults Require(bool good, object? value, string expected, [CallerArgumentExpression(nameof(value))] string field = "")
    {
        _faults.Require(good, value, expected, field);
        return this;
    }

    /// <summary>Notes a fault in words of its own unless the values are good.</summary>
    public OptionsFaults Require(bool good, string fault)
    {
        if (!good)
            _faults.Add($"{optionsType.Name}.{fault}");
        return this;
    }

    /// <summary>Adds the faults of an options object that is a property of this one.</summary>
    public OptionsFaults Nest(Action? validate, string property)
    {
        try
        {
            validate?.Invoke();
        }
        catch (OptionsValidationException e)
        {
            _faults.AddRange(e.Failures.Select(f => $"{optionsType.Name}.{property}: {f}"));
        }

        return Require(validate is not null, null, "settings", property);
    }

    /// <exception cref="OptionsValidationException">There are faults; all are named.</exception>
    public void ThrowIfAny()
    {
        if (_faults.Count > 0)
            throw new OptionsValidationException(Options.DefaultName, optionsType, _faults);
    }
}
