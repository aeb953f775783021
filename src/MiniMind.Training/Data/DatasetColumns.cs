namespace MiniMind.Training;

/// <summary>Which columns hold the list of turns, or question, reasoning and answer. What is not given is recognised by its usual names; a row that can be read in two
/// ways is refused until one is given. An empty name says that there is none: with <c>Reasoning = ""</c> no column is taken for reasoning. In a
/// row without a list of turns, names are found whatever the case of their letters.</summary>
public sealed record DatasetColumns
{
    /// <summary>The list of turns, each an object with role and content, or a text (the user's first, then in turn). <see langword="null"/> (default): <c>conversations</c> or
    /// <c>messages</c>. If it ends with the user's turn, <see cref="Answer"/> and <see cref="Reasoning"/> name its reply.</summary>
    public string? Turns { get; set; }

    /// <summary>The user's question; if it is given, a list of turns in the row is not read. <see langword="null"/> (default): <c>question</c>, <c>problem</c>, <c>prompt</c>, <c>query</c> or <c>instruction</c>, which <c>input</c>
    /// or <c>context</c> goes on.</summary>
    public string? Question { get; set; }

    /// <summary>The assistant's reasoning. <see langword="null"/> (default): <c>reasoning</c>, <c>reasoning_content</c>, <c>thinking</c>, <c>thought</c>, <c>rationale</c>, <c>cot</c>,
    /// <c>complex_cot</c> or <c>chain_of_thought</c>, if one of them is there; else, of an answer with <c>####</c> (GSM8K), what stands before.</summary>
    public string? Reasoning { get; set; }

    /// <summary>The assistant's answer. <see langword="null"/> (default): <c>answer</c>, <c>response</c>, <c>output</c>, <c>solution</c>, <c>completion</c> or <c>target</c>.</summary>
    public string? Answer { get; set; }

    /// <summary>The system's turn. <see langword="null"/> (default): <c>system</c> or <c>system_prompt</c>, if it is there.</summary>
    public string? System { get; set; }

    /// <summary>The tools that are offered: a list of JSON objects, or its text. <see langword="null"/> (default): <c>tools</c>, if it is there.</summary>
    public string? Tools { get; set; }
}
