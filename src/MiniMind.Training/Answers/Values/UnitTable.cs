using System.Collections.Frozen;
using System.Globalization;

namespace MiniMind.Training;

/// <summary>The units and currencies that are known: their spellings, what they measure, how large they are.</summary>
internal static class UnitTable
{
    /// <summary>One line for each unit: the quantity's name, the size in it, the spellings. Single letters mean what they mean in this case only.</summary>
    private const string Lines = """
        length 1 m meter metre 米
        length 1000 km kilometer kilometre 公里 千米
        length 1/100 cm centimeter centimetre 厘米
        length 1/10 dm decimeter decimetre 分米
        length 1/1000 mm millimeter millimetre 毫米
        inch 1 inch inches 英寸
        inch 12 ft foot feet 英尺
        inch 36 yd yard
        inch 63360 mi mile 英里
        mass 1 g gram gramme 克
        mass 1000 kg kilogram kilo 千克 公斤
        mass 500 斤
        mass 1/1000 mg milligram 毫克
        ounce 1 oz ounce
        ounce 16 lb lbs pound 磅
        ton 1 ton tonne 吨
        time 1 s sec second 秒 秒钟
        time 60 min minute 分钟 分
        time 3600 h hr hour 小时 个小时 钟头
        time 86400 day 天
        time 604800 week 周 个星期 星期
        month 1 month 个月
        month 12 yr year 年
        volume 1 L l liter litre 升
        volume 1/1000 mL ml milliliter millilitre 毫升
        usd 1 $ dollar usd 美元 美金
        usd 1/100 cent ¢ 美分
        eur 1 € euro eur 欧元
        gbp 1 £ gbp 英镑
        cny 1 ¥ 元 块 块钱 人民币 rmb cny yuan
        cny 1/10 角
        jpy 1 yen jpy 日元
        inr 1 ₹ rupee rs inr
        krw 1 ₩ won krw
        rub 1 ₽ ruble rouble rub
        angle 1 ° degree deg 度
        radian 1 rad radian 弧度
        celsius 1 celsius 摄氏度
        fahrenheit 1 fahrenheit 华氏度
        kelvin 1 kelvin
        newton 1 N newton 牛 牛顿
        joule 1 J joule 焦耳
        joule 1000 kJ kilojoule
        watt 1 W watt 瓦
        watt 1000 kW kilowatt 千瓦
        volt 1 V volt 伏
        ampere 1 A ampere amp 安
        hertz 1 Hz hertz
        pascal 1 Pa pascal
        mole 1 mol mole 摩尔
        byte 1 byte
        """;

    private static readonly FrozenDictionary<string, (string Measure, Rational Size)> Units = Parse();

    /// <summary>Finds a unit by its spelling.</summary>
    /// <param name="word">As it is written.</param>
    /// <returns>What it measures and its size; none if it is unknown.</returns>
    public static (string Measure, Rational Size)? Find(string word)
    {
        if (Units.TryGetValue(word, out var unit))
            return unit;
        if (word.Length < 2)
            return null;
        var lower = word.ToLowerInvariant();
        return Units.TryGetValue(lower, out unit) || (lower.Length > 3 && lower[^1] == 's' && Units.TryGetValue(lower[..^1], out unit)) ? unit : null;
    }

    /// <summary>Whether a spelling is a currency, which may stand before its number.</summary>
    public static bool IsCurrency(string word) => Find(word) is { Measure: "usd" or "eur" or "gbp" or "cny" or "jpy" or "inr" or "krw" or "rub" };

    private static FrozenDictionary<string, (string, Rational)> Parse()
    {
        var units = new Dictionary<string, (string, Rational)>(StringComparer.Ordinal);
        foreach (var line in Lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var words = line.Split(' ');
            var size = words[1].Split('/');
            var value = new Rational(int.Parse(size[0], CultureInfo.InvariantCulture), size.Length > 1 ? int.Parse(size[1], CultureInfo.InvariantCulture) : 1);
            foreach (var name in words[2..])
                units[name] = (words[0], value);
        }

        return units.ToFrozenDictionary();
    }
}
