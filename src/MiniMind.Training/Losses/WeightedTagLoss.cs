using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>
/// Token cross-entropy in which the reasoning tags weigh more: the reference's loss (<c>train_distill_reason.py</c>). Padding never counts;
/// the divisor is the number of supervised tokens before tags are weighted.
/// </summary>
/// <example>
/// <!-- snippet: example-loss -->
/// <code>
/// var loss = new WeightedTagLoss(tokenizer, new WeightedTagLossOptions { TagWeight = 10, Matching = TagMatching.Sequence });
/// TagWeightShares shares = loss.MeasureShares(dataset.Take(1000));
/// Console.WriteLine($"tags have {shares.Tags:P0} of the loss's weight");
/// </code>
/// </example>
public sealed class WeightedTagLoss : ISequenceLoss
{
    private readonly float _tagWeight;
    private readonly TagMatching _matching;
    private readonly int[][] _tags;
    private readonly HashSet<long> _tagIds;
    private readonly TagFinder? _finder;

    /// <summary>Creates the loss for a tokenizer's spelling of the tags.</summary>
    /// <param name="tokenizer">Encodes the tags.</param>
    /// <param name="options">Settings; none for the reference's.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings are wrong.</exception>
    public WeightedTagLoss(MiniMindTokenizer tokenizer, WeightedTagLossOptions? options = null)
        : this(EncodeTags(tokenizer, options ??= new()), options)
    {
        _finder = new TagFinder(tokenizer, options.ResolvedTags);
    }

    private WeightedTagLoss(IEnumerable<IReadOnlyList<int>> tags, WeightedTagLossOptions options)
    {
        options.Validate();
        _tagWeight = (float)options.TagWeight;
        _matching = options.Matching;
        ComponentNames = options.ReportComponents ? ["tags", "text"] : [];
        _tags = [.. tags.Select(t => t.ToArray()).OrderByDescending(t => t.Length)];
        if (_tags.Any(t => t.Length == 0))
            throw new ArgumentException("a tag has no ids", nameof(tags));
        _tagIds = [.. _tags.SelectMany(t => t).Select(id => (long)id)];
    }

