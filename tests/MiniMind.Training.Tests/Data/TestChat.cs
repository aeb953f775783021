using System.Text.Json;

namespace MiniMind.Training.Tests;

/// <summary>A chat encoding small enough to check by hand: <c>1 role 201 text… 2 201</c> for each turn, one id for each character.</summary>
internal static class TestChat
{
    public static ConversationEncoder Encoder(int maxLength = 64, Action? onEncode = null) => new(
        conversation =>
        {
            onEncode?.Invoke();
            return [.. conversation.Turns.SelectMany(Turn)];
        },
        new AssistantSpans([1, 12], [2]),
        padTokenId: 0,
        maxLength);

    public static SftDataset Open(string path, SftDatasetOptions? options = null, ConversationEncoder? encoder = null) => SftDataset.Open(
        path, encoder ?? Encoder(), options ?? new SftDatasetOptions(), cancellationToken: TestContext.Current.CancellationToken);

    public static Conversation Conversation(string question, string answer) =>
        new([new ChatTurn("user", question), new ChatTurn("assistant", answer)]);

    public static string Line(string question, string answer) => JsonSerializer.Serialize(new
    {
        conversations = new object[] { new { role = "user", content = question }, new { role = "assistant", content = answer } },
    });

    private static IEnumerable<int> Turn(ChatTurn turn) =>
        [1, turn.Role switch { "system" => 10, "user" => 11, _ => 12 }, 201, .. turn.Content.Select(c => c + 1000), 2, 201];
}
