using System.Text.Json;

namespace MiniMind.Training.Tests;

public sealed class ReasoningEvaluationTests
{
    [Theory]
    [InlineData(4, 0, 2, 0)]
    [InlineData(4, 4, 1, 1)]
    [InlineData(4, 1, 4, 1)]
    [InlineData(4, 1, 2, 0.5)]
    [InlineData(4, 2, 2, 1 - (1 / 6.0))]
    public void Pass_at_k_is_the_unbiased_estimate(int samples, int right, int k, double expected) =>
        Assert.Equal(expected, ReasoningEvaluation.PassAtK(samples, right, k), 1e-12);

    [Fact]
    public void Figures_are_counted_over_replies_and_intervals_over_problems()
    {
        var evaluation = EvaluatedReplies.Evaluate("1123", "2222", "11 2", "1212");

        Assert.Equal((4, 4, 6 / 16.0), (evaluation.Problems, evaluation.Samples, evaluation.Accuracy));
        Assert.Equal([1, 2, 4], evaluation.PassAt.Keys);
        Assert.Equal(6 / 16.0, evaluation.PassAt[1], 1e-12);
        Assert.Equal(3 / 4.0, evaluation.PassAt[4], 1e-12);
        Assert.Equal((1 + 0 + 1 + 0.5) / 4, evaluation.MajorityAccuracy, 1e-12);
        Assert.Equal(ConfidenceInterval.Wilson(6 / 16.0, 4), evaluation.AccuracyInterval);
    }

    [Fact]
    public void Each_problem_has_its_replies_and_how_often_they_are_right()
    {
        var evaluation = EvaluatedReplies.Evaluate("1123", "2222", "1111");

        Assert.Equal([0, 1, 2], evaluation.Outcomes.Select(o => o.Index));
        Assert.Equal([0.5, 0, 1], evaluation.Outcomes.Select(o => o.SolvedShare));
        Assert.Equal(["0?", "1?", "2?"], evaluation.Outcomes.Select(o => o.Problem.Turns[0].Content));
        Assert.Equal(evaluation.Replies, evaluation.Outcomes.SelectMany(o => o.Replies));
    }

    [Fact]
    public void Categories_are_counted_on_their_own_in_the_order_of_their_first_problems()
    {
        var evaluation = EvaluatedReplies.Evaluate(("sum", "11"), ("product", "12"), ("sum", "12"), (null, "22"), ("product", "22"));

        Assert.Equal(["sum", "product", null], evaluation.Categories.Select(c => c.Name));
        Assert.Equal([2, 2, 1], evaluation.Categories.Select(c => c.Problems));
        Assert.Equal([0.75, 0.25, 0], evaluation.Categories.Select(c => c.Accuracy));
        Assert.Equal(ConfidenceInterval.Wilson(0.75, 2), evaluation.Categories[0].AccuracyInterval);
        Assert.Equal(evaluation.Accuracy, evaluation.Categories.Sum(c => c.Accuracy * c.Problems) / evaluation.Problems, 1e-12);
    }

    [Fact]
    public void The_table_shows_categories_where_there_are_any_and_one_line_for_each()
    {
        var lines = EvaluatedReplies.Evaluate(("sum", "1"), ("a category\nwith a long name", "2"), (null, "1")).ToTable().Split('\n');

        Assert.Equal("accuracy, sum                          100.0 % (20.7 % to 100.0 %) of 1", lines[2]);
        Assert.Equal("accuracy, a category\uFFFDwith a long name  0.0 % (0.0 % to 79.3 %) of 1", lines[3]);
        Assert.Equal("accuracy, no category                  100.0 % (20.7 % to 100.0 %) of 1", lines[4]);
        Assert.StartsWith("problems                               3", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("accuracy,", EvaluatedReplies.Evaluate("1", "2").ToTable(), StringComparison.Ordinal);
    }

    [Fact]
    public void Saved_figures_have_the_categories_and_saved_replies_their_own()
    {
        var folder = TinyRun.TemporaryFolder();
        var (figures, replies) = (Path.Combine(folder, "figures.json"), Path.Combine(folder, "replies.jsonl"));
        var evaluation = EvaluatedReplies.Evaluate(("sum", "1"), (null, "2"));
        evaluation.Save(figures);
        evaluation.SaveReplies(replies);
        var lines = File.ReadAllLines(replies);
        using var json = JsonDocument.Parse(File.ReadAllText(figures));
        Directory.Delete(folder, recursive: true);

        var first = json.RootElement.GetProperty("categories")[0];
        Assert.Equal(("sum", 1, 1.0), (first.GetProperty("name").GetString(), first.GetProperty("problems").GetInt32(), first.GetProperty("accuracy").GetDouble()));
        Assert.False(json.RootElement.TryGetProperty("outcomes", out _));
        Assert.Contains("\"category\":\"sum\"", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("category", lines[1], StringComparison.Ordinal);
    }
}
