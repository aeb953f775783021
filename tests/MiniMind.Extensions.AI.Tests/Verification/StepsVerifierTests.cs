using System.Globalization;
using System.Text.Json;
using CsCheck;
using MiniMind.Tests;

namespace MiniMind.Extensions.AI.Tests;

public class StepsVerifierTests
{
    [Theory]
    [InlineData("3 + 4 = 7")]
    [InlineData("First, 3 + 4 = 7. Then 7 × 2 = 14!")]
    [InlineData("He has 48/2 = <<48/2=24>>24 clips.")]
    [InlineData("2 + 3 = 5 = 10 / 2")]
    [InlineData("(2 + 3) * 4 = 20, so 20 ÷ 8 = 2.5")]
    [InlineData("1,200 - 350 = 850 dollars and $3.50 * 2 = $7")]
    [InlineData("10 / 3 = 3.33")]
    [InlineData("20% * 50 = 10")]
    [InlineData("3x4=12")]
    [InlineData("Weng earns 12/60 = $0.2 per minute")]
    [InlineData("7 - 10 = -3")]
    [InlineData("1 + 1 = 2, and (75/100)*100 = 75%")]
    [InlineData("1 + 1 = 2, and the boys * 2/3 = 40")]
    [InlineData("1 + 1 = 2, and 60 students x 2/3 = 40")]
    [InlineData("because 3 x (2/3) = 2")]
    [InlineData("2 x 3 x 4 = 24")]
    [InlineData("There are (300/3) x 2 = 100 x 2 = 200 cows")]
    [InlineData("1 + 1 = 2, and 120 books - 20 - 25 - 30 = 45 books")]
    [InlineData("1 + 1 = 2, and e - 20 = 1/5e")]
    [InlineData("1 + 1 = 2, and 15% of $80 = (15/100)*$80 = $12")]
    [InlineData("1 + 1 = 2, and 3*30 = 30 + M trees")]
    [InlineData("1 + 1 = 2, and 26 = 5+3x")]
    [InlineData("1 + 1 = 2, and 6x - 30 = 30")]
    [InlineData("3 x -2 = -6")]
    [InlineData("1 + 1 = 2, and 8/3 = 24/Y")]
    [InlineData("1 + 1 = 2, and 23 = 1/2*(T+M)")]
    [InlineData("a total of 20 + 30 = 50 minutes")]
    [InlineData("1 + 1 = 2, and (2/3) of 60 + 5 = 45")]
    [InlineData("1 + 1 = 2, and D3 = 2 * 322")]
    [InlineData("1 + 1 = 2, and 6:00+48=6:48")]
    [InlineData("- 3 + 4 = 7")]
    [InlineData("* 3 + 4 = 7 litres/day")]
    [InlineData("3 \\times 4 + 1 = 13, and 12 \\div 4 = **3**")]
    public async Task Right_computations_are_right_however_they_are_written(string reasoning) => Assert.True((await VerifyAsync(reasoning)).IsRight, (await VerifyAsync(reasoning)).Reason);

