/// A strip of a waveform as SVG.
enum WaveStrip {
    /// Points drawn at most: more than a screen shows in a strip.
    static let pointsMax = 1_200
    private static let width = 1_200.0
    private static let height = 120.0

    /// A strip with a name for screen readers.
    static func node(_ samples: [Double?], label: String, points: Int = Self.pointsMax) -> HTMLNode {
        HTMLTag.svg(
            HTMLAttribute("class", "wave"),
            HTMLAttribute("viewBox", "0 0 1200 120"),
            HTMLAttribute("preserveAspectRatio", "none"),
            HTMLAttribute("role", "img"),
            .aria(label)
        ) {
            HTMLTag.path(
                HTMLAttribute(
                    "d",
                    Sparkline.path(Self.thinned(samples, to: points), width: Self.width, height: Self.height)
                )
            )
        }
    }

    /// As many points as can be seen: the lowest and the highest of each group, so that no peak is lost.
    static func thinned(_ samples: [Double?], to points: Int = Self.pointsMax) -> [Double?] {
        guard samples.count > points else { return samples }
        let size = (samples.count + points / 2 - 1) / (points / 2)
        return stride(from: 0, to: samples.count, by: size).flatMap { start -> [Double?] in
            let group = samples[start..<min(start + size, samples.count)]
            let known = group.compactMap { $0 }
            guard let low = known.min(), let high = known.max(), known.count == group.count else { return [nil, nil] }
            let isRising = group.firstIndex { $0 == low } ?? 0 <= group.firstIndex { $0 == high } ?? 0
            return isRising ? [low, high] : [high, low]
        }
    }
}
