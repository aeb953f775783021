using CsCheck;

namespace MiniMind.Tests;

public sealed class TokenSamplerTests
{
    private static readonly Gen<float[]> Logits = Gen.Float[-8, 8].Array[2, 40];

    [Fact]
    public void What_is_kept_are_the_most_likely_tokens_and_their_probabilities_add_up_to_one() =>
        Gen.Select(Logits, Gen.Int[0, 10], Gen.Double[0.05, 1], Gen.Double[0, 1], Gen.Double[0.2, 3]).Sample((logits, topK, topP, minP, temperature) =>
        {
            var options = new GenerationOptions { TopK = topK, TopP = topP, MinP = minP, Temperature = temperature };
            var kept = new TokenSampler(options, 0).Distribution(logits.ToArray(), new HashSet<int>());

            Assert.InRange(kept.Count, 1, topK == 0 ? logits.Length : topK);
            Assert.Equal(1, kept.Sum(k => k.Probability), 1e-9);
            Assert.True(kept.Zip(kept.Skip(1)).All(p => p.First.Probability >= p.Second.Probability));
            Assert.Equal(logits.OrderDescending().Take(kept.Count), kept.Select(k => logits[k.Id]));
        });

    [Fact]
    public void Sampled_tokens_occur_as_often_as_they_are_likely()
    {
        float[] logits = [0, 1, 2, -1];
        var sampler = new TokenSampler(new GenerationOptions { Temperature = 1, Seed = 5 }, 0);
        var expected = sampler.Distribution(logits.ToArray(), new HashSet<int>()).ToDictionary(k => k.Id, k => k.Probability);

        var counts = new int[4];
        for (var i = 0; i < 20_000; i++)
            counts[sampler.Next(logits.ToArray(), new HashSet<int>()).Id]++;

        Assert.All(expected, e => Assert.Equal(e.Value, counts[e.Key] / 20_000.0, 0.015));
    }

    [Theory]
    [InlineData(RepetitionPenaltyForm.Reference, -0.5f)]
    [InlineData(RepetitionPenaltyForm.Standard, -2f)]
    public void The_two_penalties_differ_below_zero(RepetitionPenaltyForm form, float expected)
    {
        float[] logits = [-1, 1, 3];
        new TokenSampler(new GenerationOptions { Temperature = 1, RepetitionPenalty = 2, RepetitionPenaltyForm = form }, 0)
            .Distribution(logits, new HashSet<int> { 0, 1 });

        Assert.Equal([expected, 0.5f, 3], logits);
    }

    [Fact]
    public void Log_probabilities_are_those_of_all_tokens()
    {
        var (id, logProbability) = new TokenSampler(new GenerationOptions { LogProbabilities = true }, 0).Next(new float[] { 0, 0, (float)Math.Log(2) }, new HashSet<int>());

        Assert.Equal(2, id);
        Assert.Equal(Math.Log(0.5), logProbability, 1e-6);
    }
}