    /// <summary>Creates the loss for given tag ids.</summary>
    /// <param name="tags">The id sequence of each tag.</param>
    /// <param name="options">Settings (its texts are not used); none for the reference's.</param>
    /// <returns>The loss.</returns>
    /// <exception cref="ArgumentException">A tag has no ids.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings are wrong.</exception>
    public static WeightedTagLoss FromTagIds(IEnumerable<IReadOnlyList<int>> tags, WeightedTagLossOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tags);
        return new(tags, options ?? new());
    }

    /// <inheritdoc/>
    public string? Description => string.Create(
        CultureInfo.InvariantCulture, $"{nameof(WeightedTagLoss)} with weight {_tagWeight}, {_matching}, tags [{string.Join("] [", _tags.Select(t => string.Join(' ', t)))}]");

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">No position of the batch is supervised.</exception>
    public LossTargets SelectTargets(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.SupervisedTokens == 0)
            throw new ArgumentException(
                $"the batch{(batch.Indices.Length == 0 ? string.Empty : $" of examples {string.Join(", ", batch.Indices)}")} has no supervised token; expected at least one", nameof(batch));

        var weights = new float[batch.Labels.Length];
        foreach (var (start, length) in batch.Layout.Sequences)
        {
            var labels = batch.Labels.AsSpan(start, length);
            var mask = batch.LossMask.AsSpan(start, length);
            Weigh(labels, mask, weights.AsSpan(start, length));
        }

        long[] positions = [.. Enumerable.Range(0, weights.Length).Where(i => weights[i] != 0)];
        return new LossTargets
        {
            Positions = positions,
            Labels = Array.ConvertAll(positions, i => batch.Labels[i]),
            Weights = Array.ConvertAll(positions, i => weights[i]),
            Divisor = batch.SupervisedTokens,
        };
    }

    /// <summary><c>tags</c> and <c>text</c> where <see cref="WeightedTagLossOptions.ReportComponents"/> asks for them.</summary>
    public IReadOnlyList<string> ComponentNames { get; }

    /// <inheritdoc/>
    public Tensor Sum(Tensor logits, Tensor labels, Tensor weights)
    {
        using var scope = NewDisposeScope();
        var losses_N = nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None);
        var weighted_N = losses_N * weights;
        var sum = weighted_N.sum();
        if (ComponentNames.Count == 0)
            return sum.MoveToOuterDisposeScope();
        var isTag_N = weights.IsEqualTo(_tagWeight);
        var apart_N = weighted_N.detach();
        return stack([sum, (apart_N * isTag_N).sum(), (apart_N * isTag_N.logical_not()).sum()]).MoveToOuterDisposeScope();
    }

    /// <summary>Tells how the loss's weight is divided over examples: how much tags have of it, and how much what only looks like tags.</summary>
    /// <param name="examples">The examples, or some of them; enumerated once.</param>
    /// <returns>The shares.</returns>
    /// <exception cref="ArgumentException">No token of the examples is supervised.</exception>
    public TagWeightShares MeasureShares(IEnumerable<SftExample> examples)
    {
        ArgumentNullException.ThrowIfNull(examples);
        var (total, tags, shared, unsupervised, missed) = (0.0, 0.0, 0.0, 0.0, 0);
        foreach (var example in examples)
        {
            var labels = Array.ConvertAll(example.Labels, id => (long)id);
            var weights = new float[labels.Length];
            Weigh(labels, example.LossMask, weights);
            total += weights.Sum(w => (double)w);
            var found = FindTags(labels, example.LossMask);
            missed += found.Count(tag => weights.AsSpan(tag.Start, tag.Length).ContainsAnyExcept(_tagWeight));
            var isTag = new bool[labels.Length];
            foreach (var (start, length) in found)
                isTag.AsSpan(start, length).Fill(true);
            for (var t = 0; t < labels.Length; t++)
            {
                if (isTag[t])
                    tags += weights[t];
                else if (example.LossMask[t] == 0)
                    unsupervised += weights[t];
                else if (_matching == TagMatching.AnyToken && _tagIds.Contains(labels[t]))
                    shared += weights[t];
            }
        }

        return total > 0
            ? new TagWeightShares { Tags = tags / total, SharedIds = shared / total, Unsupervised = unsupervised / total, MissedTags = missed }
            : throw new ArgumentException("no token of the examples is supervised; expected at least one", nameof(examples));
    }

    private static IEnumerable<IReadOnlyList<int>> EncodeTags(MiniMindTokenizer tokenizer, WeightedTagLossOptions options)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        options.Validate();
        return options.ResolvedTags.Select(tag => tokenizer.Encode(tag, addSpecialTokens: false));
    }

    private void Weigh(ReadOnlySpan<long> labels, ReadOnlySpan<byte> mask, Span<float> weights)
    {
        for (var t = 0; t < labels.Length; t++)
            weights[t] = mask[t];
        if (_matching == TagMatching.AnyToken)
            WeighAnyToken(labels, weights);
        else
            WeighSequences(labels, mask, weights);
    }

    private void WeighAnyToken(ReadOnlySpan<long> labels, Span<float> weights)
    {
        for (var t = 0; t < labels.Length; t++)
            if (_tagIds.Contains(labels[t]))
                weights[t] = _tagWeight;
    }

    private void WeighSequences(ReadOnlySpan<long> labels, ReadOnlySpan<byte> mask, Span<float> weights)
    {
        foreach (var (start, length) in FindTags(labels, mask))
            weights.Slice(start, length).Fill(_tagWeight);
    }

    private List<(int Start, int Length)> FindTags(ReadOnlySpan<long> labels, ReadOnlySpan<byte> mask)
    {
        if (_finder is not null)
            return _finder.Find(labels, mask);
        var found = new List<(int Start, int Length)>();
        for (var t = 0; t < labels.Length;)
        {
            var length = TagLengthAt(labels[t..], mask[t..]);
            if (length > 0)
                found.Add((t, length));
            t += Math.Max(1, length);
        }

        return found;
    }

    private int TagLengthAt(ReadOnlySpan<long> labels, ReadOnlySpan<byte> mask)
    {
        foreach (var tag in _tags)
        {
            var matched = 0;
            while (matched < tag.Length && matched < labels.Length && labels[matched] == tag[matched] && mask[matched] != 0)
                matched++;
            if (matched == tag.Length)
                return matched;
        }

        return 0;
    }
}
