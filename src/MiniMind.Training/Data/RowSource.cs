namespace MiniMind.Training;

/// <summary>Where a dataset's rows come from; read by several threads.</summary>
internal abstract class RowSource : IDisposable
{
    public abstract int Count { get; }

    public abstract TokenRow Read(int index);

    /// <summary>Where a row's conversation stands; the line is its number in the source where there is no file.</summary>
    public abstract (string? File, long? Line) PlaceOf(int index);

    /// <summary>The rows at these indexes; takes over what this source holds open.</summary>
    public abstract RowSource Only(IReadOnlyList<int> indexes);

    public abstract void Dispose();

    /// <summary>Rows in memory.</summary>
    public sealed class Memory(IReadOnlyList<(TokenRow Row, string? File, long Line)> rows) : RowSource
    {
        public override int Count => rows.Count;

        public override TokenRow Read(int index) => rows[index].Row;

        public override (string? File, long? Line) PlaceOf(int index) => (rows[index].File, rows[index].Line);

        public override RowSource Only(IReadOnlyList<int> indexes) => new Memory([.. indexes.Select(i => rows[i])]);

        public override void Dispose()
        {
        }
    }

    /// <summary>Lines of a file, parsed and tokenized each time they are read.</summary>
    public sealed class Jsonl(JsonlFile file, ConversationParser parser, ConversationEncoder encoder) : RowSource
    {
        public override int Count => file.Count;

        public override TokenRow Read(int index) =>
            file.Read(index, (bytes, line) => encoder.Encode(parser.Parse(bytes, file.Path, line), file.Path, line));

        public override (string? File, long? Line) PlaceOf(int index) => (file.Path, file.Number(index));

        public override RowSource Only(IReadOnlyList<int> indexes) => new Jsonl(file.Only(indexes), parser, encoder);

        public override void Dispose() => file.Dispose();
    }
}
