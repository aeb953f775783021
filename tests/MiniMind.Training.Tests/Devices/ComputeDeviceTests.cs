namespace MiniMind.Training.Tests.Devices;

/// <summary>Which GPU a rank takes.</summary>
public class ComputeDeviceTests
{
    [Theory]
    [InlineData("cuda", 0, 4, 0)]
    [InlineData("cuda", 3, 4, 3)]
    [InlineData("auto", 1, 2, 1)]
    [InlineData("cuda:2", 1, 4, 2)]
    [InlineData("cuda:0", 1, 1, 0)]
    public void Each_rank_of_a_machine_has_a_GPU_of_its_own_unless_one_is_named(string name, int localRank, int gpus, int expected) =>
        Assert.Equal(expected, ComputeDevice.GpuOf(name, localRank, gpus));

    [Theory]
    [InlineData("cuda", 2, 2, "this machine has 2 CUDA device(s), numbered from 0, and this is rank 2 of the machine, which takes number 2")]
    [InlineData("cuda:5", 0, 2, "this machine has 2 CUDA device(s), numbered from 0")]
    public void A_GPU_that_is_not_there_is_refused(string name, int localRank, int gpus, string message) =>
        Assert.Contains(message, Assert.Throws<DeviceUnavailableException>(() => ComputeDevice.GpuOf(name, localRank, gpus)).Message, StringComparison.Ordinal);
}
