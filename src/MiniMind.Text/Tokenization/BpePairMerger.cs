using System.Runtime.InteropServices;

namespace MiniMind;

/// <summary>The words of a corpus as ids, and the counts of adjacent pairs, kept up to date while pairs are merged.</summary>
internal sealed class BpePairMerger
{
    private readonly BpeVocabulary _vocabulary;
    private readonly List<(List<int> Ids, long Count)> _words;
    private readonly Dictionary<(int Left, int Right), long> _counts = [];
    private readonly PriorityQueue<Candidate, Candidate> _queue = new(Candidate.MostFrequentFirst);
    private readonly List<(int Left, int Right)> _merges = [];

    public BpePairMerger(BpeVocabulary vocabulary, Dictionary<string, long> wordCounts)
    {
        _vocabulary = vocabulary;
        _words = [.. wordCounts.Select(w => (w.Key.Select(vocabulary.IdOf).ToList(), w.Value))];
        var places = new Dictionary<(int Left, int Right), HashSet<int>>();
        for (var w = 0; w < _words.Count; w++)
            for (var i = 0; i + 1 < _words[w].Ids.Count; i++)
                Change((_words[w].Ids[i], _words[w].Ids[i + 1]), +1, w, places);
        Enqueue(places);
    }

    /// <summary>The merges so far, in order. A pair whose two parts were merged again later counts from then on.</summary>
    public IReadOnlyList<(int Left, int Right)> Merges
    {
        get
        {
            var last = _merges.Select((pair, order) => (pair, order)).GroupBy(m => m.pair).ToDictionary(g => g.Key, g => g.Max(m => m.order));
            return [.. _merges.Where((pair, order) => last[pair] == order)];
        }
    }

    /// <summary>Merges the most frequent pair everywhere.</summary>
    /// <returns>False when no pair is left, or none that is frequent enough.</returns>
    public bool MergeMostFrequent(long minimumFrequency)
    {
        while (_queue.TryDequeue(out var candidate, out _))
        {
            var count = _counts[candidate.Pair];
            if (candidate.Count != count)
            {
                candidate = candidate with { Count = count };
                _queue.Enqueue(candidate, candidate);
                continue;
            }

            if (count < Math.Max(1, minimumFrequency))
                return false;
            Merge(candidate);
            return true;
        }

        return false;
    }

    private void Merge(Candidate candidate)
    {
        var (left, right) = candidate.Pair;
        var joined = _vocabulary.Join(left, right);
        _merges.Add(candidate.Pair);
        var places = new Dictionary<(int Left, int Right), HashSet<int>>();
        foreach (var w in candidate.Words)
        {
            var ids = _words[w].Ids;
            for (var i = 0; i + 1 < ids.Count; i++)
            {
                if (ids[i] != left || ids[i + 1] != right)
                    continue;
                if (i > 0)
                {
                    Change((ids[i - 1], left), -1, w, places);
                    Change((ids[i - 1], joined), +1, w, places);
                }

                ids[i] = joined;
                ids.RemoveAt(i + 1);
                if (i + 1 < ids.Count)
                {
                    Change((right, ids[i + 1]), -1, w, places);
                    Change((joined, ids[i + 1]), +1, w, places);
                }
            }
        }

        Enqueue(places);
    }

    private void Change((int Left, int Right) pair, int sign, int word, Dictionary<(int Left, int Right), HashSet<int>> places)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += sign * _words[word].Count;
        if (sign > 0)
            (CollectionsMarshal.GetValueRefOrAddDefault(places, pair, out _) ??= []).Add(word);
    }

    private void Enqueue(Dictionary<(int Left, int Right), HashSet<int>> places)
    {
        foreach (var (pair, words) in places)
            if (_counts[pair] is > 0 and var count)
            {
                var candidate = new Candidate(pair, count, words);
                _queue.Enqueue(candidate, candidate);
            }
    }

    private sealed record Candidate((int Left, int Right) Pair, long Count, HashSet<int> Words)
    {
        public static IComparer<Candidate> MostFrequentFirst { get; } = Comparer<Candidate>.Create((a, b) =>
            a.Count != b.Count ? b.Count.CompareTo(a.Count) : a.Pair.CompareTo(b.Pair));
    }
}
