// Writes a Parquet file, or the .parquet files of a folder in the order of their names, as JSONL, which SftDataset.Open reads:
//   dotnet run --project samples/PrepareParquet -- train-00000-of-00001.parquet train.jsonl
using MiniMind.Samples.PrepareParquet;

if (args.Length is not (2 or 4) || (args.Length == 4 && args[2] != "--columns"))
{
    Console.Error.WriteLine("usage: PrepareParquet INPUT OUTPUT.jsonl [--columns NAME,NAME]   INPUT is a Parquet file or a folder of them; only the named columns are written");
    return 2;
}

try
{
    var rows = await ParquetRows.WriteJsonlAsync(args[0], args[1], args.Length == 4 ? args[3].Split(',') : null);
    Console.WriteLine($"{rows} rows in {args[1]}");
    return 0;
}
catch (InvalidDataException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
