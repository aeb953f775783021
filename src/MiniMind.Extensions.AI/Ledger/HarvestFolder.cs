namespace MiniMind.Extensions.AI;

/// <summary>A harvest's folder in the hands of one run: its two ledgers, and a lock that ends with the process.</summary>
internal sealed class HarvestFolder : IDisposable
{
    private const string LockName = "harvest.lock";

    private readonly FileStream _lock;

    /// <exception cref="LedgerException">Another run has the folder, or a file in it cannot be opened.</exception>
    public HarvestFolder(string path)
    {
        FolderPath = path;
        Directory.CreateDirectory(path);
        _lock = Lock(Path.Combine(path, LockName));
        try
        {
            Attempts = new AttemptLedger(path);
            Verdicts = new VerdictLedger(path);
        }
        catch
        {
            Attempts?.Dispose();
            _lock.Dispose();
            throw;
        }
    }

    public string FolderPath { get; }

    public AttemptLedger Attempts { get; }

    public VerdictLedger Verdicts { get; }

    public string PathOf(string name) => Path.Combine(FolderPath, name);

    public void Dispose()
    {
        Attempts.Dispose();
        Verdicts.Dispose();
        _lock.Dispose();
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LedgerException(path, $"it cannot be locked ({e.Message.TrimEnd('.')}); expected a folder that no other run is harvesting into", e);
        }
    }
}
