using System.Buffers;

namespace MiniMind.Training;

/// <summary>Turns a conversation into ids and their mask, as the reference's dataset does, but without the padding that is not learned.</summary>
/// <param name="encodeChat">Renders and tokenizes a conversation; called by several threads.</param>
/// <param name="spans">What is learned.</param>
/// <param name="padTokenId">The id the reference pads with.</param>
/// <param name="maxLength">The most tokens kept.</param>
/// <param name="truncation">What happens to a longer conversation.</param>
/// <param name="decode">The text of ids, in which closing tags are looked for; none if nobody asks for them.</param>
internal sealed class ConversationEncoder(
    Func<Conversation, int[]> encodeChat,
    AssistantSpans spans,
    int padTokenId,
    int maxLength,
    TruncationPolicy truncation = TruncationPolicy.Cut,
    Func<IEnumerable<int>, string>? decode = null)
{
    public int PadTokenId => padTokenId;

    public int MaxLength => maxLength;

    /// <summary>The tokenizer, where it is one.</summary>
    public MiniMindTokenizer? Tokenizer { get; private init; }

    public static ConversationEncoder For(MiniMindTokenizer tokenizer, SftDatasetOptions options)
    {
        var padTokenId = options.PadTokenId ?? tokenizer.PadTokenId ?? tokenizer.EosTokenId ?? throw new ArgumentException(
            $"The tokenizer has neither a padding token nor an end token; expected one in its configuration, or {nameof(SftDatasetOptions)}.{nameof(SftDatasetOptions.PadTokenId)}.",
            nameof(tokenizer));
        if (padTokenId >= tokenizer.VocabSize)
            throw new ArgumentException(
                $"{nameof(SftDatasetOptions)}.{nameof(SftDatasetOptions.PadTokenId)} is {padTokenId}; expected an id of the tokenizer, below {tokenizer.VocabSize}.", nameof(options));
        var template = new ChatTemplateOptions { ContentAsPlainText = options.ContentAsPlainText, ReasoningContent = options.ReasoningContent };
        return new ConversationEncoder(
            conversation => tokenizer.EncodeChat(conversation.Turns, conversation.Tools.Count == 0 ? template : template with { Tools = conversation.Tools }),
            AssistantSpans.For(tokenizer), padTokenId, options.MaxLength, options.Truncation, tokenizer.Decode)
        {
            Tokenizer = tokenizer,
        };
    }

    public TokenRow Encode(Conversation conversation, RowPlace place)
    {
        var ids = EncodeChat(conversation, place);
        if (ids.Length > maxLength && truncation != TruncationPolicy.Cut)
            throw new DatasetException(TooLong(ids.Length), place) { IsTooLong = true };
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
                throw new DatasetException(NothingToLearn(ids.Length), place);
            // One padding token stays as the label of the last token, so that every token is an input, as in the reference.
            var length = Math.Min(maxLength, Math.Max(kept, mask.AsSpan().LastIndexOf((byte)1)) + 1);
            return new TokenRow(row[..length].ToArray(), mask[..length], CutOf(ids));
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    private int[] EncodeChat(Conversation conversation, RowPlace place)
    {
        try
        {
            return encodeChat(conversation);
        }
        catch (ChatTemplateException e)
        {
            // Tools are offered in most rows of such sets, whether a row calls one or not.
            var hasToolsOnly = conversation.Tools.Count > 0 && conversation.Turns.All(turn => turn.ToolCalls.Count == 0 && turn.Role != RoleOrder.Tool);
            throw new DatasetException(hasToolsOnly ? $"{e.Message.TrimEnd('.')} (Columns.Tools = \"\" leaves the tools out)" : e.Message, place, e);
        }
    }

    /// <summary>Tags are looked for in the text, because their ids depend on what stands beside them.</summary>
    private RowCut CutOf(int[] ids)
    {
        if (ids.Length <= maxLength)
            return RowCut.None;
        return decode is not null && ClosingTags(decode(ids.Take(maxLength))) < ClosingTags(decode(ids)) ? RowCut.ClosingTag : RowCut.Tokens;
    }

    private static int ClosingTags(string text) => text.AsSpan().Count(ReasoningTags.EndThink) + text.AsSpan().Count(ReasoningTags.EndAnswer);

    private string TooLong(int length) => FormattableString.Invariant(
        $"the conversation has {length} tokens; expected at most {maxLength} (MaxLength), since Truncation is {truncation}");

    private string NothingToLearn(int length) => length > maxLength
        ? FormattableString.Invariant($"the conversation is too long to keep any supervised token: it has {length} tokens, and MaxLength ")
            + FormattableString.Invariant($"keeps {maxLength}; expected an assistant turn that begins within them")
        : FormattableString.Invariant($"none of the conversation's {length} tokens is supervised; expected an assistant turn");
}
