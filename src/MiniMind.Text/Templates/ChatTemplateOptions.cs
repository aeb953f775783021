namespace MiniMind;

/// <summary>How a conversation is rendered and encoded.</summary>
public sealed record ChatTemplateOptions
{
    /// <summary>Whether the text ends by opening an assistant turn. Default false. The early-2025 template opens one after every user turn,
    /// whatever this says, as the reference does.</summary>
    public bool AddGenerationPrompt { get; set; }

    /// <summary>Whether the opened turn is to begin with reasoning: false writes an empty think block, true opens one (minimind-3) or leaves
    /// it to the model (MiniMind2, Qwen3). <see langword="null"/> (default) is what the template's own switch means when it is not given:
    /// MiniMind2 and Qwen3 leave it to the model, minimind-3 writes an empty block. The other templates have no such switch.</summary>
    public bool? Thinking { get; set; }

    /// <summary>What becomes of reasoning that is kept apart from its reply. Default <see cref="ReasoningContentPolicy.Fold"/>: it is always
    /// written; the reference's is <see cref="ReasoningContentPolicy.Reference"/>.</summary>
    public ReasoningContentPolicy ReasoningContent { get; set; }

    /// <summary>Whether what somebody in the conversation wrote is encoded as text, so that it cannot open or close a turn whatever it spells. Of a
    /// system or user turn no added token is taken, <c>&lt;think&gt;</c> and the other tags included; of an assistant's turn only those that do not
    /// steer the conversation: the reasoning tags, which the student is taught, and added tokens that are not special and that the template does not
    /// open or end turns with. Default true; false is the reference's way, in which text that spells an added token becomes that token. The rendered
    /// text is the same.</summary>
    public bool ContentAsPlainText { get; set; } = true;

    /// <summary>The tools that are offered, each a JSON object as its template wants it, usually <c>{"type": "function", "function": {…}}</c>; written as
    /// Python's <c>json.dumps</c> does. Default none.</summary>
    public IReadOnlyList<string> Tools { get; set; } = [];

    /// <summary>Today's date as <see cref="ChatTemplate.Llama31"/> writes it; other templates write none. Default <c>26 Jul 2024</c>, which is what the
    /// published template has where it knows no other, so that the same conversation is the same text on every day.</summary>
    public string Date { get; set; } = "26 Jul 2024";
}
