using System.Buffers;

namespace MiniMind.Training;

/// <summary>Turns a conversation into ids and their mask, as the reference's dataset does, but without the padding that is not learned.</summary>
/// <param name="encodeChat">Renders and tokenizes turns; called by several threads.</param>
/// <param name="spans">What is learned.</param>
/// <param name="padTokenId">The id the reference pads with.</param>
/// <param name="maxLength">The most tokens kept.</param>
internal sealed class ConversationEncoder(Func<IReadOnlyList<ChatTurn>, int[]> encodeChat, AssistantSpans spans, int padTokenId, int maxLength)
{
    public int PadTokenId => padTokenId;

    public int MaxLength => maxLength;

    /// <summary>Hash of the tokenizer, where it is one.</summary>
    public Func<byte[]>? TokenizerFingerprint { get; private init; }

    /// <summary>The number of ids that the tokenizer has; null where there is none.</summary>
    public int? VocabSize { get; private init; }

    public static ConversationEncoder For(MiniMindTokenizer tokenizer, SftDatasetOptions options)
    {
        var padTokenId = tokenizer.PadTokenId
            ?? throw new ArgumentException("The tokenizer has no padding token; expected one in its configuration.", nameof(tokenizer));
        var plain = options.ContentAsPlainText;
        return new ConversationEncoder(
            turns => tokenizer.EncodeChat(turns, options: null, contentAsPlainText: plain),
            AssistantSpans.For(tokenizer),
            padTokenId,
            options.MaxLength)
        {
            TokenizerFingerprint = tokenizer.Fingerprint,
            VocabSize = tokenizer.VocabSize,
        };
    }

    public TokenRow Encode(IReadOnlyList<ChatTurn> turns, string? file, long? line)
    {
        var ids = encodeChat(turns);
        var kept = Math.Min(ids.Length, maxLength);
        // The rule sees the row at its full padded length, since an unclosed span reaches into the padding.
        var rented = ArrayPool<int>.Shared.Rent(maxLength);
        try
        {
            var row = rented.AsSpan(0, maxLength);
            ids.AsSpan(0, kept).CopyTo(row);
            row[kept..].Fill(padTokenId);
            var mask = spans.Mask(row);
            if (mask.AsSpan(1).IndexOf((byte)1) < 0)
                throw new DatasetException(NothingToLearn(ids.Length), file, line);
            // One padding token stays as the label of the last token, so that every token is an input, as in the reference.
            var length = Math.Min(maxLength, Math.Max(kept, mask.AsSpan().LastIndexOf((byte)1)) + 1);
            return new TokenRow(row[..length].ToArray(), mask[..length], ids.Length > maxLength);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    private string NothingToLearn(int length) => length > maxLength
        ? FormattableString.Invariant($"the conversation is too long to keep any supervised token: it has {length} tokens, and MaxLength ")
            + FormattableString.Invariant($"keeps {maxLength}; expected an assistant turn that begins within them")
        : FormattableString.Invariant($"none of the conversation's {length} tokens is supervised; expected an assistant turn");
}
