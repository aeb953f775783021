using ScottPlot;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>The colours of a picture.</summary>
internal sealed record PictureColors(string Page, string Text, string Grid, string Steps, string Mean, string HeldOut, string Accuracy, string Format)
{
    public static PictureColors Light { get; } = new("#ffffff", "#18202b", "#e4e8ee", "#1c68ad", "#b04a00", "#7a3fa8", "#13724a", "#8a6d00");

    public static PictureColors Dark { get; } = new("#11151b", "#e5e9ef", "#2a323e", "#6fb3f2", "#f5a55c", "#c79af0", "#62cc9c", "#e0c35a");

    public void Apply(Plot plot)
    {
        plot.FigureBackground.Color = plot.DataBackground.Color = new Color(Page);
        plot.Axes.Color(new Color(Text));
        plot.Grid.MajorLineColor = new Color(Grid);
        plot.Legend.BackgroundColor = new Color(Page).WithAlpha(0.85);
        plot.Legend.FontColor = new Color(Text);
        plot.Legend.OutlineColor = new Color(Grid);
        plot.Legend.ShadowColor = Colors.Transparent;
    }
}
