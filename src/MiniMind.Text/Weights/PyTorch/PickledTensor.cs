namespace MiniMind;

/// <summary>A view of a storage; all counts are in elements.</summary>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    public const int MostDimensions = 64;

    /// <summary>Whether the elements lie one behind the other.</summary>
    public bool IsContiguous
    {
        get
        {
            var expected = 1L;
            for (var d = Shape.Length - 1; d >= 0; d--)
            {
                if (Shape[d] != 1 && Strides[d] != expected)
                    return false;
                expected *= Shape[d];
            }

            return true;
        }
    }

    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Where an element, counted row by row, is in the storage.</summary>
    public long PlaceOf(long element)
    {
        var place = Offset;
        for (var d = Shape.Length - 1; d >= 0; d--)
        {
            place += element % Shape[d] * Strides[d];
            element /= Shape[d];
        }

        return place;
    }

    /// <summary>What is wrong with the view, or null.</summary>
    public static string? Fault(PickledStorage storage, long offset, long[] shape, long[] strides)
    {
        if (shape.Length != strides.Length)
            return $"it has {shape.Length} sizes and {strides.Length} strides, expected as many of each";
        if (offset < 0 || shape.Any(size => size < 0) || strides.Any(stride => stride < 0))
            return "it has a negative offset, size or stride";
        try
        {
            var (bytes, last) = ((long)sizeof(double), offset);
            for (var d = 0; d < shape.Length; d++)
            {
                // Zeros aside, because torch multiplies strides that way too.
                bytes = checked(bytes * Math.Max(shape[d], 1));
                last = checked(last + ((Math.Max(shape[d], 1) - 1) * strides[d]));
            }

            return last < storage.Count || shape.Contains(0) ? null : $"its shape [{string.Join(", ", shape)}] does not fit {storage.Count} stored elements";
        }
        catch (OverflowException)
        {
            return "its shape is larger than 64 bits can count";
        }
    }
}
