using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>How <see cref="ConversationReader"/> reads.</summary>
public sealed record ConversationReaderOptions
{
    /// <summary>The default of <see cref="MaxLineBytes"/>: 64 MiB.</summary>
    public const int DefaultMaxLineBytes = 64 * 1024 * 1024;

    /// <summary>Where roles come from. Default: <see cref="RolePolicy.Declared"/>.</summary>
    public RolePolicy Roles { get; set; } = RolePolicy.Declared;

    /// <summary>What becomes of replies that say nothing. Default: <see cref="EmptyReplyPolicy.Refuse"/>; the reference teaches them.</summary>
    public EmptyReplyPolicy EmptyReplies { get; set; } = EmptyReplyPolicy.Refuse;

    /// <summary>What becomes of turns of one role that follow each other. Default: <see cref="ConsecutiveTurnsPolicy.Refuse"/>. It has no meaning with
    /// <see cref="RolePolicy.ByPosition"/>, where roles always alternate.</summary>
    public ConsecutiveTurnsPolicy ConsecutiveTurns { get; set; } = ConsecutiveTurnsPolicy.Refuse;

    /// <summary>The longest line, or element of a JSON array, accepted, in bytes, without its line end; 1 to 1 GiB. Default: 64 MiB. It bounds the memory that a
    /// file without line ends can take.</summary>
    public int MaxLineBytes { get; set; } = DefaultMaxLineBytes;

    /// <summary>Where turns, or question, reasoning and answer, are in a row. Default: recognised by their usual names.</summary>
    public DatasetColumns Columns { get; set; } = new();

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => Check(new OptionsFaults(typeof(ConversationReaderOptions)), this).ThrowIfAny();

    internal static OptionsFaults Check(OptionsFaults faults, ConversationReaderOptions options) => faults
        .Require(options.Columns is not null, options.Columns, "columns", nameof(Columns))
        .Require(Enum.IsDefined(options.Roles), options.Roles, "Declared or ByPosition", nameof(Roles))
        .Require(Enum.IsDefined(options.EmptyReplies), options.EmptyReplies, "Refuse or Teach", nameof(EmptyReplies))
        .Require(Enum.IsDefined(options.ConsecutiveTurns), options.ConsecutiveTurns, "Refuse or Merge", nameof(ConsecutiveTurns))
        .Require(options.MaxLineBytes is >= 1 and <= 1 << 30, options.MaxLineBytes, $"1 to {1 << 30}", nameof(MaxLineBytes));

    /// <summary>A copy that nobody changes while it is read by.</summary>
    internal ConversationReaderOptions Copy() => this with { Columns = Columns with { } };
}
