using System.Text;

namespace MiniMind.Training.Tests;

public sealed class ConversationReaderTests
{
    private const string Good = """{"conversations":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}""";

    public static TheoryData<string, string> Malformed => MalformedLines.All;

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_line_is_refused_with_file_line_and_reason(string line, string problem)
    {
        using var file = new TemporaryFile($"{Good}\n\r\n{line}\n{Good}\n");
        var fault = Assert.Throws<DatasetException>(() => new ConversationReader().Read(file.Name).Count());
        Assert.StartsWith($"{file.Name}(3): {problem}", fault.Message, StringComparison.Ordinal);
        Assert.Equal(file.Name, fault.File);
        Assert.Equal(3, fault.Line);
        // The dataset's first pass makes no strings and must still see the same.
        var same = Assert.Throws<DatasetException>(() => TestChat.Open(file.Name));
        Assert.Equal(fault.Message, same.Message);
    }

    [Fact]
    public void Invalid_utf8_is_refused_with_its_byte()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(Good + "\n{\"conversations\":[{\"role\":\"user\",\"content\":\"é"), 0xC3, 0x28, .. "\"},{\"role\":\"assistant\",\"content\":\"a\"}]}"u8];
        var fault = Assert.Throws<DatasetException>(() => new ConversationReader().Read(new MemoryStream(bytes), "teacher").Count());
        Assert.Equal("teacher(2): invalid UTF-8 at byte 47 of the line; expected UTF-8 text", fault.Message);
    }

    [Fact]
    public void A_line_over_the_limit_is_refused_and_one_at_the_limit_is_read()
    {
        var reader = new ConversationReader(new ConversationReaderOptions { MaxLineBytes = Good.Length });
        Assert.Equal(2, reader.Read(Stream($"{Good}\r\n{Good}")).Count());
        var fault = Assert.Throws<DatasetException>(() => reader.Read(Stream($"{Good}\n{Good} \n"), "x").Count());
        Assert.Equal($"x(2): the line has {Good.Length + 1} bytes; expected at most {Good.Length} (MaxLineBytes)", fault.Message);
        Assert.Throws<DatasetException>(() => reader.Parse(Good + " "));
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        var missing = Path.Combine(Path.GetTempPath(), "minimind-no-such-file.jsonl");
        var fault = Assert.Throws<DatasetException>(() => new ConversationReader().Read(missing).Count());
        Assert.Equal($"{missing}: there is no such file; expected a JSONL file of conversations", fault.Message);
        Assert.IsType<FileNotFoundException>(fault.InnerException);
        Assert.Null(fault.Line);
        var empty = Directory.CreateTempSubdirectory();
        var folder = Assert.Throws<DatasetException>(() => new ConversationReader().Read(empty.FullName).Count());
        empty.Delete();
        Assert.Equal($"{empty.FullName}: the folder holds no file of conversations; expected .jsonl or .json files, also packed as .gz", folder.Message);
    }

    [Fact]
    public void Byte_order_mark_blank_lines_and_both_line_ends_are_read()
    {
        var found = new ConversationReader().Read(Stream($"\uFEFF{Good}\r\n\n \t\r\n{Good}\n\n{Good}"), "x").ToList();
        Assert.Equal([1L, 4L, 6L], found.Select(c => c.Line!.Value));
        Assert.All(found, c => Assert.Equal("x", c.File));
        Assert.All(found, c => Assert.Equal([new ChatTurn("user", "q"), new ChatTurn("assistant", "a")], c.Turns));
    }

    [Fact]
    public void A_byte_order_mark_later_is_not_white_space()
    {
        var fault = Assert.Throws<DatasetException>(() => new ConversationReader().Read(Stream($"{Good}\n\uFEFF{Good}")).Count());
        Assert.Equal(2, fault.Line);
    }

    [Fact]
    public void A_lone_carriage_return_and_U2028_end_no_line()
    {
        var odd = Good.Replace("q", "p\u2028q\u0085", StringComparison.Ordinal);
        var found = new ConversationReader().Read(Stream($"{odd}\r \r\n{Good}")).ToList();
        Assert.Equal([1L, 2L], found.Select(c => c.Line!.Value));
        Assert.Equal("p\u2028q\u0085", found[0].Turns[0].Content);
        Assert.Throws<DatasetException>(() => new ConversationReader().Read(Stream($"{Good}\r{Good}")).Count());
    }

    [Fact]
    public void Extra_keys_are_ignored_and_reasoning_is_read()
    {
        const string Line = """
            {"id":{"a":[1,{"role":2}]},"conversations":[{"name":"x","content":"q","role":"user","reasoning_content":null},
            {"role":"assistant","content":"\u00e9\ud83c\udf89","reasoning_content":"r"}],"id":2}
            """;
        var turns = new ConversationReader().Parse(Line.Replace("\n", "", StringComparison.Ordinal), "f", 9).Turns;
        Assert.Null(turns[0].ReasoningContent);
        Assert.Equal(new ChatTurn("assistant", "é🎉") { ReasoningContent = "r" }, turns[1]);
    }

    [Fact]
    public void By_position_nothing_is_refused_for_its_roles()
    {
        var reader = new ConversationReader(new ConversationReaderOptions { Roles = RolePolicy.ByPosition, EmptyReplies = EmptyReplyPolicy.Teach });
        var turns = reader.Parse("""{"conversations":[{"role":"tool","content":"1"},{"content":"2"},{"role":7,"role":8,"content":"3"}]}""").Turns;
        Assert.Equal(["user", "assistant", "user"], turns.Select(t => t.Role));
        Assert.Contains("no turns", Refusal("""{"conversations":[]}"""), StringComparison.Ordinal);
        Assert.Contains("no \"content\"", Refusal("""{"conversations":[{}]}"""), StringComparison.Ordinal);
        string Refusal(string line) => Assert.Throws<DatasetException>(() => reader.Parse(line)).Message;
    }

    [Fact]
    public async Task Asynchronous_reading_gives_the_same()
    {
        using var file = new TemporaryFile(string.Join("\r\n", GoldenSftDataset.Rows.Select(r => r.Jsonl)));
        var reader = new ConversationReader(new ConversationReaderOptions { Roles = RolePolicy.ByPosition, EmptyReplies = EmptyReplyPolicy.Teach });
        var found = await reader.ReadAsync(file.Name, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(12, found.Count);
        Assert.Equal(reader.Read(file.Name).SelectMany(c => c.Turns), found.SelectMany(c => c.Turns));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await reader.ReadAsync(file.Name, new CancellationToken(true)).CountAsync(TestContext.Current.CancellationToken));
    }

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));
}