    [Theory]
    [InlineData("3 + 4 = 8", "it is 7")]
    [InlineData("3 + 4 = 7\n7 * 2 = 15", "it is 14")]
    [InlineData("He has 48/2 = <<48/2=25>>24 clips.", "it is 24")]
    [InlineData("2 + 3 = 5 = 11 / 2", "it is 5")]
    [InlineData("10 / 3 = 3.34", "it is 10/3")]
    [InlineData("10 / 3 = 3", "it is 10/3")]
    [InlineData("1 + 1 = 2 and 3 + 4 = 8", "it is 7")]
    [InlineData("3 x (2/3) = 3", "it is 2")]
    [InlineData("a total of 20 + 30 = 60 minutes", "it is 50")]
    [InlineData("- 3 + 4 = 8", "it is 7")]
    [InlineData("3 + 4 = 8 km/h", "it is 7")]
    [InlineData("3 + 4 = **8**", "it is 7")]
    [InlineData("\\[ 3 \\times 4 = 13 \\]", "it is 12")]
    public async Task A_wrong_step_is_named_with_what_is_right(string reasoning, string reason)
    {
        var verdict = await VerifyAsync(reasoning);

        Assert.Equal((false, "wrong step"), (verdict.IsRight, verdict.Cause));
        Assert.Contains(reason, verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x = 5")]
    [InlineData("The total = 12.")]
    [InlineData("a + b = c")]
    [InlineData("it is 12 and 13")]
    [InlineData("5 = 5")]
    public async Task What_is_no_computation_is_passed_over(string reasoning) => Assert.Equal("too few steps", (await VerifyAsync(reasoning)).Cause);

    [Fact]
    public void A_chain_of_right_sums_is_right_and_one_changed_digit_is_wrong() =>
        Gen.Select(Gen.Int[0, 999], Gen.Int[1, 99].List[1, 6], Gen.Int[0, 5], Gen.Int[1, 9]).Sample((start, amounts, at, off) =>
        {
            var lines = new List<string>();
            var total = start;
            for (var i = 0; i < amounts.Count; i++)
            {
                var (sign, result) = i % 3 == 0 ? ('+', total + amounts[i]) : i % 3 == 1 ? ('-', total - amounts[i]) : ('*', total * (amounts[i] % 5));
                var operand = sign == '*' ? amounts[i] % 5 : amounts[i];
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"{total} {sign} {operand} = {result}"));
                total = result;
            }

            var isRight = VerifyAsync(string.Join('\n', lines)).AsTask().Result.IsRight;
            at %= lines.Count;
            var value = int.Parse(lines[at].Split("= ")[1], CultureInfo.InvariantCulture);
            lines[at] = $"{lines[at].Split('=')[0]}= {value + off}";
            return isRight && !VerifyAsync(string.Join('\n', lines)).AsTask().Result.IsRight;
        });

    [Fact]
    public async Task Hostile_lines_take_no_time()
    {
        foreach (var line in new[] { new string('=', 100_000), string.Concat(Enumerable.Repeat("1+", 50_000)) + "=1", string.Concat(Enumerable.Repeat("(", 50_000)) + "=", string.Concat(Enumerable.Repeat("1=", 50_000)), string.Concat(Enumerable.Repeat("<<1=", 20_000)) })
            Assert.False((await VerifyAsync(line)).IsRight);
    }

    /// <summary>Published solutions, written by people: nearly all of their computations are right.</summary>
    [Fact]
    public async Task Nearly_all_published_solutions_of_GSM8K_are_right()
    {
        var (right, wrong, none) = (0, 0, 0);
        var examples = new List<string>();
        foreach (var line in File.ReadLines(SharedFiles.Require("data", "gsm8k", "train.jsonl")))
        {
            var solution = JsonDocument.Parse(line).RootElement.GetProperty("answer").GetString()!;
            var verdict = await VerifyAsync(solution[..solution.LastIndexOf("####", StringComparison.Ordinal)]);
            right += verdict.IsRight ? 1 : 0;
            none += verdict.Cause == "too few steps" ? 1 : 0;
            if (verdict.Cause == "wrong step" && ++wrong <= 12)
                examples.Add(verdict.Reason);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{right} right, {wrong} wrong, {none} without computations\n{string.Join('\n', examples)}");
        Assert.True(right > 0.95 * (right + wrong + none), $"{right} right, {wrong} wrong, {none} without computations:\n{string.Join('\n', examples)}");
    }

    private static ValueTask<ReplyVerdict> VerifyAsync(string reasoning) =>
        new StepsVerifier().VerifyAsync(new HarvestProblem("A question?"), new TeacherReply { Text = "1", Reasoning = reasoning }, TestContext.Current.CancellationToken);
}
