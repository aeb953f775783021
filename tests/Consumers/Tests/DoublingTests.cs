using MiniMind;
using Xunit;

namespace Tests;

public class DoublingTests
{
    [Fact]
    public async Task A_student_is_trained_and_can_be_loaded()
    {
        var folder = Directory.CreateTempSubdirectory("student-").FullName;

        var loss = await Lib.Doubling.TrainAsync(folder, steps: 20, TestContext.Current.CancellationToken);

        Assert.InRange(loss, 0, 20);
        using var student = PretrainedModel.Load(folder);
        using var generator = student.CreateGenerator();
        var reply = await generator.ReplyAsync([new ChatTurn("user", "What is 1 + 1?")], new() { MaxNewTokens = 8 }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.NotEmpty(reply.Ids);
        Directory.Delete(folder, recursive: true);
    }
}
