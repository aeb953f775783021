using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MiniMind.Training.Tests;

public class SftDatasetOptionsTests
{
    /// <summary>The keys are those that a section of appsettings.json has.</summary>
    [Fact]
    public void How_rows_are_read_is_bound_from_configuration()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data:Columns:Question"] = "ask",
            ["Data:Columns:Answer"] = "deepseek_attempt",
            ["Data:Columns:Reasoning"] = "",
            ["Data:Columns:Turns"] = "dialogue",
            ["Data:Columns:System"] = "persona",
            ["Data:Columns:Tools"] = "functions",
            ["Data:EmptyReplies"] = "Teach",
            ["Data:ConsecutiveTurns"] = "Merge",
            ["Data:MaxLength"] = "99",
            ["Data:PadTokenId"] = "3",
        }).Build();
        using var provider = new ServiceCollection().Configure<SftDatasetOptions>(settings.GetSection("Data")).BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<SftDatasetOptions>>().Value;

        Assert.Equal(
            new DatasetColumns { Question = "ask", Answer = "deepseek_attempt", Reasoning = "", Turns = "dialogue", System = "persona", Tools = "functions" },
            options.Columns);
        Assert.Equal((EmptyReplyPolicy.Teach, ConsecutiveTurnsPolicy.Merge, 99, 3), (options.EmptyReplies, options.ConsecutiveTurns, options.MaxLength, options.PadTokenId));
        options.Validate();
    }
}
