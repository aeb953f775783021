// A web application: POST /train trains a student of the container, GET /ask asks the student in the folder of the first argument.
using Microsoft.Extensions.AI;
using MiniMind;
using MiniMind.Training;

var builder = WebApplication.CreateBuilder(args);
Conversation[] lessons = [.. Enumerable.Range(0, 64).Select(i => new Conversation([
    new ChatTurn("user", $"What is {i} + {i}?"), new ChatTurn("assistant", ReasoningReply.Compose($"{i} + {i} = {i + i}", $"{i + i}"))]))];
builder.Services.AddReasonDistillation("doubles")
    .Configure(o => (o.Epochs, o.Sampling.BatchSize) = (1, 8))
    .UseTokenizer(_ => new BpeTrainer(new() { VocabSize = 320 }).Train(lessons.SelectMany(l => l.Turns).Select(t => t.Content)))
    .UseDataset(services => SftDataset.FromConversations(lessons, services.GetRequiredKeyedService<MiniMindTokenizer>("doubles")))
    .UseModel(_ => new MiniMindLM(new() { Dim = 64, NLayers = 2, NHeads = 4, VocabSize = 320 }, seed: 1));
builder.Services.AddMiniMindChatClient(args[0], o => o.KeepTags = true);

var app = builder.Build();
app.MapPost("/train", async (IReasonDistillTrainerFactory trainings, CancellationToken cancellationToken) =>
{
    await using var trainer = trainings.Create("doubles");
    var result = await trainer.RunAsync(cancellationToken);
    return Results.Ok(new { result.Steps, result.FirstLoss, result.LastLoss });
});
app.MapGet("/ask", async (IChatClient student, string q, CancellationToken cancellationToken) =>
    (await student.GetResponseAsync(q, cancellationToken: cancellationToken)).Text);
app.Run();
