using Microsoft.Extensions.Options;
using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>Settings of <see cref="MiniMindChatClient"/>.</summary>
public sealed record MiniMindChatClientOptions
{
    /// <summary>What the model is called in metadata and responses. Default <c>minimind</c>.</summary>
    public string ModelId { get; set; } = "minimind";

    /// <summary>How text is generated where a request's chat options say nothing. Default greedy, at most 512 tokens.</summary>
    public GenerationOptions Generation { get; set; } = new();

    /// <summary>How conversations are rendered where a request's chat options say nothing: thinking, and whether what turns say is text only. Default as
    /// <see cref="ChatTemplateOptions"/>.</summary>
    public ChatTemplateOptions Template { get; set; } = new();

    /// <summary>Whether the reply is given as the model writes it, tags included, as one text; otherwise reasoning is <c>TextReasoningContent</c> and
    /// the answer, without its tags, text. Default false.</summary>
    public bool KeepTags { get; set; }

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value that is wrong.</exception>
    public void Validate() => new OptionsFaults(typeof(MiniMindChatClientOptions))
        .Require(!string.IsNullOrWhiteSpace(ModelId), ModelId, "a name")
        .Nest(Generation is null ? null : Generation.Validate, nameof(Generation))
        .Require(Template is not null, Template, "template options")
        .ThrowIfAny();
}
