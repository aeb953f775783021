using System.Text;
using System.Text.Json;
using CsCheck;

namespace MiniMind.Training.Tests;

public class ArrayScannerTests
{
    private static readonly string[] Values =
        ["{}", "{\"a\":[1,{\"b\":\"]\"}]}", "\"text\"", "\"\\\\\"", "\"\\\"],[\"", "12", "-1.5e3", "null", "true", "[]", "[[],{}]", "{\"\\\\\\\"}\":\"{[\"}", "\"é\""];

    private static readonly string[] Spaces = ["", " ", "\n", "\r\n\t "];

    [Fact]
    public void Elements_are_those_of_a_JSON_reader_however_the_stream_arrives()
    {
        var element = Gen.Select(Gen.Int[0, Values.Length - 1], Gen.Int[0, Spaces.Length - 1], Gen.Int[0, Spaces.Length - 1]);
        Gen.Select(element.Array[0, 8], Gen.Int[1, 9], Gen.Bool).Sample((elements, chunk, mark) =>
        {
            var text = $" [{string.Join(',', elements.Select(e => Spaces[e.Item2] + Values[e.Item1] + Spaces[e.Item3]))}]\n";
            using var document = JsonDocument.Parse(text);
            var expected = document.RootElement.EnumerateArray().Select((e, i) => $"{i + 1}: {e.GetRawText()}");
            return Scan((mark ? "\uFEFF" : string.Empty) + text, chunk, 1000).SequenceEqual(expected);
        });
    }

    [Theory]
    [InlineData("[{}", "rows(element 1): the array does not end behind the element; expected a closing bracket (the file may be cut off)")]
    [InlineData("[", "rows: the array does not end; expected a closing bracket (the file may be cut off)")]
    [InlineData("[{}, {\"a\": \"", "rows(element 1): the array does not end behind the element")]
    [InlineData("[{},]", "rows(element 2): nothing stands where an element is expected; expected an object")]
    [InlineData("[,{}]", "rows(element 1): nothing stands where an element is expected; expected an object")]
    [InlineData("[{} {}]", "rows(element 1): behind the element stands '{'; expected a comma or the end of the array")]
    [InlineData("[{}]\n{}", "rows: behind the array stands '{'; expected the end of the file")]
    [InlineData("[]]", "rows: behind the array stands ']'; expected the end of the file")]
    public void What_is_no_array_is_named_with_its_element(string text, string problem)
    {
        foreach (var chunk in (int[])[1, 3, 100])
            Assert.StartsWith(problem, Assert.Throws<DatasetException>(() => Scan(text, chunk, 1000)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_element_over_the_limit_is_passed_over_in_bounded_memory()
    {
        var long1 = $"{{\"a\":\"{new string('x', 4_000_000)}\\\"]\"}}";
        var scanner = new ArrayScanner(1000, "rows");
        var bytes = Encoding.UTF8.GetBytes($"[{{}},{long1},12]");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = ScannedRows.Of(scanner, bytes, row => (row.Number, row.Length, row.TooLong));

        Assert.Equal([(1, 2, false), (2, long1.Length, true), (3, 2, false)], found);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500_000);
    }

    [Fact]
    public void Rows_are_read_again_from_where_they_stand_and_faults_name_the_element()
    {
        using var file = new TemporaryFile($"[\n  {TestChat.Line("a", "b")},\n  {TestChat.Line("c", "d")}\n]\n");
        using var wrong = new TemporaryFile($"[\n  {TestChat.Line("a", "b")},\n  {{\"conversations\":\n [7]}}\n]\n");
        using var found = TestChat.Open(file.Name);

        Assert.Equal(2, found.Count);
        Assert.Equal([1, 11, 201, 'c' + 1000, 2, 201, 1, 12, 201, 'd' + 1000, 2, 201], found[1].InputIds);
        Assert.Equal(
            $"{wrong.Name}(element 2): turn 1 is a number; expected an object with \"role\" and \"content\"",
            Assert.Throws<DatasetException>(() => TestChat.Open(wrong.Name)).Message);
        Assert.Equal([1L, 2L], new ConversationReader().Read(file.Name).Select(c => c.Line!.Value));
    }

    private static List<string> Scan(string text, int chunk, int limit) => ScannedRows.Of(
        new ArrayScanner(limit, "rows"), Encoding.UTF8.GetBytes(text), row => FormattableString.Invariant($"{row.Number}: {Encoding.UTF8.GetString(row.Bytes.Span)}"), chunk);
}
