namespace MiniMind;

/// <summary>A call of a tool that an assistant's turn makes.</summary>
public sealed record ChatToolCall
{
    /// <summary>Creates a call.</summary>
    /// <param name="name">The tool's name.</param>
    /// <param name="arguments">Its arguments, a JSON object. A template writes it as Python's <c>json.dumps</c> does (a space behind each comma and colon), which is what Hugging Face's library makes of an object.</param>
    public ChatToolCall(string name, string arguments)
    {
        (Name, Arguments) = (name, arguments);
    }

    /// <summary>The tool's name.</summary>
    public string Name { get; init; }

    /// <summary>Its arguments, a JSON object. A template writes it as Python's <c>json.dumps</c> does (a space behind each comma and colon), which is what Hugging Face's library makes of an object.</summary>
    public string Arguments { get; init; }
}
