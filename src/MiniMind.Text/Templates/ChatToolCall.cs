namespace MiniMind;

/// <summary>A call of a tool that an assistant's turn makes.</summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">Its arguments, a JSON object. A template writes it as Python's <c>json.dumps</c> does (a space behind each comma and colon),
/// which is what Hugging Face's library makes of an object.</param>
public sealed record ChatToolCall(string Name, string Arguments);
