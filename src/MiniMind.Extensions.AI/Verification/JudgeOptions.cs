using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>Settings of <see cref="JudgeVerifier"/>.</summary>
public sealed record JudgeOptions
{
    /// <summary>What the judge is asked, with <c>{question}</c>, <c>{first}</c> and <c>{second}</c> in it: two solutions of which one is the reply's and the other the
    /// expected answer. It must ask for a last line <c>VERDICT: SAME</c> or <c>VERDICT: DIFFERENT</c>.</summary>
    public string ComparisonPrompt { get; set; } =
        """
        Two people answered the question below. Decide whether their final answers mean the same. Ignore how they are written, and which of them you would prefer.

        Question:
        {question}

        First answer:
        {first}

        Second answer:
        {second}

        Think briefly. Then end with one line that is either "VERDICT: SAME" or "VERDICT: DIFFERENT".
        """;

    /// <summary>What the judge is asked about a problem without an expected answer, with <c>{question}</c>, <c>{reasoning}</c> and <c>{answer}</c> in it. It must ask
    /// for a last line <c>VERDICT: RIGHT</c> or <c>VERDICT: WRONG</c>.</summary>
    public string CorrectnessPrompt { get; set; } =
        """
        Somebody answered the question below. Check each step, and decide whether the answer is right.

        Question:
        {question}

        Reasoning:
        {reasoning}

        Answer:
        {answer}

        Think briefly. Then end with one line that is either "VERDICT: RIGHT" or "VERDICT: WRONG".
        """;

    /// <summary>What each request asks of the judge. Default temperature 0.</summary>
    public ChatOptions Chat { get; set; } = new() { Temperature = 0 };

    /// <summary>What the judge is called in descriptions. <see langword="null"/> (default) for the client's provider and model.</summary>
    public string? JudgeId { get; set; }

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value that is wrong.</exception>
    public void Validate() => new OptionsFaults(typeof(JudgeOptions))
        .Require(Holds(ComparisonPrompt, "{question}", "{first}", "{second}"), ComparisonPrompt, "a text with {question}, {first} and {second}")
        .Require(Holds(CorrectnessPrompt, "{question}", "{answer}"), CorrectnessPrompt, "a text with {question} and {answer}")
        .Require(Chat is not null, Chat, "chat options")
        .ThrowIfAny();

    private static bool Holds(string? text, params string[] places) => text is not null && Array.TrueForAll(places, p => text.Contains(p, StringComparison.Ordinal));
}
