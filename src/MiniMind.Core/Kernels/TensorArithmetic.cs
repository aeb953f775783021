using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Arithmetic with numbers, and sums, which TorchSharp computes with a factor of one. TorchSharp hands native code the handle of such a number and
/// forgets the object, so that the garbage collector may free it before it is read: the operation then throws, or computes with whatever is there. Here the
/// number is held until the operation is over. A test demands that all code uses these.</summary>
internal static class TensorArithmetic
{
    private static readonly Scalar One = 1;

    /// <summary><c>a + b</c>.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, One);

    /// <summary><c>x + number</c>.</summary>
    public static Tensor Plus(this Tensor x, double number)
    {
        using Scalar held = number;
        return x.add(held, One);
    }

    /// <summary><c>x · number</c>.</summary>
    public static Tensor Times(this Tensor x, double number)
    {
        using Scalar held = number;
        return x.mul(held);
    }

    /// <summary><c>x / number</c>.</summary>
    public static Tensor DividedBy(this Tensor x, double number)
    {
        using Scalar held = number;
        return x.div(held);
    }

    /// <summary>The larger of each element and a number.</summary>
    public static Tensor AtLeast(this Tensor x, double number)
    {
        using Scalar held = number;
        return x.clamp_min(held);
    }

    /// <summary>Whether each element is a number, as true and false.</summary>
    public static Tensor IsEqualTo(this Tensor x, double number)
    {
        using Scalar held = number;
        return x.eq(held);
    }

    /// <summary>Adds to <paramref name="sum"/> in place.</summary>
    public static Tensor AddInPlace(this Tensor sum, Tensor term) => sum.add_(term, One);

    /// <summary>Adds one in place.</summary>
    public static Tensor IncrementInPlace(this Tensor x) => x.add_(One, One);

    /// <summary>Divides in place.</summary>
    public static Tensor DivideInPlace(this Tensor x, double number)
    {
        using Scalar held = number;
        return x.div_(held);
    }

    /// <summary>Makes all elements a number, in place.</summary>
    public static Tensor FillInPlace(this Tensor x, double number)
    {
        using Scalar held = number;
        return x.fill_(held);
    }
}
