using System.Globalization;
using System.Text;

namespace MiniMind.Samples;

/// <summary>Writes word problems of two and three steps and their solutions, one line for each step. No problem occurs twice, so that a part which
/// is set aside is unseen.</summary>
internal sealed class WordProblemWriter(int seed)
{
    private const int LargestNumber = 30;
    private const int LargestAmount = 9;

    private static readonly string[] Names = ["Anna", "Ben", "Clara", "David", "Ella", "Finn", "Grace", "Hugo"];
    private static readonly string[] Things = ["apples", "books", "coins", "marbles", "stamps", "pencils"];
    private static readonly string[] Gains = ["buys {0} more", "finds {0} more", "gets {0} more as a gift"];
    private static readonly string[] Losses = ["gives away {0}", "loses {0}", "sells {0}"];

    private readonly Random _random = new(seed);
    private readonly HashSet<string> _seen = [];

    /// <summary>Writes problems until there are <paramref name="count"/> different ones.</summary>
    public IReadOnlyList<WordProblem> Write(int count)
    {
        var problems = new List<WordProblem>(count);
        while (problems.Count < count)
        {
            var problem = Next();
            if (_seen.Add(problem.Question))
                problems.Add(problem);
        }

        return problems;
    }

    private WordProblem Next()
    {
        var (name, thing) = (Pick(Names), Pick(Things));
        var total = _random.Next(2, LargestNumber - LargestAmount);
        var question = new StringBuilder($"{name} has {total} {thing}.");
        var reasoning = new List<string>();
        for (var steps = _random.Next(2, 4); steps > 0; steps--)
        {
            var before = total;
            var gains = total <= 1 || (total + LargestAmount <= LargestNumber && _random.Next(2) == 0);
            var amount = _random.Next(1, Math.Min(LargestAmount, gains ? LargestNumber - total : total) + 1);
            total += gains ? amount : -amount;
            var action = string.Format(CultureInfo.InvariantCulture, Pick(gains ? Gains : Losses), amount);
            question.Append(CultureInfo.InvariantCulture, $" {name} {action}.");
            reasoning.Add(string.Create(CultureInfo.InvariantCulture, $"{before} {(gains ? '+' : '-')} {amount} = {total}"));
        }

        question.Append(CultureInfo.InvariantCulture, $" How many {thing} does {name} have now?");
        return new WordProblem(question.ToString(), string.Join('\n', reasoning), total.ToString(CultureInfo.InvariantCulture));
    }

    private string Pick(string[] choices) => choices[_random.Next(choices.Length)];
}
