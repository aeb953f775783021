namespace MiniMind.Training;

/// <summary>A device was asked for by name that this program or machine does not have.</summary>
public sealed class DeviceUnavailableException : MiniMindException
{
    internal DeviceUnavailableException(string device, string reason)
        : base($"device '{device}' is not available: {reason}.")
    {
        Device = device;
    }

    /// <summary>The name that was asked for.</summary>
    public string Device { get; }
}
