using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Options;

namespace MiniMind;

/// <summary>Trains a byte-level BPE tokenizer (Sennrich et al. 2016, on bytes as in GPT-2), with the same merges that Hugging Face's
/// <c>BpeTrainer</c> learns from the same sequences.</summary>
/// <remarks>Ids: special tokens in their order, then the 256 bytes by their character in the byte-level spelling, then the merges. The most
/// frequent pair is merged first; of equally frequent ones that with the smaller left id, then the smaller right id.</remarks>
public sealed class BpeTrainer
{
    private readonly BpeTrainerOptions _options;

    /// <summary>Creates a trainer.</summary>
    /// <param name="options">Settings; none for the defaults.</param>
    /// <exception cref="OptionsValidationException">The vocabulary is too small for the special tokens and the bytes, the minimum frequency is negative,
    /// or a token is empty or occurs twice; every fault is named.</exception>
    public BpeTrainer(BpeTrainerOptions? options = null)
    {
        options ??= new BpeTrainerOptions();
        options.Validate();
        _options = options with { };
    }

    /// <summary>Trains on texts; each is a sequence of its own, which no merge crosses.</summary>
    /// <param name="texts">The texts; enumerated once. Special tokens in them are text like any other.</param>
    /// <param name="cancellationToken">Stops the training.</param>
    /// <returns>The tokenizer; save it with <see cref="MiniMindTokenizer.Save"/>.</returns>
    /// <exception cref="OperationCanceledException">The training was cancelled.</exception>
    public MiniMindTokenizer Train(IEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var vocabulary = new BpeVocabulary(_options.FixedTokens.Select(t => t.Content));
        var merger = new BpePairMerger(vocabulary, CountWords(texts, cancellationToken));
        while (vocabulary.Count < _options.VocabSize && merger.MergeMostFrequent(_options.MinFrequency))
            cancellationToken.ThrowIfCancellationRequested();

        var tokens = vocabulary.Tokens;
        var json = TokenizerJson.Write(
            _options.Family,
            tokens.Select((token, id) => KeyValuePair.Create(token, id)),
            merger.Merges.Select(m => $"{tokens[m.Left]} {tokens[m.Right]}"),
            _options.FixedTokens,
            before: null);
        var settings = TokenizerJson.WriteSettings(_options.FixedTokens, _options.ChatTemplate);
        return new MiniMindTokenizer(new TokenizerFiles("trained tokenizer", json, settings), _options.ChatTemplate);
    }

    private Dictionary<string, long> CountWords(IEnumerable<string> texts, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var spelled = new StringBuilder();
        var bytes = new byte[256];
        var splitter = _options.Family.CreateSplitter();
        var ends = new List<int>();
        foreach (var text in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var composed = _options.Family.IsComposed ? TextCutter.Composed(text) : text;
            ends.Clear();
            splitter.Split(composed, 0, ends);
            var start = 0;
            foreach (var end in ends)
            {
                var word = composed.AsSpan(start..end);
                start = end;
                if (bytes.Length < Encoding.UTF8.GetMaxByteCount(word.Length))
                    bytes = new byte[Encoding.UTF8.GetMaxByteCount(word.Length)];
                spelled.Clear();
                foreach (var b in bytes.AsSpan(0, Encoding.UTF8.GetBytes(word, bytes)))
                    spelled.Append(ByteAlphabet.Characters[b]);
                CollectionsMarshal.GetValueRefOrAddDefault(counts, spelled.ToString(), out _)++;
            }
        }

        return counts;
    }
}
