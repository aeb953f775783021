using MiniMind;
using MiniMind.Training;
using Xunit;

namespace MiniMindApp1.Tests;

public class LessonsTests
{
    private static string Lessons => Path.Combine(AppContext.BaseDirectory, "lessons.jsonl");

    [Fact]
    public void Every_lesson_reasons_and_answers_in_the_format_that_the_student_is_taught()
    {
        foreach (var lesson in new ConversationReader().Read(Lessons))
            Assert.True(ReasoningFormat.ThinkThenAnswer.IsMatch(lesson.Turns[^1].Content), $"line {lesson.Line}");
    }

    [Fact]
    public void No_lesson_is_cut()
    {
        var tokenizer = new BpeTrainer(new() { VocabSize = 400 })
            .Train(new ConversationReader().Read(Lessons).SelectMany(l => l.Turns).Select(t => t.Content), TestContext.Current.CancellationToken);
        using var dataset = SftDataset.Open(Lessons, tokenizer, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(0, dataset.Measure(TestContext.Current.CancellationToken).TruncatedCount);
    }
}
