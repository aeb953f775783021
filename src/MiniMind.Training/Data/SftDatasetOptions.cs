using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>How conversations become examples.</summary>
public sealed record SftDatasetOptions
{
    /// <summary>The most tokens kept of a conversation; 2 to 1,048,576. Default: 1024, the reference's. What becomes of a longer
    /// conversation is <see cref="Truncation"/>'s decision; an example has at most one position less, since labels are shifted.</summary>
    public int MaxLength { get; set; } = 1024;

    /// <summary>What happens to a conversation longer than <see cref="MaxLength"/>. Default: <see cref="TruncationPolicy.Cut"/>, the reference's; how many are
    /// cut is in <see cref="SftDataset.Measure"/> and in a trainer's log.</summary>
    public TruncationPolicy Truncation { get; set; } = TruncationPolicy.Cut;

    /// <summary>What happens to a conversation that cannot be learned from. Default: <see cref="InvalidExamplePolicy.Fail"/>.</summary>
    public InvalidExamplePolicy InvalidExamples { get; set; } = InvalidExamplePolicy.Fail;

    /// <summary>How many reasons <see cref="SftDataset.Skipped"/> keeps; 0 to 1,000,000. Default: 100.</summary>
    public int MaxSkippedReasons { get; set; } = 100;

    /// <summary>Where roles come from. Default: <see cref="RolePolicy.Declared"/>; the reference's is <see cref="RolePolicy.ByPosition"/>.</summary>
    public RolePolicy Roles { get; set; } = RolePolicy.Declared;

    /// <summary>What becomes of replies that say nothing. Default: <see cref="EmptyReplyPolicy.Refuse"/>; the reference teaches them.</summary>
    public EmptyReplyPolicy EmptyReplies { get; set; } = EmptyReplyPolicy.Refuse;

    /// <summary>What becomes of turns of one role that follow each other. Default: <see cref="ConsecutiveTurnsPolicy.Refuse"/>. It has no meaning with
    /// <see cref="RolePolicy.ByPosition"/>, where roles always alternate.</summary>
    public ConsecutiveTurnsPolicy ConsecutiveTurns { get; set; } = ConsecutiveTurnsPolicy.Refuse;

    /// <summary>Where turns, or question, reasoning and answer, are in a row. Default: recognised by their usual names.</summary>
    public DatasetColumns Columns { get; set; } = new();

    /// <summary>Whether text that spells a special token, such as <c>&lt;/s&gt;</c>, stays text instead of becoming that token, so that nobody in a
    /// conversation can open or end a turn and a user's text is never supervised; see <see cref="ChatTemplateOptions.ContentAsPlainText"/> for the rule. Default:
    /// true; false is the reference's way.</summary>
    public bool ContentAsPlainText { get; set; } = true;

    /// <summary>What becomes of an assistant's <c>reasoning_content</c>. Default: <see cref="ReasoningContentPolicy.Fold"/>, it is always learned; the
    /// reference's templates of 2025 leave it out (<see cref="ReasoningContentPolicy.Reference"/>).</summary>
    public ReasoningContentPolicy ReasoningContent { get; set; } = ReasoningContentPolicy.Fold;

    /// <summary>The id that rows and batches are padded with, which is never learned. Default: none, which takes the tokenizer's padding token, or its end
    /// token where it has none (Llama's and GPT-2's have none). An end token that closes a turn is learned all the same: what is learned is decided by
    /// place, not by id.</summary>
    public int? PadTokenId { get; set; }

    /// <summary>The longest line of a file, or element of its JSON array, in bytes; 1 to 1 GiB. Default: 64 MiB.</summary>
    public int MaxLineBytes { get; set; } = ConversationReaderOptions.DefaultMaxLineBytes;

    /// <summary>A folder for the token ids of files: the first opening tokenizes the whole file on all cores and writes them there, later ones
    /// read them. The key is the file's bytes, the tokenizer and these settings, so a stale cache is never read; nothing is ever deleted. The
    /// rows of a packed file are unpacked there too, and gone with the data set. Default: none, a line is tokenized when it is read, and what is packed is unpacked to
    /// the system's folder of temporary files.</summary>
    public string? CacheDirectory { get; set; }

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => ConversationReaderOptions.Check(new OptionsFaults(typeof(SftDatasetOptions)), Reading)
        .Require(MaxLength is >= 2 and <= 1 << 20, MaxLength, $"2 to {1 << 20}")
        .Require(Enum.IsDefined(InvalidExamples), InvalidExamples, "Fail or Skip")
        .Require(Enum.IsDefined(Truncation), Truncation, "Cut, Skip or Fail")
        .Require(Enum.IsDefined(ReasoningContent), ReasoningContent, "Fold or Reference")
        .Require(CacheDirectory is null or { Length: > 0 }, "CacheDirectory is empty; expected a folder or null.")
        .Require(PadTokenId is null or >= 0, PadTokenId, "an id, or null")
        .Require(MaxSkippedReasons is >= 0 and <= 1_000_000, MaxSkippedReasons, "0 to 1000000")
        .ThrowIfAny();

    /// <summary>The part of the settings that decides how rows are read.</summary>
    internal ConversationReaderOptions Reading =>
        new() { Roles = Roles, EmptyReplies = EmptyReplies, ConsecutiveTurns = ConsecutiveTurns, MaxLineBytes = MaxLineBytes, Columns = Columns };
}
