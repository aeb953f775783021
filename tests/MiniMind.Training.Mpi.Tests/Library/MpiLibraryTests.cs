namespace MiniMind.Training.Mpi.Tests.Library;

public class MpiLibraryTests
{
    [Fact]
    public void A_named_library_that_is_not_there_is_named_in_the_message()
    {
        var fault = Assert.Throws<MpiException>(() => MpiLibrary.Load("libnothing.so.7", null));

        Assert.StartsWith("the MPI library \"libnothing.so.7\" that MpiOptions.Library or MINIMIND_MPI_LIBRARY names cannot be loaded", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_is_no_MPI_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the library is Linux's");

        Assert.Equal(
            "the library \"libc.so.6\" has no function MPI_Iallreduce; expected a library of MPI 3.0 or later",
            Assert.Throws<MpiException>(() => MpiLibrary.Load("libc.so.6", null)).Message);
    }

    [Theory]
    [InlineData(0, 3600, 1000, "MpiOptions.StallTimeout is 00:00:00; expected more than zero")]
    [InlineData(60, -1, 1000, "MpiOptions.BarrierTimeout is -00:00:01; expected more than zero")]
    [InlineData(60, 3600, 7, "MpiOptions.ChunkBytes is 7; expected 8 or more")]
    public void Wrong_options_are_refused_before_MPI_is_started(int stall, int barrier, int chunk, string message)
    {
        var options = new MpiOptions { StallTimeout = TimeSpan.FromSeconds(stall), BarrierTimeout = TimeSpan.FromSeconds(barrier), ChunkBytes = chunk };

        Assert.StartsWith(message, Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => MpiCollective.Start(options)).Message, StringComparison.Ordinal);
    }
}
