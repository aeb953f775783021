using LLama.Abstractions;
using LLama.Common;

namespace MiniMind.Samples.LanguageModelTeacher;

/// <summary>A conversation as the prompt a MiniMind model was trained with. llama.cpp's library knows a list of templates by their texts and runs no Jinja,
/// so that LLamaSharp refuses the template in the file.</summary>
internal sealed class TemplateTransform(ChatTemplate template) : IHistoryTransform
{
    public string Render(IEnumerable<ChatTurn> turns) => template.RenderText([.. turns], new ChatTemplateOptions { AddGenerationPrompt = true });

    public string HistoryToText(ChatHistory history) => Render(history.Messages.Select(m => new ChatTurn(Role(m.AuthorRole), m.Content)));

    public ChatHistory TextToHistory(AuthorRole role, string text) => new([new ChatHistory.Message(role, text)]);

    public IHistoryTransform Clone() => this;

    private static string Role(AuthorRole role) => role switch
    {
        AuthorRole.System => "system",
        AuthorRole.Assistant => "assistant",
        _ => "user",
    };
}
