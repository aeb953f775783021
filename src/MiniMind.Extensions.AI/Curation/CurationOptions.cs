using Microsoft.Extensions.Options;
using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>What a <see cref="DatasetCurator"/> leaves out. Each filter is off where it is <see langword="null"/>. They are applied in the order in which they stand
/// here, so that what is cheap comes first, and what compares lines sees only what the others have left.</summary>
public sealed record CurationOptions
{
    /// <summary>What becomes of lines that are no conversations. Default: an exception with file and line.</summary>
    public InvalidExamplePolicy InvalidLines { get; set; } = InvalidExamplePolicy.Fail;

    /// <summary>Lines whose text occurred before. Default on.</summary>
    public DuplicateRule? Duplicates { get; set; } = new();

    /// <summary>Problems that the teacher always, or hardly ever, gets right. Default off.</summary>
    public PassRateWindow? PassRate { get; set; }

    /// <summary>Replies that go round in circles. Default on.</summary>
    public RepetitionLimit? Repetition { get; set; } = new();

    /// <summary>Texts in other scripts than those wanted. Default off.</summary>
    public ScriptRule? Scripts { get; set; }

    /// <summary>Conversations and reasoning that are too short or too long for the student. Default off; it needs the student's tokenizer.</summary>
    public LengthWindow? Length { get; set; }

    /// <summary>Questions that share a passage with held-out problems. Default off.</summary>
    public DecontaminationRule? Decontamination { get; set; }

    /// <summary>Lines that say nearly the same as an earlier one. Default off, because problems made from one pattern are near duplicates by design.</summary>
    public NearDuplicateRule? NearDuplicates { get; set; }

    /// <summary>More than so many lines of one problem. Default off.</summary>
    public PerProblemLimit? PerProblem { get; set; }

    /// <summary>More of one category than of the others. Default off.</summary>
    public CategoryBalance? Balance { get; set; }

    /// <summary>How many lines the report shows of what each filter took. Default 3.</summary>
    public int Examples { get; set; } = 3;

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value that is wrong.</exception>
    public void Validate() => new OptionsFaults(typeof(CurationOptions))
        .Require(Enum.IsDefined(InvalidLines), InvalidLines, "one of its values")
        .Require(PassRate is null or { Min: >= 0 and <= 1, Max: >= 0 and <= 1 } && !(PassRate?.Min > PassRate?.Max), PassRate, "shares from 0 to 1, the least not above the most")
        .Require(Repetition is null or { MaxRepetition: >= 0 and <= 1, WindowTokens: >= 1 }, Repetition, "a share from 0 to 1 and a window of 1 or more")
        .Require(Scripts is null or { MinShare: >= 0 and <= 1, Wanted.Count: > 0 }, Scripts, "a share from 0 to 1 and at least one script")
        .Require(Length is null or { MinTokens: >= 0, MaxTokens: >= 1, MaxReasoningTokens: null or >= 0 } && !(Length?.MinTokens > Length?.MaxTokens), Length, "lengths of 0 or more, the least not above the most")
        .Require(Decontamination is null or { HeldOut.Count: > 0, Words: >= 1 }, Decontamination, "held-out texts and 1 or more words")
        .Require(NearDuplicates is null or { Threshold: > 0 and <= 1, Words: >= 1, Hashes: >= 16 and <= 1024 }, NearDuplicates, "a threshold above 0 and at most 1, 1 or more words, 16 to 1,024 hashes")
        .Require(PerProblem is null or { Count: >= 1 }, PerProblem, "1 or more")
        .Require(Balance is null or { MaxRatio: >= 1 }, Balance, "1 or more")
        .Require(Examples >= 0, Examples, "0 or more")
        .ThrowIfAny();
}
