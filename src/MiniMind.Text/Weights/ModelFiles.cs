namespace MiniMind;

/// <summary>A model's weights and configuration on disk.</summary>
internal static class ModelFiles
{
    /// <summary>Weights and the configuration that was there with them: a model that is saved over another meanwhile is not mixed with it.</summary>
    public static (IWeightFile File, LMConfig Config) Open(string path, LMConfig? config)
    {
        config?.Validate();
        if (WeightFile.IsGguf(path))
        {
            var gguf = GgufFile.Open(path);
            return (gguf, config ?? gguf.Config);
        }

        for (var before = config ?? Read(); ; before = Read())
        {
            var file = FusedExperts.Apart(WeightFile.Open(path));
            try
            {
                if (config is not null || Read() == before)
                    return (file, before);
            }
            catch
            {
                file.Dispose();
                throw;
            }

            file.Dispose();
        }

        LMConfig Read()
        {
            var isFolder = Directory.Exists(path);
            try
            {
                return LMConfig.FromFile(Path.Combine(isFolder ? path : Path.GetDirectoryName(Path.GetFullPath(path))!, LMConfig.FileName));
            }
            catch (LMConfigException) when (!isFolder)
            {
                // If the file is none, or no weights, its folder's configuration is not what is wrong.
                WeightFile.Open(path).Dispose();
                throw;
            }
        }
    }

    /// <summary>Which of the file's tensors are which of the model's weights.</summary>
    /// <exception cref="WeightMismatchException">The weights are not those of the model; where it is not strict, none of them.</exception>
    public static WeightMatch Match(IWeightFile file, LMConfig config, bool strict)
    {
        var match = new WeightMatch(file, config);
        return match.Report.IsComplete || (!strict && match.Report.Loaded.Count > 0) ? match : throw new WeightMismatchException(file, match.Report);
    }
}
