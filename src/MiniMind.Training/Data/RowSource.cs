namespace MiniMind.Training;

/// <summary>Where a dataset's rows come from; read by several threads.</summary>
internal abstract class RowSource : IDisposable
{
    public abstract int Count { get; }

    public abstract TokenRow Read(int index);

    /// <summary>Where a row's conversation stands; the line is its number in the source where there is no file.</summary>
    public abstract RowPlace PlaceOf(int index);

    /// <summary>The rows at these indexes; takes over what this source holds open.</summary>
    public abstract RowSource Only(IReadOnlyList<int> indexes);

    public abstract void Dispose();

    /// <summary>Rows in memory.</summary>
    public sealed class Memory(IReadOnlyList<(TokenRow Row, RowPlace Place)> rows) : RowSource
    {
        public override int Count => rows.Count;

        public override TokenRow Read(int index) => rows[index].Row;

        public override RowPlace PlaceOf(int index) => rows[index].Place;

        public override RowSource Only(IReadOnlyList<int> indexes) => new Memory([.. indexes.Select(i => rows[i])]);

        public override void Dispose()
        {
        }
    }

    /// <summary>Rows of files, parsed and tokenized each time they are read.</summary>
    public sealed class Files(RowFiles files, ConversationParser parser, ConversationEncoder encoder) : RowSource
    {
        public override int Count => files.Count;

        public override TokenRow Read(int index) =>
            files.IsClosed(index) ? throw new ObjectDisposedException(nameof(SftDataset)) : files.Read(index, (bytes, place) => encoder.Encode(parser.Parse(bytes, place), place));

        public override RowPlace PlaceOf(int index) => files.PlaceOf(index);

        public override RowSource Only(IReadOnlyList<int> indexes) => new Files(files.Only(indexes), parser, encoder);

        public override void Dispose() => files.Dispose();
    }
}
