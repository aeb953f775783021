using CsCheck;

namespace MiniMind.Tests;

public sealed class StopStringFilterTests
{
    [Fact]
    public void However_text_is_cut_it_ends_before_the_stop_string_that_is_complete_first() =>
        Gen.Select(Gen.String["abc"], Gen.String[Gen.Char["abc"], 1, 4].Array[1, 3], Gen.Int[1, 4]).Sample((text, stops, size) =>
        {
            var filter = new StopStringFilter(stops);
            var actual = string.Concat(text.Chunk(size).Select(c => filter.Append(new string(c))).ToList());
            if (!filter.Stopped)
                actual += filter.Flush();

            var first = text.Length;
            for (var end = text.Length; end > 0; end--)
                foreach (var stop in stops.OrderBy(s => s.Length).Where(s => text.AsSpan(0, end).EndsWith(s)))
                    first = end - stop.Length;
            Assert.Equal(text[..first], actual);
            Assert.Equal(stops.Any(text.Contains), filter.Stopped);
        });
}
