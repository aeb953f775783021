using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>How <see cref="ConversationReader"/> reads.</summary>
public sealed record ConversationReaderOptions
{
    /// <summary>The default of <see cref="MaxLineBytes"/>: 64 MiB.</summary>
    public const int DefaultMaxLineBytes = 64 * 1024 * 1024;

    /// <summary>Where roles come from. Default: <see cref="RolePolicy.Declared"/>.</summary>
    public RolePolicy Roles { get; set; } = RolePolicy.Declared;

    /// <summary>The longest line accepted, in bytes, without its line end; 1 to 1 GiB. Default: 64 MiB. It bounds the memory that a
    /// file without line ends can take.</summary>
    public int MaxLineBytes { get; set; } = DefaultMaxLineBytes;

    /// <summary>Where question, reasoning and answer are in rows without a list of turns. Default: recognised by their usual names.</summary>
    public DatasetColumns Columns { get; set; } = new();

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => Check(new OptionsFaults(typeof(ConversationReaderOptions)), Roles, MaxLineBytes, Columns).ThrowIfAny();

    internal static OptionsFaults Check(OptionsFaults faults, RolePolicy roles, int maxLineBytes, DatasetColumns columns) => faults
        .Require(columns is not null, columns, "columns", nameof(Columns))
        .Require(Enum.IsDefined(roles), roles, "Declared or ByPosition", nameof(Roles))
        .Require(maxLineBytes is >= 1 and <= 1 << 30, maxLineBytes, $"1 to {1 << 30}", nameof(MaxLineBytes));
}
