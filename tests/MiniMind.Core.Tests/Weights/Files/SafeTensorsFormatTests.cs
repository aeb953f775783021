using System.Text;
using CsCheck;

namespace MiniMind.Tests;

public sealed class SafeTensorsFormatTests : IDisposable
{
    private const string Entry = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"minimind-{Guid.NewGuid():N}.safetensors");

    public static TheoryData<string, int, string> MalformedHeaders => new()
    {
        { "", 0, "the header does not start with '{'" },
        { " {}", 0, "the header does not start with '{'" },
        { "[]", 0, "the header does not start with '{'" },
        { "\uFEFF{}", 0, "the header does not start with '{'" },
        { "{", 0, "the header is not valid JSON" },
        { "{} x", 0, "the header is not valid JSON" },
        { "{}{}", 0, "the header is not valid JSON" },
        { """{"\ud800":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 4, "the header is not valid JSON" },
        { "{}", 4, "the tensors cover 0 bytes of data, but the file has 4." },
        { """{"a":1}""", 0, "tensor 'a': the entry is 1, expected an object" },
        { """{"a":null}""", 0, "tensor 'a': the entry is null, expected an object" },
        { """{"a":{}}""", 0, "tensor 'a': dtype is missing." },
        { """{"a":{"dtype":"F32"}}""", 0, "tensor 'a': shape is missing." },
        { """{"a":{"dtype":"F32","shape":[]}}""", 4, "tensor 'a': data_offsets is missing." },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"stride":[1]}}""", 8, "tensor 'a': unknown field 'stride'" },
        { """{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "tensor 'a': dtype occurs twice." },
        { """{"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}""", 8, "tensor 'a': dtype is 7, expected a string." },
        { """{"a":{"dtype":"f32","shape":[2],"data_offsets":[0,8]}}""", 8, "dtype 'f32' is none of the format's, expected one of F64" },
        { """{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", 8, "tensor 'a': shape is 2, expected an array." },
        { """{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "tensor 'a': shape[0] is -2, expected an integer from 0" },
        { """{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}""", 0, "tensor 'a': shape[0] is -0, expected an integer from 0" },
        { """{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}""", 8, "tensor 'a': shape[0] is 2.0, expected an integer" },
        { """{"a":{"dtype":"F32","shape":[1,2e0],"data_offsets":[0,8]}}""", 8, "tensor 'a': shape[1] is 2e0, expected an integer" },
        { """{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""", 8, "tensor 'a': shape[0] is a string, expected an integer" },
        { """{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}""", 8, "shape[0] is 9223372036854775808, expected" },
        { """{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}""", 8, "is larger than 64 bits can count." },
        { """{"a":{"dtype":"F32","shape":[4611686018427387904,2,0],"data_offsets":[0,0]}}""", 0, "is larger than 64 bits can count." },
        { """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "is [0, 8], 8 bytes; expected 12 bytes for shape [3] of F32." },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", 8, "tensor 'a': data_offsets has more than 2 elements." },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[8]}}""", 8, "tensor 'a': data_offsets has 1 elements, expected 2" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "data_offsets is [8, 0]: it ends before it begins." },
        { Entry, 7, "tensor 'a': data_offsets is [0, 8], but the file has 7 bytes of data: it is truncated." },
        { Entry, 9, "the tensors cover 8 bytes of data, but the file has 9." },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "begins at 4, expected 0: the data has a hole before it." },
        {
            """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}}""", 9,
            "tensor 'b': data_offsets begins at 5, expected 4: the data has a hole before it."
        },
        {
            """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""", 6,
            "tensor 'b': data_offsets begins at 2, expected 4: the data has an overlap with another tensor."
        },
        {
            """{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0,
            "tensor 'a': the name occurs twice."
        },
        { """{"__metadata__":{},"__metadata__":{}}""", 0, "__metadata__ occurs twice." },
        { """{"__metadata__":[]}""", 0, "__metadata__ is an array, expected an object or null." },
        { """{"__metadata__":{"k":1}}""", 0, "__metadata__ 'k' is 1, expected a string." },
        { """{"__metadata__":{"k":"1","k":"2"}}""", 0, "__metadata__ has 'k' twice." },
        { $$$"""{"a":{"dtype":"U8","shape":[{{{string.Join(',', Enumerable.Repeat(1, 65))}}}],"data_offsets":[0,1]}}""", 1, "has more than 64 elements." },
        { "{\"a\":" + new string('[', 100_000), 0, "expected an object" },
    };

    public void Dispose() => File.Delete(_path);

    [Theory]
    [MemberData(nameof(MalformedHeaders))]
    public void Open_names_the_fault_of_a_malformed_file(string header, int dataLength, string expected)
    {
        var fault = OpenFault(SafeTensorsBytes.Create(header, dataLength));

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.StartsWith($"{_path}: ", fault.Message, StringComparison.Ordinal);
        Assert.Equal(_path, fault.FilePath);
    }

    [Theory]
    [InlineData("", "the file has 0 bytes, expected at least 8.")]
    [InlineData("00", "the file has 1 bytes, expected at least 8.")]
    [InlineData("0000000000000000", "the header does not start with '{'")]
    [InlineData("03000000000000007B7D", "the header length is 3, but only 2 bytes follow it: the file is truncated.")]
    [InlineData("01E1F505000000007B7D", "the header length is 100000001, expected at most 100000000 bytes.")]
    [InlineData("FFFFFFFFFFFFFFFF7B7D", "the header length is 18446744073709551615, expected at most 100000000 bytes.")]
    [InlineData("05000000000000007B22FF227D", "the header is not valid UTF-8.")]
    public void Open_names_the_fault_of_a_malformed_prefix(string bytes, string expected)
    {
        Assert.Contains(expected, OpenFault(Convert.FromHexString(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_may_be_null_as_Rusts_reader_takes_it()
    {
        File.WriteAllBytes(_path, SafeTensorsBytes.Create("""{"__metadata__":null,"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8));

        using var file = SafeTensorsFile.Open(_path);

        Assert.Empty(file.Metadata);
        Assert.Equal([2L], file.Tensors["a"].Shape);
    }

    [Fact]
    public void Messages_show_only_the_start_of_an_endless_name()
    {
        var fault = OpenFault(SafeTensorsBytes.Create($$"""{"{{new string('x', 1_000_000)}}\n":1}""", 0));

        Assert.InRange(fault.Message.Length, 200, 600);
    }

    [Fact]
    public void Open_of_a_missing_file_is_the_usual_exception()
    {
        Assert.Throws<FileNotFoundException>(() => SafeTensorsFile.Open(_path));
    }

    [Fact]
    public void Open_leaves_no_handle_behind_when_it_fails()
    {
        for (var i = 0; i < 50; i++)
        {
            OpenFault(SafeTensorsBytes.Create("[]", 0));
            using var exclusive = File.Open(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
    }

    [Fact]
    public void A_mutated_header_gives_tensors_inside_the_file_or_the_documented_exception()
    {
        var valid = Encoding.UTF8.GetBytes(
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":""" +
            """{"dtype":"BOOL","shape":[5],"data_offsets":[24,29]}}""");
        const int DataLength = 29;
        string[] pieces = ["\"", "{", "}", "[", "]", ",", ":", "0", "9", "-", ".", "e5", "\\u0041", "\\ud800", "é", "\0", "\"a\"", "[0,24]"];
        var change = Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Int[0, 3], Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]), Gen.Byte);

        var accepted = 0;
        Gen.Select(change.Array[1, 3], Gen.Int[0, valid.Length]).Sample(
            (changes, cut) =>
            {
                var json = valid.ToList();
                foreach (var (at, kind, text, value) in changes)
                {
                    var position = Math.Min(at, json.Count - 1);
                    if (kind == 0)
                        json[position] = value;
                    else if (kind == 1)
                        json.InsertRange(position, Encoding.UTF8.GetBytes(text));
                    else if (kind == 2 && json.Count > 1)
                        json.RemoveAt(position);
                    else
                        json[position] = (byte)text[0];
                }

                if (cut % 10 == 0)
                    json.RemoveRange(Math.Min(cut, json.Count), json.Count - Math.Min(cut, json.Count));
                try
                {
                    var fileLength = SafeTensorsHeader.PrefixLength + json.Count + DataLength;
                    var header = SafeTensorsHeader.Parse("file", json.ToArray(), fileLength);
                    Assert.Equal(DataLength, header.Tensors.Values.Sum(t => t.Length));
                    Assert.All(header.Tensors.Values, t => Assert.InRange(t.Offset + t.Length, t.Offset, fileLength));
                    Interlocked.Increment(ref accepted);
                }
                catch (WeightFileException)
                {
                    // Documented.
                }
            },
            iter: 20_000);
        Assert.InRange(accepted, 1, 19_999);
    }

    private WeightFileException OpenFault(byte[] file)
    {
        File.WriteAllBytes(_path, file);
        return Assert.Throws<WeightFileException>(() => SafeTensorsFile.Open(_path));
    }
}
